"""Dividing long answers into messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.slack.delivery.split import MESSAGE_CHARACTERS, rest_of, split

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
HEAD = "| a | b |\n|---|:-:|\n"
ROWS = st.integers(0, 30).map(lambda count: "".join(f"| {row} | x |\n" for row in range(count)))
TABLES = st.tuples(
    st.sampled_from(["", "Words first.\n", "\n"]), ROWS, st.sampled_from(["", "\nEnd"])
)


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
    assert all(len(re.findall("^```", part, re.MULTILINE)) % 2 == 0 for part in parts[:-1])


def test_a_table_goes_on_with_its_head() -> None:
    rows = [f"| {number} | x |\n" for number in range(8)]
    assert split(HEAD + "".join(rows), 60) == [
        HEAD + "".join(rows[:3]), HEAD + "".join(rows[3:6]), HEAD + "".join(rows[6:]),
    ]  # fmt: skip


def test_a_table_is_not_parted_from_its_head() -> None:
    words = "word " * 7 + "\n"
    assert split(words + HEAD + "| 1 | x |\n", 60) == [words, HEAD + "| 1 | x |\n"]


@given(TABLES, st.integers(60, 120))
def test_every_part_of_a_table_has_its_head(pieces: tuple[str, str, str], limit: int) -> None:
    before, rows, after = pieces
    parts = split(before + HEAD + rows + after, limit)
    assert "".join(part.replace(HEAD, "") for part in parts) == before + rows + after
    for part in parts:
        lines = [line for line in part.splitlines(keepends=True) if "|" in line]
        assert "".join(lines[:2]) in ("", HEAD)
        assert not rows or any("x" in line for line in lines) or not lines


def test_a_head_that_fills_messages_is_not_written_again() -> None:
    head = f"| {'a' * 30} |\n|---|\n"
    assert split(head + "| 1 |\n" * 9, 60)[1].startswith("| 1 |")


@pytest.mark.parametrize("line", ["a | b\nc | d\n", "a | b\n\n", "a\n---\n"])
def test_what_only_looks_like_a_table_is_none(line: str) -> None:
    text = line * 20
    assert "".join(split(text, 60)) == text


@pytest.mark.parametrize(
    ("text", "shown", "rest"),
    [
        ("one two", "one ", "two"),
        ("```py\none\ntwo\n```", "```py\none\n", "```py\ntwo\n```"),
        ("```py\none\n```\ntwo", "```py\none\n```\n", "two"),
        (f"{HEAD}| 1 | x |\n| 2 | x |\n", f"{HEAD}| 1 | x |\n", f"{HEAD}| 2 | x |\n"),
        (f"{HEAD}| 1 | x |\n", "| a | b |\n", f"{HEAD}| 1 | x |\n"),
        (f"{HEAD}| 1 | x |\n", HEAD, f"{HEAD}| 1 | x |\n"),
        (f"{HEAD}| 1 | x |\n\nEnd", f"{HEAD}| 1 | x |\n", "\nEnd"),
    ],
)
def test_what_follows_can_be_read_by_itself(text: str, shown: str, rest: str) -> None:
    assert rest_of(text, len(shown)) == rest


@pytest.mark.parametrize(
    "unit", ["[", "`", "[a](", "x ", "```\n", "\n", "|", "|\n", "| a |\n|---|\n", "-|"]
)
def test_hostile_text_costs_little(unit: str) -> None:
    assert_linear(lambda text: split(text, 500), repeated(unit), 60_000)  # many messages
    assert_linear(lambda text: split(text, len(text) // 4), repeated(unit), 60_000)  # long ones
