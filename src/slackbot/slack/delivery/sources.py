"""The list of sources beneath an answer, in Markdown; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slackbot.messages import KnowledgeResult

TITLE_CHARACTERS = 150

_MARKS = str.maketrans({"[": "(", "]": ")", "`": "'"})
_LINE_BREAK = "  \n"  # two blanks: Markdown joins lines that are broken without them


def list_sources(sources: Sequence[KnowledgeResult]) -> str:
    """Return a paragraph with a numbered line for each source, or nothing for none."""
    lines = [_line(number, source) for number, source in enumerate(sources, 1)]
    return f"\n\n**Sources**{_LINE_BREAK}{_LINE_BREAK.join(lines)}" if lines else ""


def _line(number: int, source: KnowledgeResult) -> str:
    place = " › ".join(_plain(name) for name in (source.source, source.container) if name)
    parts = [f"[{number}] [{_plain(source.title) or source.url}]({source.url})", place]
    if source.updated_at:
        parts.append(f"updated {_day(source.updated_at)}")
    return " · ".join(part for part in parts if part)


def _plain(text: str) -> str:
    """One line without the marks that would end a link's label."""
    line = re.sub(r"\s+", " ", text.translate(_MARKS)).strip().rstrip("\\")
    return line if len(line) <= TITLE_CHARACTERS else f"{line[:TITLE_CHARACTERS].rstrip()}…"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
