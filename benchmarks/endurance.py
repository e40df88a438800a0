"""Endurance: 100,000 mentions through one process, and what that process holds afterwards.

    PYTHONPATH=tests .venv/bin/python benchmarks/endurance.py [--mentions 100000]

A hundred mentions at a time, each in a thread of its own, by fifty people; every fifth makes the
model search first. Model and tools answer at once, and rate limits are off, so that it does not
take a day. The bot is its own process and tells of itself by /metrics. It is warm when its caches
are full (threads, messages taken, connections). Every answer is checked. Ends with 1 if one is
wrong, if the resident memory is more than 10 % above warm, or if there are more tasks or file
descriptors than then.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp

from harness import bedrock_settings, bot_process, slack_settings
from kit.loopback import free_port
from kit.metrics import samples_in
from kit.scripted_model import Round, ScriptedCall
from load import SITE, Watch, answer, model, number_in, tools, workspace
from localslack import LocalSlack
from slackbot.resilience.http.streaming import KEEP_ALIVE_SECONDS

if TYPE_CHECKING:
    from kit.scripted_model import Request

AT_ONCE = 100
WARM = 25_000
TOLD_EVERY = 5_000
SEARCHES_EVERY = 5
IDLE_SECONDS = 2 * KEEP_ALIVE_SECONDS + 5.0
"""Longer than connections are kept that nobody uses: aiohttp looks for them once in that time."""

WITHIN = 120.0
MORE_MEMORY = 1.1
MEGABYTE = 2**20

RESIDENT, TASKS, DESCRIPTORS = (
    "process_resident_memory_bytes", "slackbot_tasks", "process_open_fds",
)  # fmt: skip


def hasty(request: Request) -> Round:
    """Answer at once; every fifth time after a search."""
    number = number_in(request)
    searched = "toolResult" in str(request["messages"])
    if number % SEARCHES_EVERY or searched:
        return Round(text=["".join(answer(number))])
    return Round(tool_calls=[ScriptedCall("search_confluence", f'{{"keywords": "pay {number}"}}')])


class Metrics:
    """What the bot tells of itself."""

    def __init__(self, http: aiohttp.ClientSession, port: int) -> None:
        self._http = http
        self._url = f"http://127.0.0.1:{port}/metrics"

    async def read(self) -> dict[str, float]:
        """Return the figures by their names."""
        async with self._http.get(self._url, raise_for_status=True) as response:
            return samples_in(await response.text())

    async def at_rest(self) -> dict[str, float]:
        """Return the same once the bot has had nothing to do for a while."""
        await asyncio.sleep(IDLE_SECONDS)
        return await self.read()


async def put_through(watch: Watch, mentions: int, metrics: Metrics) -> int:
    """Make so many mentions, and tell how far it is; return how many went wrong."""
    began, made, wrong = time.monotonic(), 0, 0
    while made < mentions:
        asked = await watch.ask(AT_ONCE, within=WITHIN)
        faults = [fault for mention in asked if (fault := watch.wrong(mention))]
        print(*faults, sep="\n", end="\n" if faults else "")
        made, wrong = made + len(asked), wrong + len(faults)
        if made % TOLD_EVERY == 0:
            megabytes = (await metrics.read())[RESIDENT] / MEGABYTE
            rate = made / (time.monotonic() - began)
            print(f"{made:7d} mentions, {rate:4.0f}/s, {megabytes:.0f} MB resident", flush=True)
    return wrong


def told(when: str, held: dict[str, float]) -> str:
    """Say what the bot holds."""
    return (
        f"{when}: {held[RESIDENT] / MEGABYTE:.0f} MB resident, {held[TASKS]:.0f} tasks, "
        f"{held[DESCRIPTORS]:.0f} file descriptors"
    )


async def main(mentions: int) -> int:
    """Return 1 if something is wrong."""
    people, app = workspace()
    port = free_port()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack(people))
        settings = {
            **slack_settings(slack, app),
            **bedrock_settings(await stack.enter_async_context(model(hasty))),
            **SITE,
            "CONFLUENCE_URL": await stack.enter_async_context(tools()),
            "CONFLUENCE_SPACES": "*",
            "HTTP_PORT": str(port),
        }
        await stack.enter_async_context(bot_process(settings))
        metrics = Metrics(await stack.enter_async_context(aiohttp.ClientSession()), port)
        watch = Watch(slack)
        await slack.until(lambda: slack.connections, timeout=30)
        await put_through(watch, AT_ONCE, metrics)
        print(told("after the first hundred", await metrics.read()), flush=True)
        warming = min(WARM, mentions // 2)
        wrong = await put_through(watch, warming, metrics)
        warm = await metrics.at_rest()
        print(told("warm", warm), flush=True)
        wrong += await put_through(watch, mentions - warming, metrics)
        end = await metrics.at_rest()
        watch.stop()
    print(told("in the end", end))
    print(f"{mentions} mentions, {wrong} wrong; {end[RESIDENT] / warm[RESIDENT]:.1%} of warm")
    kept = [name for name in (TASKS, DESCRIPTORS) if end[name] > warm[name]]
    for name in kept:
        print(f"more than when it was warm: {name}")
    return 1 if wrong or kept or end[RESIDENT] > MORE_MEMORY * warm[RESIDENT] else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mentions", type=int, default=100_000)
    sys.exit(asyncio.run(main(parser.parse_args().mentions)))
