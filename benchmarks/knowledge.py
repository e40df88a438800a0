"""Knowledge: how long a search of all sources takes, a conversion, and what a result costs a model.

    .venv/bin/python benchmarks/knowledge.py [--runs 30]

The sample company's four sources, in a process of their own, each 100 ms away: to the first search
they answer themselves, and 100 ms after each later request the same is said again, so that what is
measured is the bot. Milliseconds; the goal is at most 130 at the median. Conversions of 74 KB:
medians; the goal is at most 100. Tokens are characters / 4; the goal is at most 1,500 for ten hits.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from localslack import LocalSlack, Workspace
from localslack.action_tokens import action_token
from slackbot.agent.results import written
from slackbot.config import demo_settings
from slackbot.demo.company.discussions import OPEN_ROOMS
from slackbot.demo.history import seed
from slackbot.demo.sites import serve_sites
from slackbot.knowledge import KnowledgeAggregator
from slackbot.knowledge.text.adf import adf_to_markdown
from slackbot.knowledge.text.storage import storage_to_markdown
from slackbot.ops.metrics import Metrics
from slackbot.plug_ins import SlackSide, open_slack_history, tools_of
from slackbot.plug_ins.sources import load_sources
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.people import SlackPeople
from slackbot.tools import RunContext
from storage_format import page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from slackbot.knowledge import KnowledgeSource
    from slackbot.messages import ToolResult

LATENCY = 0.1
KEYWORDS = "payments"
CHARACTERS_PER_TOKEN = 4
SEARCHES: Mapping[str, Mapping[str, object]] = {
    "search_confluence": {"keywords": KEYWORDS},
    "search_jira": {"keywords": KEYWORDS},
    "search_github_issues": {"keywords": KEYWORDS, "kind": "both"},
    "search_github_code": {"keywords": "def"},
    "search_slack": {"keywords": KEYWORDS},
    "search_everywhere": {"keywords": KEYWORDS},
}


class FarAway:
    """A server 100 ms away, which says again what another one said to the same request."""

    def __init__(self, origin: str, http: aiohttp.ClientSession) -> None:
        self._origin = origin
        self._http = http
        self._said: dict[tuple[str, bytes], web.Response] = {}

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer as the origin did, when the time has come."""
        due = time.perf_counter() + LATENCY
        key = request.path_qs, await request.read()
        if key not in self._said:
            self._said[key] = await self._ask(request, key[1])
        said = self._said[key]
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return web.Response(body=said.body, status=said.status, headers=said.headers)

    async def _ask(self, request: web.BaseRequest, body: bytes) -> web.Response:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name in ("Authorization", "Accept", "Content-Type", "X-GitHub-Api-Version")
        }
        url = self._origin + request.path_qs
        async with self._http.request(request.method, url, data=body, headers=headers) as answer:
            kept = {"Content-Type": answer.headers["Content-Type"]}
            return web.Response(body=await answer.read(), status=answer.status, headers=kept)


