"""The protocol of every knowledge source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.messages import KnowledgeResult
    from slackbot.tools import RunContext, Tool


class KnowledgeSource(Protocol):
    """Somewhere that knowledge can be searched for and read."""

    @property
    def source_name(self) -> str:
        """The name that people know it by, such as "Confluence"."""
        ...

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return what matches the keywords, best first.

        Raises:
            SourceError: one of its subclasses, whatever went wrong.
        """
        ...

    def tools(self) -> Sequence[Tool]:
        """Return what a model may call: search and read."""
        ...

    async def check(self) -> None:
        """Ask for next to nothing, to see whether the source answers and takes the credentials.

        Raises:
            SourceError: it does not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found, best first; `is_partial` where a part of the source was not asked."""

    results: Sequence[KnowledgeResult]
    is_partial: bool = False


@runtime_checkable
class SearchesInParts(Protocol):
    """What a source has as well of which one part may fail while others answer."""

    async def search_parts(self, query: str) -> Findings:
        """Return what the parts that answered found.

        Raises:
            SourceError: no part could be asked.
        """
        ...


@runtime_checkable
class SearchesForAsker(Protocol):
    """What a source has as well if what may be found depends on who asks, and where."""

    async def search_for(self, query: str, context: RunContext) -> list[KnowledgeResult]:
        """Return what matches the keywords and may be shown there, best first.

        Raises:
            SourceError: one of its subclasses, whatever went wrong.
        """
        ...
