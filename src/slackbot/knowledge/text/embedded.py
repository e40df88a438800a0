"""Markdown that somebody wrote, made fit to stand inside a document of ours. Pure.

Who writes a comment could otherwise write the rest of the document, too: begin sections that look
like ours, put words into others' mouths, leave code open, or hide orders in an HTML comment, which
people do not see where they read it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.fences import fence_after

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 6

_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|\Z)")
_COMMENT, _COMMENT_END = "<!--", "-->"


def embedded(markdown: str, level: int) -> str:
    """Return the text with its headings beneath those of `level`, and its code closed.

    HTML comments are gone, but for those in fenced code.
    """
    text = strip_invisible(markdown.replace("\r\n", "\n"))
    lines = list(_without_comments(text))
    levels = [len(found[1]) for line, in_code in lines if (found := _heading(line, in_code))]
    deeper = "#" * max(level + 1 - min(levels, default=DEEPEST), 0)
    fence, written = "", list[str]()
    for line, in_code in lines:
        found = _heading(line, in_code)
        hashes = (found[1] + deeper)[:DEEPEST] if found else ""
        written.append(f"{hashes}{line[found.end() :]}" if found else line)
        fence = fence_after(line, fence)
    return "\n".join([*written, fence] if fence else written).strip("\n")


def _heading(line: str, in_code: bool) -> re.Match[str] | None:
    return None if in_code else _HEADING.match(line)


def _without_comments(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines without what is commented out, and whether each is part of a code block.

    A comment that nobody closed hides the rest if it begins a line, and is plain text else.
    """
    last_end = text.rfind(_COMMENT_END)
    fence, hidden, at = "", False, 0
    for line in text.split("\n"):
        shown = line
        if hidden or not fence:
            shown, hidden = _visible(line, hidden, may_span=at + line.rfind(_COMMENT) < last_end)
        at += len(line) + 1
        if shown or shown == line:
            before, fence = fence, fence_after(shown, fence)
            yield shown, bool(before or fence)


def _visible(line: str, hidden: bool, *, may_span: bool) -> tuple[str, bool]:
    """Return what is seen of a line, and whether a comment goes on behind it."""
    parts: list[str] = []
    at = 0
    while True:
        mark = _COMMENT_END if hidden else _COMMENT
        found = line.find(mark, at)
        if found < 0:
            return "".join(parts) + ("" if hidden else line[at:]), hidden
        if not hidden:
            ends = line.find(_COMMENT_END, found) >= 0 or may_span
            if not ends and line[:found].strip():
                return "".join(parts) + line[at:], False
            parts.append(line[at:found])
        hidden = not hidden
        at = found + len(mark)
