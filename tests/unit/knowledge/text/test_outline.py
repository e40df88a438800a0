"""Sections of a long page, and cutting it where it hurts least."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.growth import assert_linear, repeated
from slackbot.knowledge.text.outline import (
    MAX_HEADING,
    MAX_LISTED,
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


def test_time_grows_with_the_sections_and_no_faster() -> None:
    assert_linear(sections, repeated("# a\n## b\n"), 200_000)


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


def test_what_fits_is_shown_alone() -> None:
    assert part_of(PAGE, None, len(PAGE)) == Part(PAGE)
    assert part_of(PAGE, "Tools", 100) == Part("### Tools\n\nhammer")


def test_what_does_not_fit_begins_with_its_contents_and_says_how_to_read_the_rest() -> None:
    assert part_of(PAGE, None, 100) == snapshot(
        Part(
            text="""\
Sections: 1. Guide; 2. Before; 3. Tools; 4. Steps; 5. Steps.

intro

# Guide

## Before

be ready\
""",
            note="Shown are the first 35 of 119 characters; ask for a section to read more.",
        )
    )


def test_a_wish_for_a_section_that_there_is_not_is_answered_with_those_there_are() -> None:
    part = part_of(PAGE, "Nothing", 100)
    assert part.text == "Sections: 1. Guide; 2. Before; 3. Tools; 4. Steps; 5. Steps."
    assert "no such section" in part.note
    assert part_of("no headings", "Nothing", 100).text == "It has no sections."


def test_a_table_of_contents_is_of_bounded_length() -> None:
    text = contents("\n".join(f"# {'x' * 500}" for _ in range(70)))
    assert text.endswith("; and 10 more.")
    assert len(text) < MAX_LISTED * (MAX_HEADING + 10)


@given(st.lists(st.sampled_from(["# heading", "word " * 30, "```", "- item"]), max_size=60))
def test_no_part_is_much_longer_than_its_limit(lines: list[str]) -> None:
    part = part_of("\n".join(lines), None, 400)
    listed = len(contents("\n".join(lines)))
    assert len(part.text) <= max(400, 200 + listed) + len("\n\n\n```")
