"""The query that Slack is asked, and what is taken from its answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.search_query import parse
from slackbot.slack.history.channels import Channel
from slackbot.slack.history.search import (
    MAX_CHANNEL_FILTERS,
    Found,
    MessageSearch,
    RealTimeSearch,
    Wanted,
    query_text,
    search_words,
)
from slackbot.slack.permalinks import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.slack.gateway import SlackGateway

PAYMENTS = {"C1": Channel("C1", "payments", private=False)}
TRICKS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "in:#leads",
                "from:@sam",
                '"',
                "-",
                "OR",
                "<#C9>",
                "in:",
                "：",
                "\n",
                "“",
                "*",
                "is:dm",
            ]
        ),
        st.text(max_size=20),
    )
).map(" ".join)


@given(TRICKS)
def test_no_words_of_a_model_become_a_modifier(text: str) -> None:
    words = search_words(text)
    query = query_text(Wanted(words=words, channels=PAYMENTS))
    assert query == " ".join((*words, "in:<#C1>"))
    read = parse(query)
    assert read.channels == ("C1",)
    assert (read.phrases, read.excluded, read.authors) == ((), frozenset(), ())
    assert not re.search(r'[:"“”<>*-]', " ".join(words))


@given(st.text(max_size=40))
def test_no_name_of_an_author_becomes_anything_but_an_id(name: str) -> None:
    query = query_text(Wanted(words=("x",), channels={}, from_user=name))
    assert re.fullmatch(r"x(?: from:<@[UW][A-Z0-9]+>)?", query)


def test_the_query_names_channels_author_and_days_with_a_margin() -> None:
    wanted = Wanted(
        words=("double", "charge"),
        channels=PAYMENTS,
        from_user="<@U12>",
        after=date(2026, 3, 10),
        before=date(2026, 3, 12),
    )
    query = "double charge in:<#C1> from:<@U12> after:2026-03-08 before:2026-03-14"
    assert query_text(wanted) == query


def test_the_first_and_the_last_day_that_there_are_need_no_margin() -> None:
    wanted = Wanted(words=("x",), channels={}, after=date.min, before=date.max)
    assert query_text(wanted).endswith("after:0001-01-01 before:9999-12-31")


def test_where_there_are_many_channels_the_query_names_none() -> None:
    many = {f"C{n}": Channel(f"C{n}", f"c{n}", private=False) for n in range(MAX_CHANNEL_FILTERS)}
    assert query_text(Wanted(words=("x",), channels=many)).count("in:") == MAX_CHANNEL_FILTERS
    assert query_text(Wanted(words=("x",), channels={**many, **PAYMENTS, "C": many["C0"]})) == "x"


@dataclass
class Slack:
    """The two searches of the gateway, with answers that are given."""

    answers: Sequence[Mapping[str, object]] = field(default_factory=list)

    async def search_context(self, query: str, token: str) -> Sequence[Mapping[str, object]]:
        return self.answers

    async def search_messages(self, query: str) -> Sequence[Mapping[str, object]]:
        return self.answers


CONTEXT: dict[str, Any] = {
    "author_user_id": "U1", "channel_id": "C1", "message_ts": "1700000009.000200",
    "content": "hello", "permalink": "https://x.example/archives/C1/p1700000009000200",
}  # fmt: skip
MATCH: dict[str, Any] = {
    "user": "U1", "channel": {"id": "C1"}, "ts": "1700000009.000200", "text": "hello",
    "permalink": "https://x.example/archives/C1/p1700000009000200?thread_ts=1700000000.000100",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [Found(Place("C1", "1700000009.000200", "1700000009.000200"), "U1", "hello")]),
        ({"author_user_id": None, "permalink": 3},
         [Found(Place("C1", "1700000009.000200", "1700000009.000200"), "", "hello")]),
        ({"channel_id": None}, []),
        ({"message_ts": "soon"}, []),
        ({"content": ["odd"]}, []),
    ],
)  # fmt: skip
async def test_what_the_real_time_search_answers_is_read_with_care(
    changes: dict[str, object], found: list[Found]
) -> None:
    gateway = cast("SlackGateway", Slack([{**CONTEXT, **changes}]))
    assert await RealTimeSearch(gateway, "t").search(Wanted(words=(), channels={})) == found


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"channel": {"id": "C1", "is_private": False}}, 1),
        ({"channel": {"id": "C1", "is_private": True}}, 0),
        ({"channel": {"id": "C1", "is_im": True}}, 0),
        ({"channel": {"id": "C1", "is_mpim": True}}, 0),
        ({"channel": "C1"}, 0),
        ({"ts": None}, 0),
    ],
)
async def test_what_search_messages_answers_is_read_with_care(
    changes: dict[str, object], count: int
) -> None:
    gateway = cast("SlackGateway", Slack([{**MATCH, **changes}]))
    found = await MessageSearch(gateway).search(Wanted(words=(), channels={}))
    place = Place("C1", "1700000009.000200", "1700000000.000100")
    assert found == [Found(place, "U1", "hello")] * count
