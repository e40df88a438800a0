"""Measures how late the event loop is: what holds it up holds everybody up."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

EVERY_SECONDS: Final = 1.0


@asynccontextmanager
async def measured(
    observe: Callable[[float], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[None]:
    """Tell `observe` once a second how many seconds too late a task was woken."""

    async def measure() -> None:
        while True:
            due = clock() + EVERY_SECONDS
            await sleep(EVERY_SECONDS)
            observe(max(0.0, clock() - due))

    task = asyncio.create_task(measure(), name="ops.lag")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
