"""Each message once, one run at a time in a thread, so many in all."""

from __future__ import annotations

import asyncio

from slackbot.conversation import ThreadKey
from slackbot.runs.turns import TAKEN_SECONDS, Turns

HERE = ThreadKey("T1", "C1", "1.0")
THERE = ThreadKey("T1", "C1", "2.0")


async def unheard() -> None:
    raise AssertionError("nobody waits long")


def test_a_message_is_taken_until_no_redelivery_can_come() -> None:
    now = 0.0
    turns = Turns(1, clock=lambda: now)
    assert not turns.is_taken("message")
    turns.take("message")
    assert turns.is_taken("message")
    now = TAKEN_SECONDS + 1
    assert not turns.is_taken("message")


async def test_runs_of_one_thread_follow_each_other_in_order_of_arrival() -> None:
    turns = Turns(8)
    seen: list[str] = []

    async def run(name: str) -> None:
        async with turns.turn(HERE, "ana", unheard):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")

    await asyncio.gather(run("a"), run("b"), run("c"))
    assert seen == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


async def test_threads_do_not_wait_for_each_other() -> None:
    turns = Turns(2)
    async with (
        turns.turn(HERE, "ana", unheard),
        asyncio.timeout(1),
        turns.turn(THERE, "ana", unheard),
    ):
        pass


async def test_no_more_runs_than_allowed_go_on_at_once() -> None:
    turns = Turns(3)
    running = most = 0

    async def run(number: int) -> None:
        nonlocal running, most
        async with turns.turn(ThreadKey("T1", "C1", str(number)), "ana", unheard):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(run(number) for number in range(20)))
    assert most == 3


async def test_a_cancelled_run_gives_its_turn_away() -> None:
    turns = Turns(1)
    holding = asyncio.Event()

    async def hold() -> None:
        async with turns.turn(HERE, "ana", unheard):
            holding.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    waiter = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiter.cancel()
    holder.cancel()
    await asyncio.gather(holder, waiter, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn(HERE, "ana", unheard):
        pass


async def test_whoever_waits_long_is_told_once() -> None:
    turns = Turns(1, wait_told_after=0.0)
    told = asyncio.Event()

    async def tell() -> None:
        assert not told.is_set()
        told.set()

    async def wait() -> None:
        async with turns.turn(THERE, "ben", tell):
            pass

    async with turns.turn(HERE, "ana", unheard), asyncio.timeout(1):
        waiter = asyncio.create_task(wait())
        await told.wait()
    await waiter
