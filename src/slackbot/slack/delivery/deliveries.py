"""What is still sent when nobody waits for it any more: marks, cleared statuses, closed streams."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from slackbot.slack.api.failures import SlackFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)


class Deliveries:
    """Keeps the tasks of calls that may take long under Slack's limits, until they are drained."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, what: str, send: Callable[[], Awaitable[object]]) -> None:
        """Make a call in the background; a failure is logged, with what it was for."""
        task = asyncio.create_task(_send(what, send), name="slack.delivery")
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


async def _send(what: str, send: Callable[[], Awaitable[object]]) -> None:
    try:
        await send()
    except SlackFailure as failure:
        tell = log.info if failure.passing else log.warning
        tell("delivery.failed", what=what, method=failure.method, code=failure.code)
