"""Blocking work in threads of its own: so many at once, and none that holds the process up.

An executor's threads are joined at the end of the process, however long they wait for the network.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE_SECONDS = 0.5
"""How long a thread waits for more work: to start one costs about as much as a request."""


class DaemonThreads:
    """Runs work in daemon threads, at most `max_threads` at a time. For one event loop."""

    def __init__(self, max_threads: int, name: str) -> None:
        self._busy = 0
        self._places = asyncio.Semaphore(max_threads)
        self._door = asyncio.Lock()
        self._name = name
        self._lock = threading.Lock()
        self._idle = 0
        self._closed = False
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    @property
    def busy(self) -> int:
        """How many have work."""
        return self._busy

    async def begin(self, work: Callable[[], object]) -> asyncio.Future[None]:
        """Begin work once there is a place; return what tells that it is done, or what it raised.

        Cancelling that future does not end the work: its place is free when its thread is.
        """
        await self._places.acquire()
        try:
            # The loop turns between two that begin: all at once would hold it up for as long.
            async with self._door:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self._places.release()
            raise
        self._busy += 1
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

        self._hand_out(run)
        return done

    def close(self) -> None:
        """Have the threads end that wait for work, and the others after theirs."""
        with self._lock:
            self._closed = True
            waiting, self._idle = self._idle, 0
        for _ in range(waiting):
            self._work.put(None)

    def _hand_out(self, work: Callable[[], None]) -> None:
        """Give work to a thread that waits for some, else to a new one."""
        with self._lock:
            one_waits = self._idle > 0
            self._idle -= one_waits
        if one_waits:
            self._work.put(work)
        else:
            threading.Thread(
                target=self._work_on, args=(work,), name=self._name, daemon=True
            ).start()

    def _work_on(self, work: Callable[[], None]) -> None:
        """Do work after work, in a thread, until none has come for a while, or none will come."""
        following: Callable[[], None] | None = work
        while following is not None:
            following()
            following = self._next()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._closed:
                return None
            self._idle += 1
        try:
            return self._work.get(timeout=IDLE_SECONDS)
        except Empty:
            with self._lock:
                if self._idle > 0:
                    self._idle -= 1
                    return None
            return self._work.get()  # as many as wait were promised work: it comes at once

    def _settle(self, done: asyncio.Future[None], error: Exception | None) -> None:
        self._busy -= 1
        self._places.release()
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
