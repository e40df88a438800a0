"""Places, so many at once, given to people in turn: who asks much does not hold up the others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Places:
    """So many at once. A place that gets free goes to the next person, not to the next request."""

    def __init__(self, count: int) -> None:
        self._free = count
        # In order of whose turn is next; each person's own requests in order of arrival.
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def place(self, person: str) -> AsyncIterator[None]:
        """Hold a place while the context is open."""
        await self._take(person)
        try:
            yield
        finally:
            self._give_back()

    async def _take(self, person: str) -> None:
        if self._free:
            self._free -= 1
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():  # it was given the place in the moment of its cancellation
                self._give_back()
            raise

    def _give_back(self) -> None:
        """Hand a place to the next person, whose turn then comes after everybody else's."""
        while self._waiting:
            person, requests = self._waiting.popitem(last=False)
            granted = requests.popleft()
            if requests:
                self._waiting[person] = requests
            if not granted.cancelled():  # who was cancelled may not know it yet
                granted.set_result(None)
                return
        self._free += 1
