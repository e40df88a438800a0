"""Ends runs from outside: those of one thread or message because somebody wants it, or all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slackbot.conversation import ThreadKey

StopReason = Literal["cancelled", "withdrawn", "interrupted"]
"""A person stopped the answer, or deleted the question; or the bot itself is stopping."""


@dataclass(eq=False, slots=True)
class Stop:
    """What the run for the message `ts` watches. `reason` comes with `asked`; the first counts."""

    ts: str
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    reason: StopReason | None = None

    def ask(self, reason: StopReason) -> None:
        """Have the run end now, with what it has."""
        self.reason = self.reason or reason
        self.asked.set()


class Stops:
    """The stops of all runs that are open."""

    def __init__(self) -> None:
        self._open: defaultdict[ThreadKey, set[Stop]] = defaultdict(set)
        self._is_over = False

    @contextmanager
    def watch(self, thread: ThreadKey, ts: str) -> Iterator[Stop]:
        """Give the run for a message its stop, for as long as it goes on."""
        stop = Stop(ts)
        if self._is_over:
            stop.ask("interrupted")
        self._open[thread].add(stop)
        try:
            yield stop
        finally:
            self._open[thread].discard(stop)
            if not self._open[thread]:
                del self._open[thread]

    def cancel(self, thread: ThreadKey) -> None:
        """Stop all runs of a thread."""
        for stop in self._open.get(thread, ()):
            stop.ask("cancelled")

    def withdraw(self, thread: ThreadKey, ts: str) -> None:
        """Stop the run for one message, for that was deleted."""
        for stop in self._open.get(thread, ()):
            if stop.ts == ts:
                stop.ask("withdrawn")

    def interrupt(self) -> None:
        """Stop all runs, those to come too."""
        self._is_over = True
        for stops in self._open.values():
            for stop in stops:
                stop.ask("interrupted")
