"""The audit log: one line of JSON for each run that has ended, and no text of anybody's."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from slackbot.errors import ConfigurationError
from slackbot.resilience.threads import DaemonThreads
from slackbot.runs.sinks import AuditFile, StandardOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from slackbot.runs.ledger import Run
    from slackbot.runs.sinks import Sink

log = structlog.get_logger(__name__)

STDOUT = "stdout"
MOST_WAITING = 10_000
"""Lines that wait for a disk that hangs; more are lost."""

OPENING_SECONDS = 5.0
"""How long a file may take to be opened; a disk that hangs and a pipe without a reader never do."""

READING_SECONDS = 30.0
"""How long what was spent today may take to be read, out of a file as large as it may get."""

WRITING_SECONDS = 5.0
"""How long a write may take before it is told."""

CLOSING_SECONDS = 1.0
"""How long the end of the process waits for lines to be written; see `main.DRAIN_SECONDS`."""


class Audit:
    """Writes the line of each run that ends, in a thread: nobody waits for a disk.

    `on_lost` is told how many lines were given up, each time.
    """

    def __init__(self, sink: Sink, on_lost: Callable[[int], None] = lambda _: None) -> None:
        self._sink = sink
        self._on_lost = on_lost
        self._thread = DaemonThreads(1, "runs.audit")
        self._waiting: deque[bytes] = deque()
        self._under_way: deque[bytes] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._ails = False
        self._lost = 0
        self._lost_before = 0

    @classmethod
    async def opened(cls, target: str, on_lost: Callable[[int], None] = lambda _: None) -> Self:
        """Open a file, or `stdout`; see `Audit`.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        sink = StandardOutput() if target == STDOUT else AuditFile(Path(target))
        audit = cls(sink, on_lost)
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await audit._thread.run(audit._sink.open)
        except TimeoutError as error:
            raise ConfigurationError(
                f"AUDIT_LOG names a file that was not opened within {OPENING_SECONDS:.0f} seconds. "
                "Look whether its disk answers; a named pipe needs a program that reads it."
            ) from error
        return audit

    async def spent_on(self, day: date) -> float:
        """Return the US dollars that were spent on a day of UTC, as far as there are lines of it.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        try:
            async with asyncio.timeout(READING_SECONDS):
                return await self._thread.run(partial(self._sink.spent_on, day))
        except TimeoutError as error:
            raise ConfigurationError(
                f"AUDIT_LOG names a file that was not read within {READING_SECONDS:.0f} seconds. "
                "DAILY_BUDGET needs what was spent today: look whether its disk answers, and move "
                "a file away that has become very large; a named pipe cannot be read again."
            ) from error

    def write(self, run: Run) -> None:
        """Write a run's line, as soon as those before it are written."""
        if len(self._waiting) >= MOST_WAITING:
            self._fail("too many lines wait for the disk", lost=1)
            return
        self._waiting.append(line_of(run))
        if self._writer is None:
            # What the writer logs belongs to no run in particular.
            self._writer = asyncio.create_task(self._write(), name="runs.audit", context=Context())

    async def flush(self) -> None:
        """Return when everything is written, or lost."""
        if self._writer is not None:
            await self._writer

    async def close(self) -> None:
        """Write what waits, and close the file; what a disk that hangs does not take is lost."""
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.flush()
                await self._thread.run(self._sink.close)
        except OSError as error:  # a TimeoutError is one
            lost = len(self._under_way) + len(self._waiting)
            self._fail(error.strerror or "there is no time left to write", lost)
        self._thread.close()
        if lost := self._lost - self._lost_before:
            log.error("audit.given_up", lost=lost)

    async def _write(self) -> None:
        while self._waiting:
            self._under_way, self._waiting = self._waiting, deque()
            try:
                with self._watched():
                    await self._thread.run(self._append)
            except OSError as error:
                self._drop(error.strerror or str(error))
            except ValueError:  # standard output was closed
                self._drop("there is nothing to write to")
            else:
                self._recover()
        self._writer = None

    def _append(self) -> None:
        """Write what is under way, in the thread."""
        while self._under_way:
            self._sink.append(self._under_way[0])
            self._under_way.popleft()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Tell if what is done within takes long."""
        reason = f"a write takes more than {WRITING_SECONDS:.0f} seconds"
        telling = asyncio.get_running_loop().call_later(WRITING_SECONDS, self._fail, reason, 0)
        try:
            yield
        finally:
            telling.cancel()

    def _drop(self, reason: str) -> None:
        """Lose what is under way."""
        lost = len(self._under_way)
        self._under_way.clear()
        self._fail(reason, lost)

    def _fail(self, reason: str, lost: int) -> None:
        """Count what is lost; tell once of a trouble that lasts."""
        self._lost += lost
        self._on_lost(lost)
        if not self._ails:
            log.error("audit.failed", error=reason, lost=lost)
        self._ails = True

    def _recover(self) -> None:
        """Tell that a trouble is over, and what was lost in it."""
        if self._ails:
            log.warning("audit.restored", lost=self._lost - self._lost_before)
        self._ails = False
        self._lost_before = self._lost


def line_of(run: Run) -> bytes:
    """Return a run as a line: who, where, what was used and at which cost, how it ended."""
    asked, record = run.asked, run.record
    ended = datetime.fromtimestamp(run.began + run.total, UTC)
    entry = {
        "at": ended.isoformat(timespec="milliseconds"),
        "run_id": record.run_id,
        "team": asked.team,
        "channel": asked.channel,
        "thread": asked.thread_ts,
        "message": asked.ts,
        "user": asked.asker,
        "trigger": asked.trigger,
        "outcome": run.outcome,
        **record.fields(),
        "objects": list(record.objects),
    }
    return json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n"
