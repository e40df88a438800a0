"""Work that gives way when it is told to stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def until(stop: asyncio.Event, work: Coroutine[object, object, object]) -> bool:
    """Do the work, and cancel it when `stop` is set; return whether it came to its own end.

    What the work raises is raised here.
    """
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        finished = task.done()
        task.cancel()
        await asyncio.wait({task})
    if finished or not task.cancelled():
        task.result()
    return finished
