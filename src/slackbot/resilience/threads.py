"""Blocking work in threads of its own: so many at once, and none that holds the process up.

An executor's threads are joined at the end of the process, however long they wait for the network.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class DaemonThreads:
    """Runs work in daemon threads, at most `max_threads` at a time. For one event loop."""

    def __init__(self, max_threads: int, name: str) -> None:
        self._places = asyncio.Semaphore(max_threads)
        self._door = asyncio.Lock()
        self._name = name

    async def begin(self, work: Callable[[], object]) -> asyncio.Future[None]:
        """Begin work once there is a place; return what tells that it is done, or what it raised.

        Cancelling that future does not end the work: its place is free when its thread is.
        """
        await self._places.acquire()
        try:
            # The loop turns between two starts: each holds it up until the thread runs.
            async with self._door:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self._places.release()
            raise
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def run() -> None:
            error: Exception | None = None
            try:
                work()
            except Exception as raised:  # noqa: BLE001 - whoever awaits `done` gets it
                error = raised
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._settle, done, error)

        threading.Thread(target=run, name=self._name, daemon=True).start()
        return done

    def _settle(self, done: asyncio.Future[None], error: Exception | None) -> None:
        self._places.release()
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