@asynccontextmanager
async def far_away(address: str) -> AsyncIterator[str]:
    """Put a site 100 ms away; yield the address by which it is found there."""
    parts = address.split("/", 3)
    origin, path = "/".join(parts[:3]), "/".join(["", *parts[3:]])
    async with aiohttp.ClientSession(auto_decompress=True) as http:
        site = FarAway(origin, http)
        runner = web.ServerRunner(web.Server(site.handle), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
        finally:
            await runner.cleanup()


async def serve() -> None:
    """Serve the company's sources until the input ends; print what a bot needs to find them."""
    workspace = Workspace("Parcelwick")
    app = workspace.add_app("slackbot")
    seed(workspace, "slackbot")
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(serve_sites())
        slack = await stack.enter_async_context(LocalSlack(workspace))
        settings |= {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "SLACK_HISTORY_CHANNELS": ",".join(OPEN_ROOMS),
        }
        for name in ("CONFLUENCE_URL", "JIRA_URL", "GITHUB_API_URL", "SLACK_API_URL"):
            settings[name] = await stack.enter_async_context(far_away(settings[name]))
        asked = slack.say("ana", "general", "@slackbot what about payments?")
        context = {
            "run_id": "benchmark",
            "team": workspace.team_id,
            "channel": workspace.channel("general").id,
            "thread_ts": asked,
            "asker": workspace.user("ana").id,
            "deadline": time.time() + 600,
            "action_token": action_token(workspace.message("general", asked), app),
        }
        print(json.dumps([settings, context]), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def four_sources() -> AsyncIterator[tuple[list[KnowledgeSource], RunContext]]:
    """Open the sources, and yield them with somebody who asks."""
    async with AsyncExitStack() as stack:
        served = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert served.stdin is not None
        assert served.stdout is not None
        stack.push_async_callback(served.wait)
        stack.callback(served.stdin.close)
        settings, context = json.loads(await served.stdout.readline())
        read = demo_settings(settings, {}, None)
        sources: list[KnowledgeSource] = []
        for loaded in load_sources(read):
            stack.push_async_callback(loaded.close)
            sources.append(loaded.source)
        client = await stack.enter_async_context(
            web_client(settings["SLACK_BOT_TOKEN"], read.slack_api_url)
        )
        gateway = SlackGateway(client)
        side = SlackSide(gateway, await gateway.auth_test(), SlackPeople(gateway))
        sources += await open_slack_history(read, side, Metrics(), stack)
        yield sources, RunContext(**context)


async def searching(runs: int) -> None:
    """Measure searches of one source and of all of them, and what their results cost."""
    async with four_sources() as (sources, context):
        for asked in (*([source] for source in sources), sources):
            began = time.process_time()
            took = await timed(KnowledgeAggregator(asked), context, runs)
            busy = (time.process_time() - began) / (runs + 1) * 1000
            name = asked[0].source_name if len(asked) == 1 else "all four"
            print(f"{name:<24} {statistics.median(took):.0f} ms, {busy:.0f} of them busy")
        print()
        for tool in tools_of(sources, 20):
            if arguments := SEARCHES.get(tool.spec.name):
                report_cost(tool.spec.name, await tool.run(arguments, context))
        schemas = [
            f"{tool.spec.name}{tool.spec.description}{json.dumps(tool.spec.input_schema)}"
            for tool in tools_of(sources, 20)
        ]
        tokens = sum(map(len, schemas)) / CHARACTERS_PER_TOKEN
        print(f"{f'{len(schemas)} tools described':<24} {tokens:.0f} tokens")


async def timed(aggregator: KnowledgeAggregator, context: RunContext, runs: int) -> Sequence[float]:
    """Return the milliseconds of each search, after one that teaches the servers."""
    await aggregator.gather(KEYWORDS, context)
    took: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        await aggregator.gather(KEYWORDS, context)
        took.append((time.perf_counter() - began) * 1000)
    return took


def report_cost(name: str, result: ToolResult) -> None:
    """Print what a model pays for a result."""
    count = len(result.found)
    shown = written(result, range(1, count + 1), datetime.now(UTC))
    tokens = len(shown) / CHARACTERS_PER_TOKEN
    each = f" ({tokens / count:.0f} each)" if count else ""
    print(f"{name:<24} {count} hits, {tokens:.0f} tokens{each}")


def converting(runs: int) -> None:
    """Measure 74 KB of a page, and of an issue's description."""
    storage = page()
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "Some words. " * 20}]}
    count = len(storage) // len(json.dumps(paragraph))
    document = {"type": "doc", "version": 1, "content": [paragraph] * count}
    conversions: Mapping[str, Callable[[], str]] = {
        "storage format": partial(storage_to_markdown, storage),
        "ADF": partial(adf_to_markdown, document),
    }
    for name, convert in conversions.items():
        took: list[float] = []
        for _ in range(runs):
            began = time.perf_counter()
            convert()
            took.append((time.perf_counter() - began) * 1000)
        print(f"{f'74 KB of {name}':<24} {statistics.median(took):.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        asyncio.run(serve())
    else:
        asyncio.run(searching(chosen.runs))
        print()
        converting(chosen.runs)
