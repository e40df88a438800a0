"""Dividing rendered Markdown into messages that Slack takes; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

MESSAGE_CHARACTERS = 12_000
"""What one message's `markdown_text` may hold (Slack's reference of chat.postMessage)."""

_FENCE = "```"
_CLOSING = f"\n{_FENCE}"
# Code spans and links stay whole: half of one would be read as something else.
_ATOM = re.compile(
    r"(?P<ticks>(?<!`)`++)[^\n]*?(?<!`)(?P=ticks)(?!`)"
    r"|\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\((?:[^\s()]|\([^\s()]*\))*\)"
    r"|\s|[^\s`\[]+|."
)
# What people see as one letter, roughly: a flag, or a character and all that joins on to it.
_LETTER = re.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}"
    r"|[\s\S](?:[\u0300-\u036f\u20d0-\u20f0\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    r"|\u200d[\s\S])*"
)
_LINE = re.compile(r"[^\n]*\n")


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a part ends, and the opening line of the fence that is open there."""

    at: int
    fence: str


def split(text: str, limit: int = MESSAGE_CHARACTERS, at_least: int = 0) -> list[str]:
    """Divide text into parts of at most `limit` characters, at paragraphs, else lines, else words.

    The first part has at least `at_least` characters, which must not exceed `limit`. A fence that
    is open where a part ends is closed there and opened again in the next one; apart from that no
    character is lost or added.
    """
    parts: list[str] = []
    opening = ""
    while len(opening) + len(text) > limit:
        cut = _best_cut(text, opening, limit - len(opening) - len(_CLOSING), at_least)
        parts.append(_closed(opening + text[: cut.at], cut.fence))
        text, opening, at_least = text[cut.at :], cut.fence, 0
    return [*parts, opening + text]


def _closed(part: str, fence: str) -> str:
    if not fence:
        return part
    return part + (_FENCE if part.endswith("\n") else _CLOSING)


def open_fence(text: str) -> str:
    """Return the opening line of the fence that is open at the end of `text`, empty if none is."""
    fence = ""
    for line in _LINE.findall(text):
        fence = _fence_after(line, fence)
    return fence


def _fence_after(line: str, fence: str) -> str:
    if not line.startswith(_FENCE):
        return fence
    return "" if fence else line


def _best_cut(text: str, opening: str, room: int, at_least: int) -> _Cut:
    """Prefer a paragraph's end in the second half of the room, then a line's, then a word's."""
    paragraph = line_end = None
    fence, at = opening, 0
    for line in _LINE.findall(text[:room]):
        fence = _fence_after(line, fence)
        at += len(line)
        if at >= max(at_least, room // 2):
            line_end = _Cut(at, fence)
            if not fence and not line.strip():
                paragraph = line_end
    return paragraph or line_end or _Cut(_word_cut(text, at, room, at_least), fence)


def _word_cut(text: str, start: int, room: int, at_least: int) -> int:
    """The last border of words, code and links within the room, else of letters, else its end."""
    for unit in (_ATOM, _LETTER):
        ends = (found.end() for found in unit.finditer(text, start))
        within = takewhile(lambda end: end <= room, ends)
        if borders := [end for end in within if end >= at_least]:
            return borders[-1]
    return room
