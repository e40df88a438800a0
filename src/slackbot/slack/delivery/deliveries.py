"""What is still sent when nobody waits for it any more: marks, cleared statuses, closed streams."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from slackbot.slack.api.failures import SlackFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)

TELL_SECONDS = 60.0
"""How often at most failures of one kind are told of that a flood brings by the hundred."""

_Kind = tuple[str, str, str]
"""What a call was for, its method, and the code of its failure."""


class Deliveries:
    """Keeps the tasks of calls that may take long under Slack's limits, until they are drained."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._untold: Counter[_Kind] = Counter()
        self._told_at: dict[_Kind, float] = {}

    @property
    def waiting(self) -> int:
        """How many calls are still to be made, those under way included."""
        return len(self._tasks)

    def later(self, what: str, send: Callable[[], Awaitable[object]]) -> None:
        """Make a call in the background; a failure is logged, with what it was for."""
        task = asyncio.create_task(self._send(what, send), name="slack.delivery")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> None:
        """Wait until everything was sent, at most so long; then give up the rest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:  # what is sent may bring something else to be sent
                    await asyncio.wait(self._tasks)
        if late := set(self._tasks):
            log.warning("deliveries.given_up", calls=len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late)
        for kind in list(self._untold):
            self._tell(kind)

    async def _send(self, what: str, send: Callable[[], Awaitable[object]]) -> None:
        try:
            await send()
        except SlackFailure as failure:
            if failure.passing:
                self._count((what, failure.method, failure.code))
            else:
                log.warning("delivery.failed", what=what, method=failure.method, code=failure.code)

    def _count(self, kind: _Kind) -> None:
        """Tell of the first of a flood, and of those behind it once a minute, together."""
        self._untold[kind] += 1
        if self._clock() - self._told_at.get(kind, -math.inf) >= TELL_SECONDS:
            self._tell(kind)

    def _tell(self, kind: _Kind) -> None:
        what, method, code = kind
        self._told_at[kind] = self._clock()
        calls = self._untold.pop(kind)
        log.info("delivery.failed", what=what, method=method, code=code, calls=calls)
