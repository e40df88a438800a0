"""Dividing long answers into messages."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.split import MESSAGE_CHARACTERS, open_fence, split

LINEAR_SECONDS = 3.0
"""What is quadratic takes minutes; a busy machine that measures coverage needs one second."""

LINES = st.sampled_from(
    [
        "```\n",
        "```py\n",
        "\n",
        "a line\n",
        "another, longer line of words\n",
        "x" * 70 + "\n",
        "`code with blanks` and [a link](https://example.com/a_(b)) \n",
        "word ",
        "`x` ",
    ]
)
TEXTS = st.lists(LINES, max_size=40).map("".join)


def content(text: str) -> str:
    """What a text says apart from the fences, which may be closed and opened again."""
    return re.sub(r"^```.*$|\n", "", text, flags=re.MULTILINE)


def test_a_text_that_fits_is_one_part() -> None:
    assert split("short") == ["short"]
    assert split("x" * MESSAGE_CHARACTERS) == ["x" * MESSAGE_CHARACTERS]


def test_paragraphs_stay_together() -> None:
    assert split("one\n\n" + "two\n" * 9 + "\nthree\n" * 3, 60) == [
        "one\n\n" + "two\n" * 9 + "\nthree\n" * 2 + "\n",
        "three\n",
    ]


@pytest.mark.parametrize("letter", ["e\u0301", "👩‍👩‍👧", "👍🏽", "🇩🇪", "1️⃣", "❤️"])
def test_a_word_that_is_too_long_is_cut_between_letters(letter: str) -> None:
    parts = split("x" + letter * 40, 31, at_least=9)
    assert "".join(parts) == "x" + letter * 40
    assert all(part.removeprefix("x").replace(letter, "") == "" for part in parts)


def test_a_letter_that_is_longer_than_a_message_is_cut() -> None:
    endless = "e" + "\u0301" * 70
    assert "".join(split(endless, 31)) == endless


def test_lines_stay_together_where_paragraphs_are_too_long() -> None:
    assert split("one two\n" * 10, 60) == ["one two\n" * 7, "one two\n" * 3]


def test_words_stay_together_where_lines_are_too_long() -> None:
    assert split("one two " * 10, 60) == ["one two " * 7, "one two " * 3]


@pytest.mark.parametrize("whole", ["`code with blanks`", "[a link](https://example.com/a_(b))"])
def test_code_and_links_stay_whole(whole: str) -> None:
    first, second = split("x" * 40 + " " + whole + " end", 60)
    assert (first, second) == ("x" * 40 + " ", whole + " end")


def test_what_has_no_border_is_cut_at_the_limit() -> None:
    assert [len(part) for part in split("x" * 100, 60)] == [56, 44]


def test_a_fence_is_closed_and_opened_again() -> None:
    assert split("```py\n" + "code\n" * 12 + "```\n", 60) == [
        "```py\n" + "code\n" * 10 + "```",
        "```py\n" + "code\n" * 2 + "```\n",
    ]


def test_a_long_line_of_code_is_divided_within_the_fence() -> None:
    assert split("```\n" + "x" * 80 + "\n```", 60) == [
        "```\n" + "x" * 52 + "\n```",
        "```\n" + "x" * 28 + "\n```",
    ]


def test_the_first_part_keeps_what_was_shown() -> None:
    text = "one\n\ntwo three " + "word " * 30
    shown = "one\n\ntwo th"
    first, *_ = split(text, 60, at_least=len(shown))
    assert first.startswith(shown)
    assert first.endswith(" ")


@given(TEXTS, st.integers(60, 200), st.integers(0, 40))
def test_nothing_is_lost_and_every_part_stands_alone(text: str, limit: int, least: int) -> None:
    parts = split(text, limit, at_least=least)
    assert all(len(part) <= limit for part in parts)
    assert len(parts[0]) >= min(least, len(text))
    if "```" not in text:
        assert "".join(parts) == text
    assert "".join(map(content, parts)) == content(text)
    assert not any(open_fence(f"{part}\n") for part in parts[:-1])


@pytest.mark.parametrize("unit", ["[", "`", "[a](", "x ", "```\n", "\n"])
def test_hostile_text_costs_little(unit: str) -> None:
    began = time.process_time()
    split(unit * (100_000 // len(unit)))
    assert time.process_time() - began < LINEAR_SECONDS
