"""Wakes the event loop for all calls that have news: seldom, and for many at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

EVERY = 0.1
"""Seconds: waking the loop for each piece of each stream would cost as much as reading it."""


class Bell:
    """Sets asyncio events from threads. The first is set at once, those soon after it together."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[asyncio.Event] = []
        self._rang_at = 0.0

    def ring_for(self, news: asyncio.Event) -> None:
        """Set an event soon. For any thread."""
        with self._lock:
            self._waiting.append(news)
            is_first = len(self._waiting) == 1
        if is_first:
            self._loop.call_soon_threadsafe(self._ring_in_time)

    def _ring_in_time(self) -> None:
        if self._loop.time() < self._rang_at + EVERY:
            self._loop.call_at(self._rang_at + EVERY, self._ring)
        else:
            self._ring()

    def _ring(self) -> None:
        self._rang_at = self._loop.time()
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for news in waiting:
            news.set()
