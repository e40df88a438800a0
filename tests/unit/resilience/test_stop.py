"""Work that gives way when it is told to stop."""

from __future__ import annotations

import asyncio

import pytest

from slackbot.resilience.stop import until


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_work_that_ends_by_itself_is_finished() -> None:
    assert await until(asyncio.Event(), asyncio.sleep(0))


async def test_work_is_cancelled_when_it_is_told_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    async with asyncio.timeout(5):
        assert not await until(stop, wait_for_ever())


async def test_what_the_work_raises_is_raised() -> None:
    async def fail() -> None:
        raise LookupError("no luck")

    with pytest.raises(LookupError):
        await until(asyncio.Event(), fail())


async def test_what_fails_while_it_is_being_stopped_is_raised() -> None:
    async def fail_at_the_end() -> None:
        try:
            await wait_for_ever()
        finally:
            raise LookupError("could not tidy up")

    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    with pytest.raises(LookupError):
        await until(stop, fail_at_the_end())


async def test_cancelling_the_waiter_cancels_the_work() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await wait_for_ever()
        finally:
            ended.set()

    waiter = asyncio.create_task(until(asyncio.Event(), work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert ended.is_set()
