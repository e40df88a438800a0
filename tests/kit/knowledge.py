"""What the tests of knowledge sources share: sources that are none, and ways to drive real ones."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web
from hypothesis import strategies as st
from pydantic import BaseModel

from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import Timeouts
from slackbot.resilience.retry import Retrier
from slackbot.tools import RunContext, TypedTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from slackbot.knowledge import KnowledgeSource
    from slackbot.tools import ToolSpec

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Held = TypeVar("Held")

CANARY = "canary-heron-4471"
"""What stands in each closed document of the sample company, and nowhere else."""

CONTEXT = RunContext(
    run_id="r", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=time.time() + 3600
)
IMPATIENT = Timeouts(connect=1, read=0.5, total=3)

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


async def _no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


def retrying_at_once() -> Retrier:
    """Try again as often as ever, without the waits."""
    return Retrier(sleep=_no_wait)


async def run_tool(source: KnowledgeSource, name: str, **arguments: object) -> ToolResult:
    """Call one of a source's tools as a model does."""
    tools = {tool.spec.name: tool for tool in source.tools()}
    return await tools[name].run(arguments, CONTEXT)


@contextmanager
def on_a_loop(opened: AbstractAsyncContextManager[Held]) -> Iterator[tuple[asyncio.Runner, Held]]:
    """Keep servers and sources for all examples of a property, each of which is a plain function.

    What was opened has to be used on the loop of this runner.
    """
    with asyncio.Runner() as runner:
        held = runner.run(opened.__aenter__())
        try:
            yield runner, held
        finally:
            runner.run(opened.__aexit__(None, None, None))


def answer(status: int, body: object = None, **headers: str) -> Handler:
    """Return a handler that gives every request the same JSON."""

    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    return handler


async def hang(_request: web.Request) -> web.StreamResponse:
    """Take a request and never answer."""
    await asyncio.Event().wait()
    raise AssertionError("never reached")


HOSTILE_CHARACTERS = "\"\\()[]{}~*?:^+-&|!,=<>;'/# \t\n\x00\x7f\u200b\u202eaZx09é١ſİ日\U0001f600"


def hostile_batches(
    *injections: str, characters: str = HOSTILE_CHARACTERS
) -> st.SearchStrategy[list[str]]:
    """Return batches of 50 strings that a hostile model may write where words are asked for.

    By turns: characters that mean something to a query language; an attempt to break out of a
    string of it; such an attempt among such characters. A string alone costs Hypothesis as much as
    ten in a batch.
    """

    def batch(texts: Sequence[str]) -> list[str]:
        attempts = [injections[index % len(injections)] for index in range(len(texts))]
        return [
            (text, attempt + text, text + attempt + text[::-1])[index % 3]
            for index, (text, attempt) in enumerate(zip(texts, attempts, strict=True))
        ]

    return st.lists(st.text(characters, max_size=40), min_size=50, max_size=50).map(batch)
