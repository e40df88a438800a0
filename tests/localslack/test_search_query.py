"""What a search text asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.search_query import Query, has_phrase, parse, stems

MARCH_2 = datetime(2026, 3, 2, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("Release train", Query(words=("releas", "train"))),
        ("train train", Query(words=("train",))),
        ('"hot fix" now', Query(words=("hot", "fix", "now"), phrases=(("hot", "fix"),))),
        ('""', Query()),
        ("train -friday", Query(words=("train",), excluded=frozenset({"friday"}))),
        ("in:#general in:<#C1> x", Query(words=("x",), channels=("general", "C1"))),
        ("from:@ana from:<@U1>", Query(authors=("ana", "U1"))),
        ("after:2026-03-01", Query(since=MARCH_2)),
        ("before:2026-03-02", Query(until=MARCH_2)),
        ("after:soon before:never", Query()),
        ("has:link", Query(words=("has", "link"))),
        ("in: x", Query(words=("in", "x"))),
    ],
)
def test_words_phrases_and_modifiers_are_told_apart(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    "forms",
    [
        ("plan", "plans", "planned", "planning"),
        ("charge", "charges", "charged", "charging"),
        ("roll", "rolls", "rolled", "rolling"),
        ("class", "classes"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({*stems(" ".join(forms))}) == 1


@pytest.mark.parametrize(
    ("text", "there"), [("a b c", True), ("b c", True), ("c b", False), ("b", False)]
)
def test_the_words_of_a_phrase_stand_side_by_side(text: str, there: bool) -> None:
    assert has_phrase(text.split(), ("b", "c")) is there


@given(st.text())
def test_every_text_is_a_query(text: str) -> None:
    assert parse(text).since <= parse(text).until or "after" in text
