"""Latency: what the bot adds to the time that model and tools take anyway, alone and under load.

    PYTHONPATH=tests .venv/bin/python benchmarks/latency.py [--at-once 1 20 200 1000] [--tiers]

So many mentions at once, by fifty people in ten channels, each of which takes the bot 1.88 s if it
adds nothing (see load.py, which plays the people, the model and the tools). The overhead is the
time from a mention to its final text in Slack, less that: what model and tools themselves are late
counts against the bot. The bot is its own process, and so is the load, whose event loop's lag is
told: no moment can be more exact than that. Every answer is checked. With `--tiers`, Slack refuses
what its rate limits do not allow, and the bot keeps them: what shows progress gives way then, and
whether a final text waits is told by the time from the model's last word to Slack.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from harness import bedrock_settings, bot_process, slack_settings
from load import IDEAL, SITE, Watch, model, said_at, tools, workspace
from localslack import SLACK_LIMITS, LocalSlack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from load import Mention
    from localslack.web_api import ApiCall

ROUNDS = {1: 30, 20: 5, 200: 2}
"""How often each load is put on; any other once."""

WARM_UP = 20
MOST_AT_ONCE = 256
WITHIN = 900.0
MEGABYTE = 2**20
REFUSED = "ratelimited"
PROGRESS = frozenset({"assistant.threads.setStatus", "chat.startStream", "chat.appendStream"})
MOMENTS = ("first sign", "first text", "final text", "end mark")


class Lag:
    """How much later than it asked for the event loop of the load woke a task."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._task = asyncio.create_task(self._measure())

    async def _measure(self) -> None:
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            self.seconds.append(time.perf_counter() - due)

    async def stop(self) -> None:
        """Measure no more."""
        self._task.cancel()
        await asyncio.wait([self._task])


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Return the megabytes of memory that a process holds now (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


async def put_on(watch: Watch, slack: LocalSlack, at_once: int, bot: int) -> None:
    """Put a load on, time and again, and report."""
    rounds = ROUNDS.get(at_once, 1)
    calls_before, cpu_before, own_before = len(slack.calls), cpu_seconds(bot), time.process_time()
    began, lag = time.perf_counter(), Lag()
    mentions: list[Mention] = []
    for _ in range(rounds):
        mentions += await watch.ask(at_once, within=WITHIN)
    took = time.perf_counter() - began
    await lag.stop()
    cpu, own = cpu_seconds(bot) - cpu_before, time.process_time() - own_before
    print(f"\n{at_once} at once, {rounds} times; milliseconds after the mention")
    print(f"{'':18}{'p50':>9}{'p99':>9}")
    row("ack", [mention.ack for mention in mentions])
    for moment in MOMENTS:
        row(moment, [mention.moments[moment] for mention in mentions])
    row("overhead", [mention.moments["final text"] - IDEAL for mention in mentions])
    row("said to shown", [shown_after(mention) for mention in mentions])
    row("lag of the load", lag.seconds)
    calls = list(slack.calls)[calls_before:]
    made = len(mentions)
    finals = [call for call in calls if "metadata" in call.arguments]
    progress = [call for call in calls if call.method in PROGRESS]
    print(f"{len(calls) / made:.1f} Slack calls an answer: {methods(calls, made)}")
    print(f"final texts by {methods(finals, made)}; progress by {methods(progress, made)}")
    print(f"refused by Slack's limits: {sum(call.outcome == REFUSED for call in calls)}")
    print(
        f"{cpu / made * 1000:.1f} ms of CPU an answer, {cpu / took:.0%} of a core; the load's own "
        f"{own / took:.0%}; {resident(bot):.0f} MB resident"
    )
    wrong = [fault for mention in mentions if (fault := watch.wrong(mention))]
    print(f"wrong: {len(wrong)} of {made}", *wrong[:5], sep="\n", flush=True)


def shown_after(mention: Mention) -> float:
    """Return the seconds from when the model had said all to when it stood in Slack."""
    return mention.asked_at + mention.moments["final text"] - said_at[mention.number]


def methods(calls: Sequence[ApiCall], answers: int) -> str:
    """Say how often each method was called for an answer, the most called first."""
    counts = Counter(call.method for call in calls)
    return ", ".join(f"{method} {count / answers:.1f}" for method, count in counts.most_common())


def row(name: str, seconds: Sequence[float]) -> None:
    """Print the median and the 99th percentile."""
    values = sorted(1000 * each for each in seconds)
    print(f"{name:18}{statistics.median(values):9.1f}{values[int(0.99 * len(values))]:9.1f}")


async def main(loads: Sequence[int], *, tiers: bool) -> None:
    """Start everything, warm up, and put on one load after the other."""
    people, app = workspace()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            LocalSlack(people, tiers=SLACK_LIMITS if tiers else None)
        )
        settings = {
            **slack_settings(slack, app),
            **bedrock_settings(await stack.enter_async_context(model())),
            **SITE,
            "CONFLUENCE_URL": await stack.enter_async_context(tools()),
            "CONFLUENCE_SPACES": "*",
            "MAX_CONCURRENT_RUNS": str(MOST_AT_ONCE),
        }
        bot = await stack.enter_async_context(bot_process(settings, keeps_limits=tiers))
        watch = Watch(slack)
        await slack.until(lambda: slack.connections, timeout=30)
        await watch.ask(1 if tiers else WARM_UP, within=WITHIN)
        for at_once in loads:
            await put_on(watch, slack, at_once, bot.pid)
        watch.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 20, 200, 1000])
    parser.add_argument("--tiers", action="store_true")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.at_once, tiers=chosen.tiers))
