"""Where the lines of the audit log go: a file, or standard output."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

BEGINNING = '{"at":"'
"""What each line begins with, and nothing else in it: a quote within a text is escaped."""


class Sink(Protocol):
    """Where lines go; everything may block, for good if a disk hangs."""

    def open(self) -> None:
        """Make it ready.

        Raises:
            ConfigurationError: that cannot be done.
        """
        ...

    def append(self, line: bytes) -> None:
        """Write a whole line.

        Raises:
            OSError: not all of it is written.
            ValueError: there is nothing to write to any more.
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

    def append(self, line: bytes) -> None:
        """Add a line; one that was cut off before, by whatever process, is ended first."""
        descriptor = self._opened()
        try:
            _write(descriptor, b"\n" + line if self._is_torn else line)
        except OSError:
            self.close()  # how the file ends now is seen when it is opened again
            raise
        self._is_torn = False

    def spent_on(self, day: date) -> float:
        """Add up the costs of the runs that ended on that day, as long as they are in this file."""
        beginning = f"{BEGINNING}{day.isoformat()}"
        try:
            with self._path.open(encoding="ascii", errors="replace") as lines:
                entries = (line[max(line.rfind(BEGINNING), 0) :] for line in lines)
                return sum(_cost(entry) for entry in entries if entry.startswith(beginning))
        except OSError as error:
            raise ConfigurationError(
                f"AUDIT_LOG names a file that cannot be read: {error.strerror}. DAILY_BUDGET needs "
                "what was spent today."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _opened(self) -> int:
        if self._descriptor is not None and not self._is_in_place(self._descriptor):
            self.close()
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o640)
            self._is_torn = self._ends_within_a_line(os.fstat(self._descriptor))
        return self._descriptor

    def _is_in_place(self, descriptor: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        return False

    def _ends_within_a_line(self, status: os.stat_result) -> bool:
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return False
        try:
            with self._path.open("rb", buffering=0) as file:
                return os.pread(file.fileno(), 1, status.st_size - 1) != b"\n"
        except OSError:
            return True  # it cannot be read: an empty line harms less than two that are one


class StandardOutput:
    """The process's standard output; the log goes to standard error."""

    def open(self) -> None:
        """See that there is one."""
        if sys.stdout is None:
            raise ConfigurationError("AUDIT_LOG is stdout, and the process was started without it.")

    def append(self, line: bytes) -> None:
        """Write a line past Python's buffer, whose lock a write that hangs would hold at exit."""
        _write(sys.stdout.fileno(), line)

    def spent_on(self, day: date) -> float:  # noqa: ARG002 - what was written cannot be read
        """Return 0: it is not known."""
        return 0.0

    def close(self) -> None:
        """Leave it open."""


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it; the call takes less where a disk or pipe gets full in the middle."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _cost(line: str) -> float:
    """Return what a line says that a run cost; one that was torn says nothing."""
    try:
        cost = json.loads(line)["cost_usd"]
    except (ValueError, KeyError):
        return 0.0
    return float(cost) if isinstance(cost, int | float) else 0.0
