"""All sources asked at once: `search_everywhere`, the terminal's search, the search-only answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from pydantic import BaseModel, Field

from slackbot.errors import SourceError
from slackbot.knowledge.base import Findings, SearchesForAsker, SearchesInParts
from slackbot.knowledge.found import found_note
from slackbot.messages import KnowledgeResult, ToolResult
from slackbot.resilience.deadline import time_limit
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slackbot.knowledge.base import KnowledgeSource
    from slackbot.tools import RunContext

_log = structlog.get_logger()

RANK_CONSTANT = 60
"""Damps the lead of first places (Cormack, Clarke and Büttcher: Reciprocal Rank Fusion, 2009)."""

MAX_RESULTS = 20
SHARE_OF_TIME = 0.9
"""How much of the time sources have. The rest is for handing over what those in time have found:
whoever waits for the tool waits no longer than the time in all."""


class SearchEverywhere(BaseModel):
    """The arguments of `search_everywhere`."""

    keywords: str = Field(
        min_length=1,
        max_length=256,
        description="Two to six words that a matching document contains, not a whole question.",
    )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the sources found together, best first.

    Next to it the names of those that did not answer, or that answered in part.
    """

    results: tuple[KnowledgeResult, ...]
    unavailable: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()


class KnowledgeAggregator:
    """Searches several sources side by side.

    `timeout` is in seconds, for a search in all; `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        sources: Sequence[KnowledgeSource],
        timeout: float = 15.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sources = tuple(sources)
        self._timeout = timeout
        self._clock = clock

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return what matches the keywords, best first; sources that fail are left out."""
        return list((await self.gather(query)).results)

    async def gather(self, query: str, context: RunContext | None = None) -> Gathered:
        """Return what matches the keywords, and which sources could not be asked.

        With a `context`, sources that tell askers apart search for the one who asks there, and the
        run's deadline holds, too.
        """
        patience = self._patience(context)
        answers = await asyncio.gather(
            *(self._ask(source, query, context, patience) for source in self._sources)
        )
        names = (source.source_name for source in self._sources)
        asked = list(zip(names, answers, strict=True))
        rankings = [answer.results for answer in answers if answer is not None]
        return Gathered(
            merge_by_rank(rankings)[:MAX_RESULTS],
            unavailable=tuple(name for name, answer in asked if answer is None),
            partial=tuple(name for name, answer in asked if answer and answer.is_partial),
        )

    def tool(self) -> TypedTool[SearchEverywhere]:
        """Return the tool `search_everywhere`."""
        names = ", ".join(source.source_name for source in self._sources)
        return TypedTool(
            "search_everywhere",
            f"Search all sources at once ({names}) when it is not clear which one has the answer.",
            SearchEverywhere,
            self._run,
            "searching everywhere",
        )

    async def _run(self, arguments: SearchEverywhere, context: RunContext) -> ToolResult:
        gathered = await self.gather(arguments.keywords, context)
        unavailable = f"Could not be asked: {', '.join(gathered.unavailable)}."
        if len(gathered.unavailable) == len(self._sources):
            return ToolResult(unavailable, is_error=True, unreached=gathered.unavailable)
        notes = [found_note(len(gathered.results))]
        if gathered.unavailable:
            notes.append(unavailable)
        if gathered.partial:
            notes.append(f"Could be asked in part only: {', '.join(gathered.partial)}.")
        unreached = gathered.unavailable + gathered.partial
        return ToolResult(" ".join(notes), gathered.results, unreached=unreached)

    def _patience(self, context: RunContext | None) -> float:
        left = self._timeout if context is None else context.deadline - self._clock()
        return SHARE_OF_TIME * max(0.0, min(self._timeout, left))

    async def _ask(
        self, source: KnowledgeSource, query: str, context: RunContext | None, patience: float
    ) -> Findings | None:
        name = source.source_name
        try:
            async with time_limit(patience):
                if context is not None and isinstance(source, SearchesForAsker):
                    return Findings(await source.search_for(query, context))
                if isinstance(source, SearchesInParts):
                    return await source.search_parts(query)
                return Findings(await source.search(query))
        except SourceError as error:
            _log.warning("source.failed", source=name, error=str(error))
        except TimeoutError:
            _log.warning("source.timed_out", source=name, timeout_s=round(patience, 2))
        except Exception:  # noqa: BLE001 - a fault in one source must not cost the others' answers
            _log.exception("source.crashed", source=name)
        return None


def merge_by_rank(rankings: Sequence[Sequence[KnowledgeResult]]) -> tuple[KnowledgeResult, ...]:
    """Merge rankings by reciprocal rank; the same URL counts once, with its ranks added up.

    A document's score is the sum of 1 / (60 + rank) over the rankings that it stands in, with the
    first rank 1. Equal scores keep the order of the rankings.
    """
    scores: dict[str, float] = {}
    documents: dict[str, KnowledgeResult] = {}
    for ranking in rankings:
        for rank, result in enumerate(ranking, start=1):
            documents.setdefault(result.url, result)
            scores[result.url] = scores.get(result.url, 0.0) + 1 / (RANK_CONSTANT + rank)
    best_first = sorted(documents, key=lambda url: -scores[url])
    return tuple(replace(documents[url], relevance_score=scores[url]) for url in best_first)
