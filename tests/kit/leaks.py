"""Whether everything that a block took is given back: tasks, threads, file descriptors."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DESCRIPTORS = Path("/dev/fd")
LOOP_THREADS = "asyncio_"
"""The loop's own executor keeps its threads for as long as the loop lives."""


@dataclass(frozen=True, slots=True)
class Held:
    """What this process holds at a moment: tasks and threads by name, and descriptors."""

    tasks: Counter[str]
    threads: Counter[str]
    descriptors: int

    def beyond(self, before: Held) -> str:
        """Say what is held now and was not before; nothing, if nothing is."""
        grown = self.tasks - before.tasks, self.threads - before.threads
        more = self.descriptors - before.descriptors
        found = [str(dict(names)) for names in grown if names]
        return ", ".join([*found, *([f"{more} file descriptors"] if more > 0 else [])])


def held() -> Held:
    """Look at what this process holds; call it on the event loop."""
    return Held(
        Counter(str(task.get_coro()).partition(" at ")[0] for task in asyncio.all_tasks()),
        Counter(
            thread.name
            for thread in threading.enumerate()
            if not thread.name.startswith(LOOP_THREADS)
        ),
        sum(1 for _ in DESCRIPTORS.iterdir()),
    )


@asynccontextmanager
async def nothing_left_behind(within: float = 30.0) -> AsyncIterator[None]:
    """Fail unless all that the block took is given back, at most `within` seconds after it."""
    before = held()
    gc.freeze()  # what the block did not make need not be looked at after it
    try:
        yield
        left = await _left(before, within)
    finally:
        gc.unfreeze()
    assert not left, f"left behind: {left}"


async def _left(before: Held, within: float) -> str:
    """Wait until nothing is held that was not before; return what is, if it takes too long.

    An error and its traceback hold each other, and a socket with them; and threads and descriptors
    ring no bell when they end.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    gc.collect()
    while (left := held().beyond(before)) and loop.time() < deadline:
        await asyncio.sleep(0.02)
        gc.collect()
    return left
