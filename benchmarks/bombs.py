"""Bombs: what hostile documents cost, in time and memory, and how long the event loop stands still.

    PYTHONPATH=tests .venv/bin/python benchmarks/bombs.py [--runs 3]

Each is as large as is read of a document at most, and is converted in a thread beside the loop, as
the sources do. The time and the stall are the least of the runs, as the machine has other work too;
the memory is measured in a run of its own, which it slows down.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import tracemalloc
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kit.bombs import ISSUES, SOUP, WELL_FORMED
from slackbot.knowledge.text import adf, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Conversion = Callable[[], str]

GOAL_MS = 1_000
GOAL_MIB = 64
GOAL_STALL_MS = 200
TICK = 0.001


@dataclass(frozen=True, slots=True)
class Cost:
    """What a conversion took: milliseconds, MiB, and milliseconds without a turn of the loop."""

    took: float
    peak: float
    stall: float

    def __str__(self) -> str:
        return f"{self.took:7.0f} ms {self.peak:6.1f} MiB {self.stall:7.0f} ms"


class Ticker:
    """Turns the loop every millisecond; `longest` is the longest time between two turns."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Tick until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK)
            now = time.perf_counter()
            self.longest = max(self.longest, now - last)
            last = now


async def timed(convert: Conversion) -> tuple[float, float]:
    """Return the seconds that a conversion takes, and the longest stall meanwhile."""
    ticker = Ticker()
    ticking = asyncio.create_task(ticker.run())
    await asyncio.sleep(TICK)
    began = time.perf_counter()
    await asyncio.to_thread(convert)
    took = time.perf_counter() - began
    await asyncio.sleep(TICK)
    ticking.cancel()
    return took, ticker.longest


def peak_of(convert: Conversion) -> int:
    """Return the bytes that a conversion holds at its peak."""
    tracemalloc.start()
    convert()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


async def cost_of(convert: Conversion, runs: int) -> Cost:
    """Measure a conversion."""
    measured = [await timed(convert) for _ in range(runs)]
    took, stall = (min(values) * 1000 for values in zip(*measured, strict=True))
    return Cost(took, peak_of(convert) / 2**20, stall)


def conversions() -> Iterator[tuple[str, Conversion]]:
    """Give the bombs, one after another: each needs memory, too."""
    for kind, pages in (("page", WELL_FORMED), ("soup", SOUP)):
        for name, page in pages.items():
            bomb = page(storage.MAX_CHARACTERS)
            yield f"{kind}: {name}", partial(storage.storage_to_markdown, bomb)
    for name, issue in ISSUES.items():
        yield f"issue: {name}", partial(adf.adf_to_markdown, issue(3 * adf.MAX_CHARACTERS))


async def main(runs: int) -> None:
    """Measure each bomb, and print what it costs, and the worst of each figure."""
    costs: list[Cost] = []
    print(f"{'':32}{'time':>10} {'peak':>10} {'stall':>10}")
    for name, convert in conversions():
        costs.append(await cost_of(convert, runs))
        print(f"{name:32}{costs[-1]}")
    worst = Cost(
        max(cost.took for cost in costs),
        max(cost.peak for cost in costs),
        max(cost.stall for cost in costs),
    )
    print(f"{'the worst':32}{worst}")
    print(f"{'goal, at most':32}{Cost(GOAL_MS, GOAL_MIB, GOAL_STALL_MS)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    asyncio.run(main(parser.parse_args().runs))
