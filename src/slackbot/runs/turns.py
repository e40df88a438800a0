"""Whose turn it is: each message once, one run at a time in a thread, so many in all."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from slackbot.conversation import ThreadKey

TAKEN_SECONDS = 3600.0
"""Slack delivers an event again after up to eight minutes; an hour leaves room."""
TAKEN_MAX = 100_000


@dataclass(slots=True)
class _Queue:
    """The runs of one thread: `waiting` counts those that hold or want the lock."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Turns:
    """Gives out turns in order of arrival."""

    def __init__(self, max_concurrent: int, clock: Callable[[], float] = time.time) -> None:
        self._taken: TTLCache[Hashable, None] = TTLCache(TAKEN_MAX, TAKEN_SECONDS, clock)
        self._queues: dict[ThreadKey, _Queue] = {}
        self._places = asyncio.Semaphore(max_concurrent)

    def is_taken(self, message: Hashable) -> bool:
        """Whether somebody took this message before."""
        return message in self._taken

    def take(self, message: Hashable) -> None:
        """Take the message: from now on it is nobody else's."""
        self._taken[message] = None

    @asynccontextmanager
    async def turn(self, thread: ThreadKey) -> AsyncIterator[None]:
        """Wait until it is this run's turn in its thread and there is a place in all."""
        queue = self._queues.setdefault(thread, _Queue())
        queue.waiting += 1
        try:
            async with queue.lock, self._places:
                yield
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                del self._queues[thread]
