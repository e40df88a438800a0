"""An answer made of quotations: passages under their documents' titles, safe to be shown. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from slackbot.llm.offline.passages import FENCE, is_fence, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slackbot.llm.offline.documents import Document
    from slackbot.llm.offline.passages import Passage
    from slackbot.llm.offline.selection import Selection

QUOTED = "I work without a language model here, so I quote what I found:"
OUTDATED = "_It says that it is outdated, and I found nothing newer._"

MAX_QUOTED = 1100
"""In characters, as are the next two."""
MAX_PASSAGE = 800
MIN_PASSAGE = 120

_CITATION_LIKE = re.compile(r"(`[^`]*`)|\[(\d[\d, ]*)\]")
_TICKS = re.compile(r"`{3,}")


def quotations(selection: Selection) -> Iterator[str]:
    """Return paragraphs that quote what is selected, or nothing if nothing is.

    Every document gets its share of the room; what one leaves is for those after it.
    """
    quoted: dict[Document, list[Passage]] = {}
    waiting = {passage.document for passage in selection.passages}
    left = MAX_QUOTED
    for passage in selection.passages:
        if left < MIN_PASSAGE:
            break
        room = left - MAX_QUOTED // 4 * len(waiting - {passage.document} - quoted.keys())
        text = shortened(passage.text, min(MAX_PASSAGE, room), selection.telling)
        quoted.setdefault(passage.document, []).append(replace(passage, text=text))
        left -= len(text)
    if quoted:
        yield QUOTED
    for document, passages in quoted.items():
        number = "" if document.number is None else f" [{document.number}]"
        yield f"**{quotable_line(document.title)}**{number}"
        if document == selection.outdated:
            yield OUTDATED
        yield from _quotation(sorted(passages, key=lambda passage: passage.position))


def _quotation(passages: Iterable[Passage]) -> Iterator[str]:
    """Return passages as they are, each section under its heading."""
    for headings, section in groupby(passages, key=lambda passage: passage.headings):
        if headings:
            yield f"_{quotable_line(headings[-1])}_"
        for passage in section:
            yield quotable(passage.text)


def quotable(text: str) -> str:
    """Return a quotation in which no code is left open and nothing looks like our citations."""
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        if is_fence(line):
            fenced = not fenced
            # Words behind a fence are read as code by some, and as text by others.
            lines.append(_without_citations(_TICKS.sub(FENCE, line)))
        else:
            without = _TICKS.sub("`", line)
            lines.append(without if fenced else _without_citations(without))
    return "\n".join((*lines, FENCE) if fenced else lines)


def quotable_line(text: str) -> str:
    """Return a title or heading in which nothing looks like code or like our citations."""
    return _without_citations(text.replace("`", ""))


def _without_citations(line: str) -> str:
    return _CITATION_LIKE.sub(lambda match: match[1] or f"({match[2]})", line)
