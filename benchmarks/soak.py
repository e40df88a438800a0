"""Soak: thousands of mentions in a storm, each of which must end exactly once.

    PYTHONPATH=tests .venv/bin/python benchmarks/soak.py [--mentions 10000] [--seed 1]

The real bot, over real sockets, meets everything that tests/faults/storm.py knows: Slack's refusals
and resets before and after their effect, lost sockets, twins and redeliveries, edits, deletions,
failing models and sources, restarts. After each batch each message must have ended once, and no
task, thread or file descriptor may be left. A schedule that breaks it is printed, and ends the run
with 1. Bots and workspaces share the process; what the bots hold of its memory is told in objects
of theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import structlog
from aiohttp import web_app

from faults.storm import play, schedule_by
from kit.leaks import held

if TYPE_CHECKING:
    from faults.storm import Outcome

MEGABYTE = 2**20
AT_ONCE = 4
"""How many workspaces, each with a bot, share the loop: a storm is mostly waiting."""


@dataclass(slots=True)
class Count:
    """What was done so far, since `began` (by the monotonic clock)."""

    began: float
    mentions: int = 0
    failed_calls: int = 0
    violations: int = 0

    def add(self, outcome: Outcome) -> None:
        """Add what came of a batch."""
        self.mentions += outcome.mentions
        self.failed_calls += outcome.failed_calls
        self.violations += len(outcome.wrong)

    def __str__(self) -> str:
        return (
            f"{self.mentions:6d} mentions, {self.failed_calls:6d} failed calls, "
            f"{self.violations} violations, {time.monotonic() - self.began:5.0f} s, "
            f"{resident():.0f} MB resident, {objects_of_bots()} objects of the bots'"
        )


def resident() -> float:
    """Return the megabytes of memory that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def objects_of_bots() -> int:
    """Return how many objects of the bot's classes there are; no bot is there between batches."""
    return sum(str(type(one).__module__).startswith("slackbot.") for one in gc.get_objects())


def forget_workspaces() -> None:
    """Let go of the workspaces that are over, with all calls and messages that they recorded.

    aiohttp keeps the last 1,024 handlers of applications with middlewares, and these hold the rest.
    """
    web_app._cached_build_middleware.cache_clear()
    gc.collect()


def soak(mentions: int, seed: int, actions: int) -> Count:
    """Play one schedule after the other until so many mentions were made."""
    chance = Random(seed)  # noqa: S311 - no secret
    count = Count(time.monotonic())
    while count.mentions < mentions:
        schedules = [schedule_by(chance, actions) for _ in range(AT_ONCE)]
        for schedule, outcome in zip(schedules, asyncio.run(play(*schedules)), strict=True):
            count.add(outcome)
            if outcome.wrong:
                print(*outcome.wrong, "in this schedule:", *schedule, sep="\n", flush=True)
        forget_workspaces()
        print(count, flush=True)
    return count


async def still_held() -> str:
    """Say what this process holds when all is over."""
    now = held()
    return (
        f"{sum(now.tasks.values()) - 1} tasks, {sum(now.threads.values())} threads, "
        f"{now.descriptors} file descriptors"
    )


def main() -> int:
    """Return 1 if a mention has not ended exactly once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mentions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--actions", type=int, default=200, help="at most, in each batch")
    wanted = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.disable()  # a fake whose client has gone says so at length
    before = asyncio.run(still_held())
    print(f"seed {wanted.seed}; held at the start: {before}", flush=True)
    count = soak(wanted.mentions, wanted.seed, wanted.actions)
    print(f"seed {wanted.seed}: {count}; held at the end: {asyncio.run(still_held())}")
    return 1 if count.violations else 0


if __name__ == "__main__":
    sys.exit(main())
