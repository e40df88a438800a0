"""Documents cut into passages, and passages cut to a length. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slackbot.llm.offline.documents import Document

FENCE = "```"
MAX_CODE = 700
"""In characters; longer code is cut at its blank lines."""

_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_FENCE_LINE = re.compile(r"\s*`{3,}[^`]*")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list, table or piece of code of a document, under its headings."""

    document: Document
    position: int
    headings: tuple[str, ...]
    text: str


def passages_of(document: Document) -> Iterator[Passage]:
    """Cut a document up.

    What ends in a colon or a question stays with what follows, and so does a list with gaps, or
    with a sentence that it ends.
    """
    headings: tuple[str, ...] = ()
    whole: list[tuple[tuple[str, ...], str]] = []
    for block in _blocks(document.content):
        if heading := _HEADING.fullmatch(block):
            headings = (*headings[: len(heading[1]) - 1], heading[2])
            continue
        if whole and whole[-1][0] == headings and _continues(whole[-1][1], block):
            whole[-1] = (headings, f"{whole[-1][1]}\n\n{block}")
        else:
            whole.append((headings, block))
    for position, (under, text) in enumerate(whole):
        yield Passage(document, position, under, text)


def _blocks(markdown: str) -> Iterator[str]:
    """Cut Markdown at blank lines and around headings, but never inside fenced code."""
    block: list[str] = []
    fenced = False
    for line in (*markdown.splitlines(), ""):
        heading = not fenced and _HEADING.fullmatch(line)
        if block and not fenced and (heading or not line.strip()):
            yield from _pieces(block)
            block = []
        if heading:
            yield line
        elif fenced or line.strip():
            block.append(line)
        fenced ^= is_fence(line)
    if block:  # a fence that nobody closed
        yield "\n".join(block)


def _pieces(block: Sequence[str]) -> Iterator[str]:
    """Cut code that is too long at its blank lines, each piece between fences of its own."""
    whole = "\n".join(block)
    opening, *code, closing = block if len(block) > 1 else (*block, "")
    if len(whole) <= MAX_CODE or not (is_fence(opening) and is_fence(closing)):
        yield whole
        return
    piece: list[str] = []
    for line, after in pairwise((*code, "")):
        piece.append(line)
        if not line.strip() and after[:1].strip() and len("\n".join(piece)) > MAX_CODE // 2:
            yield "\n".join((opening, *piece[:-1], closing))
            piece = []
    yield "\n".join((opening, *piece, closing))


def is_fence(line: str) -> bool:
    """Whether a line opens or closes fenced code."""
    return _FENCE_LINE.fullmatch(line) is not None


def _continues(before: str, block: str) -> bool:
    if before.endswith((":", "?")):
        return True
    in_list = _LIST_ITEM.match(before.rpartition("\n")[2]) or not before.endswith((".", "!", "…"))
    return bool(in_list and _LIST_ITEM.match(block))


def shortened(text: str, limit: int, telling: Callable[[str], float]) -> str:
    """Cut a passage to `limit` characters, so that its most telling line or sentence is in.

    Code is cut at its end only, and may be left open by it.
    """
    if len(text) <= limit:
        return text
    by_line = "\n" in text
    ends = [mark.end() for mark in (_LINE_END if by_line else _SENTENCE_END).finditer(text)]
    spans = list(pairwise((0, *ends, len(text))))
    start, stop = max(spans, key=lambda span: telling(text[slice(*span)]))
    if (by_line and stop <= limit) or FENCE in text:
        start = 0
    end = max((end for _, end in spans if start < end <= start + limit), default=0)
    if not end:  # not even one line or sentence fits
        end = text.rfind(" ", start + 1, start + limit) + 1 or start + limit
    cut = ("…\n" if by_line else "… ") if start else ""
    cut += text[start:end].rstrip()
    return cut + ("" if end == len(text) else "\n…" if by_line else " …")
