"""The bell: the first is served at once, and many soon after it together."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from slackbot.llm.bedrock.bell import EVERY, Bell

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Loop:
    """An event loop whose time is set by hand."""

    now: float = 100.0
    soon: list[Callable[[], None]] = field(default_factory=list)
    later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        self.later.append((when, callback))

    def turn(self) -> None:
        """Do all that is due."""
        due = [*self.soon, *(callback for when, callback in self.later if when <= self.now)]
        self.soon, self.later = [], [one for one in self.later if one[0] > self.now]
        for callback in due:
            callback()


def _bell(loop: Loop) -> Bell:
    return Bell(cast("Any", loop))


def test_the_first_is_served_at_once() -> None:
    loop, news = Loop(), asyncio.Event()
    _bell(loop).ring_for(news)
    assert not news.is_set()
    loop.turn()
    assert news.is_set()


def test_those_that_ring_soon_after_it_are_served_together() -> None:
    loop, many = Loop(), [asyncio.Event() for _ in range(3)]
    bell = _bell(loop)
    bell.ring_for(asyncio.Event())
    loop.turn()
    for news in many:
        bell.ring_for(news)
        loop.turn()
        loop.now += EVERY / 4
    assert [news.is_set() for news in many] == [False] * 3
    assert len(loop.later) == 1
    loop.now += EVERY
    loop.turn()
    assert [news.is_set() for news in many] == [True] * 3


def test_a_loop_that_has_not_looked_is_woken_once() -> None:
    loop = Loop()
    bell = _bell(loop)
    for _ in range(10):
        bell.ring_for(asyncio.Event())
    assert len(loop.soon) == 1


async def test_threads_may_ring_it() -> None:
    bell = Bell(asyncio.get_running_loop())
    many = [asyncio.Event() for _ in range(20)]
    ringing = [threading.Thread(target=bell.ring_for, args=(news,)) for news in many]
    for thread in ringing:
        thread.start()
    async with asyncio.timeout(30):
        await asyncio.gather(*(news.wait() for news in many))
    for thread in ringing:
        thread.join()
