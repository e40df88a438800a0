"""A knowledge source in this process, and what it finds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slackbot.tools import RunContext, ToolSpec

RUNBOOK = KnowledgeResult(
    title="Roll back payments",
    content="Run `payctl rollback` and tell #payments.",
    url="https://acme.example/wiki/pages/1",
    source="Confluence",
    relevance_score=1.0,
    container="PAY",
    read_more=ReadMore("read_page", {"page_id": "1"}),
)
REVIEW = KnowledgeResult(
    title="Incident review",
    content="The roll back took nine minutes.",
    url="https://acme.example/wiki/pages/2",
    source="Confluence",
    relevance_score=0.5,
)


class Keywords(BaseModel):
    """The argument of every search tool here."""

    keywords: str


def search_tool(
    *found: KnowledgeResult, name: str = "search_docs", error: Exception | None = None
) -> TypedTool[Keywords]:
    """A search that finds the same whatever the keywords, or fails."""

    async def search(arguments: Keywords, context: RunContext) -> ToolResult:
        if error is not None:
            raise error
        return ToolResult(f"Found {len(found)} for {arguments.keywords}.", found)

    return TypedTool(name, "Search the documents.", Keywords, search, "searching the documents")


@dataclass(frozen=True, slots=True)
class HangingTool:
    """A tool that never ends."""

    spec: ToolSpec

    async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
        await asyncio.Event().wait()
        raise AssertionError("never reached")
