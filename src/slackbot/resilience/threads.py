"""Blocking work in threads of its own: so many at once, and none that holds the process up.

An executor's threads are joined at the end of the process, however long they wait for the network.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

IDLE_SECONDS = 0.5
"""How long a thread waits for more work: to start one costs about as much as a request."""


class DaemonThreads:
    """Runs work in daemon threads, at most `max_threads` at a time. For one event loop."""

    def __init__(self, max_threads: int, name: str) -> None:
        self._places = asyncio.Semaphore(max_threads)
        self._name = name
        self._lock = threading.Lock()
        self._idle = 0
        self._closed = False
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work once there is a place, and return or raise what it does.

        Who stops waiting does not end the work: its place is free when its thread is.
        """
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()

        def do() -> None:
            try:
                result = work()
            except Exception as raised:  # noqa: BLE001 - whoever waits gets it
                settle = partial(done.set_exception, raised)
            else:
                settle = partial(done.set_result, result)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._end, done, settle)

        self._hand_out(do)
        return await done

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

    def _end(self, done: asyncio.Future[Result], settle: Callable[[], None]) -> None:
        self._places.release()
        if not done.cancelled():
            settle()
