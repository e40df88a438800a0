"""The sections of a Markdown text: what there is, one of them, and as much as fits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slackbot.knowledge.text.fences import fence_after

MAX_LISTED = 60
MAX_HEADING = 80

_HEADING = re.compile(r"(#{1,6}) (.+)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, subsections included. Offsets are in characters."""

    number: int
    level: int
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """As much of a document as fits, and what to tell a reader who wants the rest.

    The text is the document's, headings in its table of contents included; the note is ours.
    """

    text: str
    note: str = ""


def part_of(markdown: str, wanted: str | None, limit: int) -> Part:
    """Return the section wanted, or the whole, up to a limit in characters.

    What does not fit begins with the table of contents. So does the answer to a wish for a section
    that there is not, and there it is all.
    """
    text = markdown
    if wanted is not None:
        section = find_section(markdown, wanted)
        if section is None:
            return Part(contents(markdown), "There is no such section; these are those there are.")
        text = markdown[section.start : section.end].rstrip()
    if len(text) <= limit:
        return Part(text)
    first = contents(markdown)
    shown = shorten(text, max(limit - len(first), limit // 2))
    note = f"Shown are the first {len(shown)} of {len(text)} characters"
    return Part(f"{first}\n\n{shown}", f"{note}; ask for a section to read more.")


def contents(markdown: str) -> str:
    """Return the table of contents, as far as it is worth reading."""
    found = sections(markdown)
    if not found:
        return "It has no sections."
    listed = [f"{one.number}. {one.title[:MAX_HEADING]}" for one in found[:MAX_LISTED]]
    more = f"; and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    return f"Sections: {'; '.join(listed)}{more}."


def sections(markdown: str) -> tuple[Section, ...]:
    """Return the sections in order, numbered from 1. Lines inside code fences are no headings."""
    headings = _headings(markdown)
    ends = [len(markdown)] * 7  # where the section at hand ends, by its level
    found: list[Section] = []
    for number, (level, title, start) in reversed(list(enumerate(headings, start=1))):
        found.append(Section(number, level, title, start, ends[level]))
        ends[level:] = [start] * (7 - level)
    return tuple(reversed(found))


def find_section(markdown: str, wanted: str) -> Section | None:
    """Return the section of that title (in any case), or of that number, or nothing."""
    found = sections(markdown)
    name = wanted.strip().lstrip("#").strip().casefold()
    for section in found:
        if name in (section.title.casefold(), f"{section.number}. {section.title}".casefold()):
            return section
    return next((section for section in found if str(section.number) == name), None)


def shorten(markdown: str, limit: int) -> str:
    """Return the text up to the limit, ended at a paragraph, line or word, code fence closed."""
    if len(markdown) <= limit:
        return markdown
    text = markdown[:limit]
    for boundary in ("\n\n", "\n", " "):
        if (at := text.rfind(boundary)) > limit // 2:
            text = text[:at]
            break
    text, fence = text.rstrip(), ""
    for line in text.split("\n"):
        fence = fence_after(line, fence)
    return f"{text}\n{fence}" if fence else text


def _headings(markdown: str) -> list[tuple[int, str, int]]:
    """Return level, title and offset of each heading."""
    headings: list[tuple[int, str, int]] = []
    offset, fence = 0, ""
    for line in markdown.split("\n"):
        fence = fence_after(line, fence)
        if not fence and (heading := _HEADING.fullmatch(line)):
            headings.append((len(heading[1]), heading[2].strip(), offset))
        offset += len(line) + 1
    return headings
