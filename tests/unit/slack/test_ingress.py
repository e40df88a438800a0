"""Slack's message text as a model reads it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.slack.ingress import MAX_CHARACTERS, live_links, plain_text


@pytest.mark.parametrize(
    ("mrkdwn", "plain"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        (
            "<https://example.com/a?x=1&amp;y=2|the docs>",
            "the docs (https://example.com/a?x=1&y=2)",
        ),
        ("<https://example.com>", "https://example.com"),
        ("<http://example.com|example.com>", "http://example.com"),
        ("<https://example.com|https://example.com>", "https://example.com"),
        ("<mailto:ann@example.com|ann@example.com>", "ann@example.com"),
        ("<https://example.com|R&amp;D>", "R&D (https://example.com)"),
        ("in <#C012AB3CD|general>", "in #general"),
        ("in <#C012AB3CD>", "in #C012AB3CD"),
        ("<!here> <!channel> <!everyone|everyone>", "@here @channel @everyone"),
        ("<!subteam^S012|@oncall> <!subteam^S012>", "@oncall @S012"),
        ("<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"),
        ("ask <@U012AB3CD> or <@W9|ann>", "ask <@U012AB3CD> or <@W9>"),
        ("x < y | z > w", "x < y | z > w"),
        ("  spaces \n", "spaces"),
        ("cafe\u0301", "café"),
        ("in\u200bvis\x1b[31mible", "invisible"),
        ("", ""),
    ],
)
def test_markup_is_read_as_people_see_it(mrkdwn: str, plain: str) -> None:
    assert plain_text(mrkdwn) == plain


def test_a_long_message_is_cut_with_a_note() -> None:
    text = plain_text("x" * 40_000)
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("[cut here: the message is longer than 12,000 characters]")


def test_a_message_of_the_limit_is_whole() -> None:
    assert plain_text("x" * MAX_CHARACTERS) == "x" * MAX_CHARACTERS


@given(st.text())
def test_the_result_is_bounded_and_normalised(text: str) -> None:
    plain = plain_text(text)
    assert len(plain) <= MAX_CHARACTERS
    assert unicodedata.is_normalized("NFC", plain)


@pytest.mark.parametrize(
    "unit", ["<", "<a|", "&lt;", "<@U", "\x1b[", " ", "|>", "\u200d", "😀\u200d"]
)
def test_hostile_input_costs_little(unit: str) -> None:
    assert_linear(plain_text, repeated(unit), 100_000)


def test_only_labelled_links_outside_code_count_as_live() -> None:
    text = (
        "<https://a.example/1?x=1&amp;y=2|1> `<https://b.example|b>` "
        "```\n<https://c.example|c>\n``` <http://d.example|d.example> <https://e.example> "
        "<#C1|f> <@U1> <mailto:g@h.example|mail> &lt;"
    )
    assert live_links(text) == {"https://a.example/1?x=1&y=2"}
