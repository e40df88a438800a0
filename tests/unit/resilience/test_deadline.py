"""Bounds within bounds, and what is left of them."""

from __future__ import annotations

import asyncio
import math

import pytest

from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.resilience.deadline import time_left, time_limit


def test_without_a_bound_there_is_time_for_ever() -> None:
    async def left() -> float:
        return time_left()

    assert in_virtual_time(left()) == math.inf


def test_the_earlier_end_holds_however_bounds_are_nested() -> None:
    async def left() -> list[float]:
        seen: list[float] = []
        async with time_limit(10):
            await asyncio.sleep(4)
            seen.append(time_left())
            async with time_limit(60):
                seen.append(time_left())
            async with time_limit(1):
                seen.append(time_left())
            seen.append(time_left())
        return [*seen, time_left()]

    assert in_virtual_time(left()) == [6, 6, 1, 6, math.inf]


def test_what_a_bound_cuts_off_has_taken_that_long() -> None:
    async def cut_off() -> float:
        with pytest.raises(TimeoutError):
            async with time_limit(3):
                await asyncio.sleep(60)
        return virtual_clock()

    assert in_virtual_time(cut_off()) == 3


def test_work_side_by_side_knows_the_bound_that_it_was_begun_in() -> None:
    async def side_by_side() -> list[float]:
        async def bounded(seconds: float) -> float:
            async with time_limit(seconds):
                return time_left()

        async with time_limit(10):
            return list(await asyncio.gather(bounded(20), bounded(5)))

    assert in_virtual_time(side_by_side()) == [10, 5]
