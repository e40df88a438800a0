"""Whose turn it is: each message once, one run at a time in a thread, so many in all, fairly."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cachetools import TTLCache

from slackbot.runs.places import Places

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable

    from slackbot.conversation import ThreadKey

TAKEN_SECONDS = 3600.0
"""Slack delivers an event again after up to eight minutes; an hour leaves room."""
TAKEN_MAX = 20_000
"""Some 10 MB, and 40 messages a second for eight minutes: the usual limit allows two a second."""

WAIT_TOLD_AFTER = 5.0
"""Seconds after which somebody who waits is told so."""


@dataclass(slots=True)
class _Queue:
    """The runs of one thread: `waiting` counts those that hold or want the lock."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Turns:
    """Gives out turns: in a thread by order of arrival, among people one after the other."""

    def __init__(
        self,
        max_concurrent: int,
        clock: Callable[[], float] = time.time,
        *,
        wait_told_after: float = WAIT_TOLD_AFTER,
    ) -> None:
        self._taken: TTLCache[Hashable, None] = TTLCache(TAKEN_MAX, TAKEN_SECONDS, clock)
        self._queues: dict[ThreadKey, _Queue] = {}
        self._places = Places(max_concurrent)
        self._wait_told_after = wait_told_after

    def is_taken(self, message: Hashable) -> bool:
        """Whether somebody took this message before."""
        return message in self._taken

    def take(self, message: Hashable) -> None:
        """Take the message: from now on it is nobody else's."""
        self._taken[message] = None

    @asynccontextmanager
    async def turn(
        self, thread: ThreadKey, person: str, on_wait: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Hold the turn of a thread, and a place among all, while the context is open.

        `on_wait` is called once if it takes long to get them.
        """
        queue = self._queues.setdefault(thread, _Queue())
        queue.waiting += 1
        try:
            async with AsyncExitStack() as held:
                async with _told_after(self._wait_told_after, on_wait):
                    await held.enter_async_context(queue.lock)
                    await held.enter_async_context(self._places.place(person))
                yield
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                del self._queues[thread]


@asynccontextmanager
async def _told_after(seconds: float, tell: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Call `tell` if the context is still open after so long."""

    async def wait() -> None:
        await asyncio.sleep(seconds)
        await tell()

    task = asyncio.create_task(wait())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
