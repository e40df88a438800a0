"""Blocking work in threads: so many at once, and none that holds anybody up."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from slackbot.resilience.threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_work_is_done_in_another_thread() -> None:
    seen: list[threading.Thread] = []
    await DaemonThreads(1, "work").run(lambda: seen.append(threading.current_thread()))
    assert seen[0] is not threading.current_thread()
    assert (seen[0].name, seen[0].daemon) == ("work", True)


async def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise LookupError("no luck")

    with pytest.raises(LookupError):
        await DaemonThreads(1, "work").run(fail)


async def test_a_place_is_free_when_its_thread_is_whoever_has_stopped_waiting() -> None:
    threads, gate = DaemonThreads(1, "work"), threading.Event()
    hanging = asyncio.create_task(threads.run(gate.wait))
    await asyncio.sleep(0)
    hanging.cancel()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await threads.run(gate.wait)
    gate.set()
    async with asyncio.timeout(5):
        await threads.run(gate.wait)


async def test_a_thread_that_is_free_does_what_comes_next_and_ends_when_nothing_does() -> None:
    threads, seen = DaemonThreads(2, "at hand"), list[threading.Thread]()
    for _ in range(20):
        await threads.run(lambda: seen.append(threading.current_thread()))
        await asyncio.sleep(0.005)  # it is free a little after its work is done
    before = set(seen)
    assert len(before) < 20
    await _until(lambda: not any(thread.is_alive() for thread in before))
    await threads.run(lambda: seen.append(threading.current_thread()))
    assert seen[-1] not in before


async def test_work_that_comes_while_idle_threads_give_up_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("slackbot.resilience.threads.IDLE_SECONDS", 0.001)
    threads, done = DaemonThreads(4, "restless"), 0
    for number in range(200):
        await asyncio.gather(*[threads.run(lambda: None) for _ in range(1 + number % 4)])
        done += 1
        await asyncio.sleep(0.0005 * (number % 5))
    assert done == 200


async def test_threads_end_with_who_gives_them_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slackbot.resilience.threads.IDLE_SECONDS", 600)
    threads, gate, seen = DaemonThreads(3, "ending"), threading.Event(), list[threading.Thread]()
    free = [threads.run(lambda: seen.append(threading.current_thread())) for _ in "12"]
    await asyncio.gather(*free)
    busy = asyncio.create_task(threads.run(gate.wait))
    await asyncio.sleep(0)
    threads.close()
    gate.set()
    await busy
    await threads.run(lambda: seen.append(threading.current_thread()))
    await _until(lambda: not any(thread.is_alive() for thread in seen))


async def test_who_stops_waiting_for_a_place_takes_none() -> None:
    threads, gate = DaemonThreads(1, "work"), threading.Event()
    busy = asyncio.create_task(threads.run(gate.wait))
    waiting = asyncio.create_task(threads.run(lambda: pytest.fail("it began")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    gate.set()
    async with asyncio.timeout(5):
        await busy
        await threads.run(lambda: None)


async def test_what_the_work_returns_is_returned() -> None:
    assert await DaemonThreads(1, "work").run(lambda: "done") == "done"


def test_work_that_outlives_its_loop_harms_nobody() -> None:
    gate = threading.Event()

    def work() -> None:
        gate.wait(5)

    async def begin() -> None:
        left_behind = asyncio.create_task(DaemonThreads(1, "left behind").run(work))
        await asyncio.sleep(0)
        assert not left_behind.done()

    asyncio.run(begin())
    (thread,) = (one for one in threading.enumerate() if one.name == "left behind")
    gate.set()
    thread.join(5)
    assert not thread.is_alive()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a thread rings no bell
            await asyncio.sleep(0.005)
