"""Work that is done side by side, and stops together when a part of it fails."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """Wait for the tasks of a group; when one fails, cancel the others and raise what it raised.

    `asyncio.gather` would leave the others running, and a group alone raises a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        raise first from first.__cause__
