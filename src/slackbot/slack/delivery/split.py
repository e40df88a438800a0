"""Dividing rendered Markdown into messages that Slack takes; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_DELIMITER_ROW = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n")
_ROWS_OF_HEAD = 2
_LONGEST_HEAD = 3
"""A table's head is written again if it takes less than one part in so many of a message."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a part ends.

    `block` is what has to be written again for the next part to be read as the same block: the
    opening line of a fence, or the head of a table, its first row and the row of dashes below.
    """

    at: int
    block: str


@dataclass(frozen=True, slots=True)
class _LineEnd(_Cut):
    """The end of a line; `row` counts those of the table that it stands in, from 1 on."""

    row: int = 0
    is_blank: bool = False


def split(text: str, limit: int = MESSAGE_CHARACTERS, at_least: int = 0) -> list[str]:
    """Divide text into parts of at most `limit` characters, at paragraphs, else lines, else words.

    The first part has at least `at_least` characters, which must not exceed `limit`. A fence that
    is open where a part ends is closed there and opened again in the next one, and a table that
    goes on there begins with its head again; apart from that no character is lost or added.
    """
    parts: list[str] = []
    block = ""
    while len(block) + len(text) > limit:
        cut = _best_cut(text, block, limit, at_least)
        parts.append(_closed(block + text[: cut.at], cut.block))
        text, at_least = text[cut.at :], 0
        block = _again(cut.block, text) if len(cut.block) * _LONGEST_HEAD <= limit else ""
    return [*parts, block + text]


def rest_of(text: str, shown: int) -> str:
    """Return what follows the first `shown` characters, to be read in a message of its own."""
    last = _LineEnd(0, "")
    for line_end in _line_ends(text, ""):
        if line_end.at > shown:
            break
        last = line_end
    block = last.block if last.row != 1 else last.block[: last.block.index("\n") + 1]
    return _again(block, text[shown:]) + text[shown:]


def _closed(part: str, block: str) -> str:
    if not block.startswith(_FENCE):
        return part
    return part + (_FENCE if part.endswith("\n") else _CLOSING)


def _again(block: str, rest: str) -> str:
    """Return what is written again before `rest`: nothing where the table has come to its end."""
    return block if block.startswith(_FENCE) or "|" in rest.partition("\n")[0] else ""


def _line_ends(text: str, block: str) -> Iterator[_LineEnd]:
    """Walk through lines, the first of which is in `block`."""
    row = _ROWS_OF_HEAD if block and not block.startswith(_FENCE) else 0
    begins = 0
    while ends := text.find("\n", begins) + 1:
        line = text[begins:ends]
        if block.startswith(_FENCE):
            block = "" if line.startswith(_FENCE) else block
        elif line.startswith(_FENCE):
            block, row = line, 0
        elif "|" not in line:
            block, row = "", 0
        elif block:
            row += 1
        elif (dashes := _DELIMITER_ROW.match(text, ends)) and "|" in dashes[0]:
            block, row = line + dashes[0], 1
        yield _LineEnd(ends, block, row, is_blank=not line.strip())
        begins = ends


def _best_cut(text: str, block: str, limit: int, at_least: int) -> _Cut:
    """Prefer a paragraph's end in the second half of the room, then a line's, then a word's."""
    room = limit - len(block) - len(_CLOSING)
    paragraph = line_end = None
    last = _LineEnd(0, block)
    for one in _line_ends(text, block):
        if one.at > room:
            break
        last = one
        if one.at >= max(at_least, room // 2) and not 0 < one.row <= _ROWS_OF_HEAD:
            line_end = one
            if one.is_blank and not one.block:
                paragraph = one
    return paragraph or line_end or _Cut(_word_cut(text, last.at, room, at_least), last.block)


def _word_cut(text: str, start: int, room: int, at_least: int) -> int:
    """The last border of words, code and links within the room, else of letters, else its end."""
    for unit in (_ATOM, _LETTER):
        ends = (found.end() for found in unit.finditer(text, start))
        within = takewhile(lambda end: end <= room, ends)
        if borders := [end for end in within if end >= at_least]:
            return borders[-1]
    return room
