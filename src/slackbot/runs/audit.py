"""The audit log: one line of JSON for each run that has ended, and no text of anybody's."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from contextvars import Context
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import structlog

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import date

    from slackbot.runs.ledger import Run

log = structlog.get_logger(__name__)

STDOUT = "stdout"
MOST_WAITING = 10_000
"""Lines that wait for a disk that hangs; more are lost."""


class Sink(Protocol):
    """Where lines go; everything may block."""

    def open(self) -> None:
        """Make it ready.

        Raises:
            ConfigurationError: that cannot be done.
        """
        ...

    def append(self, lines: bytes) -> None:
        """Write whole lines.

        Raises:
            OSError: not all of them are written.
        """
        ...

    def spent_on(self, day: date) -> float:
        """Return the US dollars that were spent on a day of UTC, by the lines that are there.

        Raises:
            ConfigurationError: they cannot be read.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class AuditFile:
    """A file that lines are added to; one that was moved away or deleted is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._is_torn = False

    def open(self) -> None:
        """Open the file, or begin it."""
        try:
            self._opened()
        except OSError as error:
            raise ConfigurationError(
                f"AUDIT_LOG names a file that cannot be written: {error.strerror}."
            ) from error

    def append(self, lines: bytes) -> None:
        """Add lines in one write; what a full disk cut off is ended before the next ones."""
        descriptor = self._opened()
        data = b"\n" + lines if self._is_torn else lines
        written = os.write(descriptor, data)
        self._is_torn = written < len(data)
        if self._is_torn:
            raise OSError(f"{written} of {len(data)} bytes were written")

    def spent_on(self, day: date) -> float:
        """Add up the costs of the runs that ended on that day, as long as they are in this file."""
        beginning = f'{{"at":"{day.isoformat()}'
        try:
            with self._path.open(encoding="ascii", errors="replace") as lines:
                return sum(_cost(line) for line in lines if line.startswith(beginning))
        except OSError as error:
            raise ConfigurationError(
                f"AUDIT_LOG names a file that cannot be read: {error.strerror}. DAILY_BUDGET needs "
                "what was spent today."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is not None and not self._is_in_place(self._descriptor):
            self.close()
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o640)
            self._is_torn = False
        return self._descriptor

    def _is_in_place(self, descriptor: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        return False


class StandardOutput:
    """The process's standard output; the log goes to standard error."""

    def open(self) -> None:
        """It is open."""

    def append(self, lines: bytes) -> None:
        """Write lines."""
        sys.stdout.write(lines.decode("ascii"))
        sys.stdout.flush()

    def spent_on(self, day: date) -> float:  # noqa: ARG002 - what was written cannot be read
        """Return 0: it is not known."""
        return 0.0

    def close(self) -> None:
        """Leave it open."""


class Audit:
    """Writes the line of each run that ends, in a thread: nobody waits for a disk."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: list[bytes] = []
        self._writer: asyncio.Task[None] | None = None
        self._ails = False

    def write(self, run: Run) -> None:
        """Write a run's line, as soon as those before it are written."""
        if len(self._waiting) >= MOST_WAITING:
            self._fail("too many lines wait for the disk", lost=1)
            return
        self._waiting.append(line_of(run))
        if self._writer is None:
            # What the writer logs belongs to no run in particular.
            self._writer = asyncio.create_task(self._write(), name="runs.audit", context=Context())

    @classmethod
    async def opened(cls, target: str) -> Self:
        """Open a file, or `stdout`.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        sink = StandardOutput() if target == STDOUT else AuditFile(Path(target))
        await asyncio.to_thread(sink.open)
        return cls(sink)

    async def spent_on(self, day: date) -> float:
        """Return the US dollars that were spent on a day of UTC, as far as there are lines of it.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        return await asyncio.to_thread(self._sink.spent_on, day)

    async def flush(self) -> None:
        """Return when everything is written."""
        if self._writer is not None:
            await self._writer

    async def close(self) -> None:
        """Return when everything is written and the file closed."""
        await self.flush()
        await asyncio.to_thread(self._sink.close)

    async def _write(self) -> None:
        while self._waiting:
            lines, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._sink.append, b"".join(lines))
            except OSError as error:
                self._fail(error.strerror or str(error), lost=len(lines))
            except ValueError:  # standard output was closed
                self._fail("there is nothing to write to", lost=len(lines))
            else:
                self._ails = False
        self._writer = None

    def _fail(self, reason: str, lost: int) -> None:
        """Tell once of a trouble that lasts."""
        if not self._ails:
            log.error("audit.failed", error=reason, lost=lost)
        self._ails = True


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


def _cost(line: str) -> float:
    """Return what a line says that a run cost; one that was torn says nothing."""
    try:
        cost = json.loads(line)["cost_usd"]
    except (ValueError, KeyError):
        return 0.0
    return float(cost) if isinstance(cost, int | float) else 0.0
