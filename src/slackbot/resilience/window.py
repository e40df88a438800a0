"""How often something may be done within any minute: `limits`, by a clock of the caller's."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage.memory import Entry, MemoryStorage
from limits.strategies import MovingWindowRateLimiter

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = 60.0


class MovingWindow:
    """At most `amount`, which is at least one, within any minute, for each key.

    Moments are in seconds of any one clock, and may be told in any order: those of the last `reach`
    seconds and the minute before them are remembered.
    """

    def __init__(self, amount: int, reach: float = 0.0) -> None:
        self._item = RateLimitItemPerMinute(amount)
        self._memory = _Memory(reach)
        self._limiter = MovingWindowRateLimiter(self._memory)

    def opens_at(self, at: float, key: str = "") -> float:
        """Return when there is room for another one, seen from the moment `at`: then, or later."""
        self._memory.now = at
        if self._limiter.test(self._item, key):
            return at
        return self._limiter.get_window_stats(self._item, key).reset_time

    def count(self, at: float, key: str = "") -> None:
        """Count one more at the moment `at`, if there is room for it."""
        self._memory.now = at
        self._limiter.hit(self._item, key)


class _Memory(MemoryStorage):
    """What `limits` remembers, as of `now`: its own memory knows the wall clock's only."""

    def __init__(self, reach: float) -> None:
        super().__init__()
        self.timer.cancel()  # it is to start a thread that forgets by the wall clock
        self.now = self._newest = self._swept_at = -math.inf
        self._reach = reach

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Remember so many entries `now`, unless that would be more than the limit."""
        if self.get_moving_window(key, limit, expiry)[1] + amount > limit:
            return False
        entries = self.events.setdefault(key, [])
        for _ in range(amount):
            insort(entries, self._entry(expiry), key=_newest_first)
        self._newest = max(self._newest, self.now)
        self._forget()
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return the entry that has to leave the window before another has room, and how many."""
        entries = self.events.get(key, [])
        ahead = _later(entries, self.now)
        # As `limits` tells when there is room again: a difference may be rounded the other way.
        end = _later(entries, self.now, after=expiry)
        if end == ahead:
            return self.now, 0
        return entries[min(end, ahead + limit) - 1].atime, end - ahead

    def _entry(self, expiry: int) -> Entry:
        entry = Entry(expiry)
        entry.atime, entry.expiry = self.now, self.now + expiry + self._reach
        return entry

    def _forget(self) -> None:
        """Forget, once a minute, what no question can be about any more."""
        if self._newest < self._swept_at + MINUTE:
            return
        self._swept_at = self._newest
        for key, entries in list(self.events.items()):
            self.events[key] = kept = [each for each in entries if each.expiry > self._newest]
            if not kept:
                self.clear(key)


def _later(entries: Sequence[Entry], moment: float, after: float = 0.0) -> int:
    """Return how many entries, the newest of which come first, are later, `after` seconds added."""
    return bisect_left(entries, -moment, key=lambda entry: -(entry.atime + after))


def _newest_first(entry: Entry) -> float:
    return -entry.atime
