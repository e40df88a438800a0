"""Cold start: how much longer from `python -m slackbot` to connected than importing Bolt alone.

    .venv/bin/python benchmarks/cold_start.py [--runs 9]

Both are measured in turn in one run, each as a fresh process. "Connected" is when localslack has
the bot's WebSocket. Seconds; medians. The goal is a difference of at most 0.3 s.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time

from harness import bare_environment, bedrock_settings, bot_process, slack_settings, workspace
from localslack import LocalSlack

BARE_IMPORT = "import slack_bolt.async_app"
NO_MODEL = "http://127.0.0.1:9"


async def time_import() -> float:
    """Return the seconds that a fresh process takes to import Bolt and exit."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE_IMPORT, env=bare_environment()
    )
    await process.wait()
    return time.perf_counter() - began


async def time_start() -> float:
    """Return the seconds from the start of the bot's process until its socket is open."""
    people, app = workspace()
    async with LocalSlack(people) as slack:
        settings = {**slack_settings(slack, app), **bedrock_settings(NO_MODEL)}
        began = time.perf_counter()
        async with bot_process(settings):
            await slack.until(lambda: slack.connections, timeout=30)
            return time.perf_counter() - began


async def main(runs: int) -> None:
    """Measure in turn, after one warm-up of each, and print the medians."""
    imports: list[float] = []
    starts: list[float] = []
    for run in range(runs + 1):
        imported, started = await time_import(), await time_start()
        if run:
            imports.append(imported)
            starts.append(started)
    bare, connected = statistics.median(imports), statistics.median(starts)
    print(f"runs                          {runs}")
    print(f"import slack_bolt.async_app   {bare:.3f} s  ({min(imports):.3f} to {max(imports):.3f})")
    print(
        f"start to connected            {connected:.3f} s  ({min(starts):.3f} to {max(starts):.3f})"
    )
    differences = [start - bare for start, bare in zip(starts, imports, strict=True)]
    print(f"difference, pair by pair      {statistics.median(differences):.3f} s  (goal: 0.300 s)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    asyncio.run(main(parser.parse_args().runs))
