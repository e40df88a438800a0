"""The process is killed at random moments; each mention ends exactly once all the same (F28)."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from faults.checker import broken
from kit.fake_bedrock import last_text
from kit.process import slackbot
from kit.scripted_model import Request, Round, ScriptedCall
from kit.world import World, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS = int(os.environ.get("CRASHES", "5"))
SEED = int(os.environ.get("SEED", "28"))
KILLS_PER_WORLD = 5
MOST_ATTEMPTS = 2
LONGEST_LIFE = 2.0
"""Seconds after its first question within which a process is killed."""

NET = 120.0
"""Seconds after which a test on the slowest machine has gone wrong."""

SEARCH = ScriptedCall("search_confluence", '{"keywords": "rollback"}')
PIECES = tuple(f"Word{number} " for number in range(20))


class Model:
    """Searches, then answers for a while; counts how often it was asked each question."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()

    def __call__(self, request: Request) -> Round:
        content = request["messages"][-1]["content"]
        if any("toolResult" in block for block in content):
            return Round(text=PIECES, first_piece_after=0.05, piece_every=0.03)
        self.begun[last_text(request).splitlines()[-1]] += 1
        return Round(tool_calls=[SEARCH], first_piece_after=0.05)


@pytest.mark.parametrize("number", range(-(-KILLS // KILLS_PER_WORLD)))
async def test_a_bot_that_is_killed_again_and_again_answers_each_mention_once(
    number: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(f"{SEED} {number}")  # noqa: S311 - no secret
    model = Model()
    moments: list[float] = []
    asked = 0
    async with world(model, CATCH_UP_MINUTES="15", LOG_LEVEL="ERROR") as here:
        for _ in range(KILLS_PER_WORLD):
            async with slackbot(cwd=tmp_path, settings=here.settings) as process:
                await here.slack.until(lambda: here.slack.connections, timeout=NET)
                asked += ask(here, chance, asked)
                moments.append(round(chance.uniform(0.0, LONGEST_LIFE), 3))
                await asyncio.sleep(moments[-1])
                process.kill()
                await process.communicate()
        async with slackbot(cwd=tmp_path, settings=here.settings) as process:
            await here.slack.until(lambda: here.slack.connections, timeout=NET)
            await settled(here, f"seed {SEED}, run {number}, killed after {moments} s")
            process.terminate()
            await process.communicate()
            assert process.returncode == 0
        assert broken(here) == []
        assert len(model.begun) <= asked
        assert max(model.begun.values()) <= MOST_ATTEMPTS
    again = sum(times > 1 for times in model.begun.values())
    told = f"{KILLS_PER_WORLD} kills, {asked} mentions ended once each, {again} after two attempts"
    record_property(f"crashes, seed {SEED}, run {number}", told)


def ask(here: World, chance: random.Random, number: int) -> int:
    """Ask in a thread of its own, and once more there or in a direct message; return how often."""
    root = here.slack.say("ana", "general", f"@slackbot question {number}")
    if chance.random() < 0.5:
        direct = here.slack.open_dm("ben", "slackbot")
        here.slack.say("ben", direct, f"question {number + 1}")
    else:
        here.slack.say("ben", "general", f"@slackbot question {number + 1}", thread_ts=root)
    return 2


async def settled(here: World, told: str) -> None:
    """Wait until nothing is amiss any more."""
    try:
        await here.slack.until(lambda: not broken(here), timeout=NET)
    except TimeoutError:
        pytest.fail("\n".join([told, *broken(here)]))
