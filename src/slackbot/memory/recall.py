"""What a run knows before it thinks: its thread so far, and what became of its message before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from slackbot.errors import DeliveryError
from slackbot.runs.attempts import Attempts, earlier_attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.conversation import Incoming, ThreadReader
    from slackbot.memory.store import Thread, ThreadMemory

log = structlog.get_logger(__name__)


class Recall:
    """Knows threads from memory, and from the record where memory does not know enough."""

    def __init__(
        self, memory: ThreadMemory, record: ThreadReader, clock: Callable[[], float] = time.time
    ) -> None:
        self._memory = memory
        self._record = record
        self._clock = clock
        self._since = clock()

    def is_old(self, incoming: Incoming) -> bool:
        """Whether another process may have begun with it, so that only the record knows."""
        return incoming.late is not None or float(incoming.ts) < self._since

    async def so_far(self, incoming: Incoming) -> tuple[Thread, Attempts]:
        """Return the thread so far, and what became of the message.

        A message that begins a thread needs no reading, unless it is old: then nothing is begun
        before the record was read.

        Raises:
            DeliveryError: it cannot be read, and must be.
        """
        key = incoming.thread
        thread = self._memory.join(key, incoming.asker, self._clock())
        if self.is_old(incoming):
            said = await self._record.read(key)
            earlier = earlier_attempts(said, incoming.ts)
            standing = [line for line in said if line.ts not in earlier.leftovers]
            return self._memory.complete(key, standing), earlier
        if not thread.complete:
            thread = await self._complete(incoming, thread)
        return thread, Attempts(ended=thread.ended(incoming.ts))

    async def _complete(self, incoming: Incoming, thread: Thread) -> Thread:
        """Add what was said before, if it can be read, and if there was anything."""
        key = incoming.thread
        if not incoming.is_reply and not incoming.edited:
            return self._memory.complete(key, ())
        try:
            return self._memory.complete(key, await self._record.read(key))
        except DeliveryError as error:
            log.warning("thread.unreadable", channel=incoming.channel, error=str(error))
            return thread
