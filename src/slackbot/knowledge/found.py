"""What a search found, told alike by every source: each result's score, and a note for a model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slackbot.messages import KnowledgeResult

NOTHING_FOUND: Final = "Nothing found; other words may match."


def scored_by_rank(results: Iterable[KnowledgeResult]) -> list[KnowledgeResult]:
    """Return the results, which come best first, with 1, 1/2, 1/3 and so on as their scores."""
    return [replace(one, relevance_score=1 / rank) for rank, one in enumerate(results, start=1)]


def found_note(count: int, nothing: str = NOTHING_FOUND) -> str:
    """Return how many were found, or what to say where nothing was."""
    return f"{count} found." if count else nothing
