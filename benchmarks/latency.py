"""Latency: what the bot adds to the time that model and tools take anyway.

    PYTHONPATH=tests .venv/bin/python benchmarks/latency.py [--mentions 30]

One mention at a time. The model (Bedrock's real wire format, on loopback) takes 300 ms to the first
token and streams 60 chunks at 20 ms; it is called twice, and calls two tools that take 100 ms each,
at once. The bot is its own process. The ideal path is what the model and the slower tool really
took, as their servers saw it; the overhead is the time from the mention to the final text in Slack,
less that. Milliseconds; the goal is a median overhead of at most 30 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from harness import (
    CHANNEL,
    bedrock_settings,
    bot_process,
    slack_settings,
    workspace,
)
from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import Round, ScriptedCall
from localslack import LocalSlack
from localslack.changes import MessageChanged, MessagePosted, ReactionAdded, TextStreamed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from kit.scripted_model import Request
    from localslack.changes import Change

FIRST_TOKEN = 0.3
CHUNK_EVERY = 0.02
CHUNKS = 60
TOOL_SECONDS = 0.1
WARM_UP = 3

SEARCHES = tuple(
    ScriptedCall("search_confluence", f'{{"keywords": "{word}"}}', f"call-{word}")
    for word in ("rollback", "payments")
)
ANSWER = tuple(f"word{number} " for number in range(CHUNKS))


def script(request: Request) -> Round:
    """Call two tools, then answer in sixty chunks."""
    last = request["messages"][-1]["content"]
    if any("toolResult" in block for block in last):
        return Round(text=ANSWER, first_piece_after=FIRST_TOKEN, piece_every=CHUNK_EVERY)
    return Round(tool_calls=SEARCHES, first_piece_after=FIRST_TOKEN)


@dataclass
class Spans:
    """When something was busy, from when to when, in seconds."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    async def during(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do the work and note when it was done."""
        began = time.perf_counter()
        try:
            return await work()
        finally:
            self.spans.append((began, time.perf_counter()))

    def covered_since(self, since: float) -> float:
        """Return the seconds that any of the spans cover from `since` on."""
        covered, end = 0.0, since
        for start, stop in sorted(span for span in self.spans if span[0] >= since):
            covered += max(0.0, stop - max(start, end))
            end = max(end, stop)
        return covered


@dataclass
class Watch:
    """When a mention got its first sign, its first text, its last text and its end mark."""

    signs: dict[str, float] = field(default_factory=dict)

    def __call__(self, change: Change) -> None:
        """Note the moment of a change."""
        now = time.perf_counter()
        match change:
            case ReactionAdded(name="eyes"):
                self.signs.setdefault("first sign", now)
            case MessagePosted(message) if message.bot_id and message.body:
                self.signs.setdefault("first text", now)
                self.signs["final text"] = now
            case TextStreamed() | MessageChanged():
                self.signs.setdefault("first text", now)
                self.signs["final text"] = now
            case ReactionAdded(name="white_check_mark" | "x"):
                self.signs["end mark"] = now


async def tool_server(busy: Spans) -> tuple[web.AppRunner, str]:
    """Start a Confluence that finds nothing, in 100 ms."""

    @web.middleware
    async def slow(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def answer() -> web.StreamResponse:
            await asyncio.sleep(TOOL_SECONDS)
            return await handler(request)

        response: web.StreamResponse = await busy.during(answer)
        return response

    async def search(_: web.Request) -> web.Response:
        return web.json_response({"results": [], "start": 0, "limit": 10, "size": 0, "_links": {}})

    app = web.Application(middlewares=[slow])
    app.router.add_get("/wiki/rest/api/search", search)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


class TimedBedrock(FakeBedrock):
    """The fake model, which notes when it was busy."""

    def __init__(self, busy: Spans) -> None:
        super().__init__(script)
        self._busy = busy

    async def _converse_stream(self, request: web.Request) -> web.StreamResponse:
        stream = super()._converse_stream
        response: web.StreamResponse = await self._busy.during(lambda: stream(request))
        return response


async def one_mention(slack: LocalSlack, busy: Spans) -> dict[str, float]:
    """Ask once; return each moment in seconds after the mention, the ideal, and the overhead."""
    watch = Watch()
    stop = slack.workspace.listen(watch)
    calls_before = len(slack.calls)
    asked = time.perf_counter()
    slack.say("ana", CHANNEL, "@slackbot how do we roll back payments?")
    await slack.until(lambda: "end mark" in watch.signs, timeout=30)
    stop()
    ideal = busy.covered_since(asked)
    moments = {name: moment - asked for name, moment in watch.signs.items()}
    return {
        **moments,
        "ideal path": ideal,
        "overhead": moments["final text"] - ideal,
        "Slack calls": (len(slack.calls) - calls_before) / 1000,
    }


async def main(mentions: int) -> None:
    """Ask again and again, each time in a new thread, and print medians and 99th percentiles."""
    busy = Spans()
    tools, site = await tool_server(busy)
    people, app = workspace()
    async with TimedBedrock(busy) as bedrock, LocalSlack(people) as slack:
        settings = {
            **slack_settings(slack, app),
            **bedrock_settings(bedrock.url),
            "CONFLUENCE_URL": site,
            "CONFLUENCE_EMAIL": "bot@example.com",
            "CONFLUENCE_API_TOKEN": "not-a-secret",
            "CONFLUENCE_SPACES": "*",
        }
        async with bot_process(settings):
            await slack.until(lambda: slack.connections, timeout=30)
            runs = [await one_mention(slack, busy) for _ in range(mentions + WARM_UP)][WARM_UP:]
    await tools.cleanup()
    print(f"{mentions} mentions, one at a time, after {WARM_UP} to warm up")
    print(f"{'':14}{'p50':>9}{'p99':>9}")
    for name in (
        "first sign", "first text", "final text", "end mark", "ideal path", "overhead",
    ):  # fmt: skip
        values = sorted(run[name] * 1000 for run in runs)
        print(f"{name:14}{statistics.median(values):9.1f}{values[int(0.99 * len(values))]:9.1f} ms")
    calls = [run["Slack calls"] * 1000 for run in runs]
    print(f"{'Slack calls':14}{statistics.median(calls):9.0f}{max(calls):9.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mentions", type=int, default=30)
    asyncio.run(main(parser.parse_args().mentions))
