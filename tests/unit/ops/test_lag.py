"""How late the event loop is, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.ops.lag import EVERY_SECONDS, measured


def test_a_loop_that_is_held_up_is_late_by_that_much() -> None:
    async def scenario() -> None:
        late: list[float] = []
        extra = [0.0, 0.2, 0.0]

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(seconds + (extra.pop(0) if extra else 0.0))

        async with measured(late.append, clock=virtual_clock, sleep=sleep):
            await asyncio.sleep(3 * EVERY_SECONDS + 0.3)
        assert late == pytest.approx([0.0, 0.2, 0.0])
        assert len(asyncio.all_tasks()) == 1

    in_virtual_time(scenario())
