"""Sections of a long page, and cutting it where it hurts least."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.knowledge.text.outline import (
    Part,
    contents,
    find_section,
    part_of,
    sections,
    shorten,
)

PAGE = """intro

# Guide

## Before

be ready

```bash
# no heading
```

### Tools

hammer

## Steps

1. go

# Steps

other steps"""


def text_of(wanted: str) -> str | None:
    section = find_section(PAGE, wanted)
    return PAGE[section.start : section.end].strip() if section else None


def test_sections_hold_their_subsections() -> None:
    assert [(found.number, found.level, found.title) for found in sections(PAGE)] == [
        (1, 1, "Guide"), (2, 2, "Before"), (3, 3, "Tools"), (4, 2, "Steps"), (5, 1, "Steps"),
    ]  # fmt: skip
    assert (text_of("guide") or "").endswith("1. go")
    assert (text_of("Before") or "").endswith("hammer")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("tools", "### Tools\n\nhammer"),
        ("### Tools", "### Tools\n\nhammer"),
        ("3", "### Tools\n\nhammer"),
        ("3. Tools", "### Tools\n\nhammer"),
        ("Steps", "## Steps\n\n1. go"),
        ("5", "# Steps\n\nother steps"),
        ("no heading", None),
        ("9", None),
        ("", None),
    ],
)
def test_a_section_is_found_by_title_or_number(wanted: str, text: str | None) -> None:
    assert text_of(wanted) == text


@given(st.lists(st.sampled_from(["# a", "## b", "###### c", "text", "```", "> ```", ""])))
def test_sections_lie_inside_each_other_or_apart(lines: list[str]) -> None:
    markdown = "\n".join(lines)
    found = sections(markdown)
    assert [section.number for section in found] == list(range(1, len(found) + 1))
    for section in found:
        assert markdown[section.start] == "#"
        assert section.start < section.end <= len(markdown)
        for other in found:
            assert not section.start < other.start < section.end < other.end


def test_many_sections_are_quick() -> None:
    started = time.perf_counter()
    sections("# a\n## b\n" * 50_000)
    assert time.perf_counter() - started < 2


def test_short_text_stays_as_it_is() -> None:
    assert shorten("abc", 3) == "abc"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("para one\n\npara two\n\npara three", "para one\n\npara two"),
        ("line one\nline two\nline three", "line one\nline two"),
        ("many words in one line here", "many words in one"),
        ("a" * 40, "a" * 20),
        ("```py\naaa\nbbb\nccc\nddd\neee", "```py\naaa\nbbb\nccc\n```"),
        ("```\naaa\n```\n\nb b b b b b b b b", "```\naaa\n```"),
    ],
)
def test_long_text_ends_at_a_boundary(text: str, short: str) -> None:
    assert shorten(text, 20) == short


def test_a_part_says_how_to_read_the_rest() -> None:
    assert part_of(PAGE, "Tools", 100) == Part("### Tools\n\nhammer")
    assert part_of(PAGE, "Nothing", 100) is None
    part = part_of(PAGE, None, 30)
    assert part is not None
    assert len(part.text) <= 30
    assert f"of {len(PAGE)} characters" in part.note
    assert part.note.endswith("Sections: 1. Guide; 2. Before; 3. Tools; 4. Steps; 5. Steps.")
    assert contents("no headings") == "It has no sections."
