"""How long there still is: set where work is bounded, known wherever something waits within it.

So nobody waits for a source that asks for more patience than a run has left.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)
"""When the work at hand ends, by the clock of the running loop."""


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """Bound a block; within another bound, the earlier end holds.

    Raises:
        TimeoutError: the block took longer than this bound.
    """
    ends = asyncio.get_running_loop().time() + seconds
    outer = _ends.set(min(_ends.get(), ends))
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        _ends.reset(outer)


def time_left() -> float:
    """Return the seconds until the work at hand is cut off; infinity where nothing bounds it."""
    return _ends.get() - asyncio.get_running_loop().time()
