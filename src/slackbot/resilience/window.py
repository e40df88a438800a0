"""How often something may be done within any minute, and when it may be done again; pure."""

from __future__ import annotations

import math
from bisect import bisect_right, insort

MINUTE = 60.0


class MovingWindow:
    """At most `amount`, which is at least one, within any `seconds`.

    Moments are in seconds of any one clock, and may be told in any order: those of the last `reach`
    seconds and the window before them are remembered.
    """

    def __init__(self, amount: int, seconds: float = MINUTE, reach: float = 0.0) -> None:
        self._amount = amount
        self._seconds = seconds
        self._remembered = seconds + reach
        self._moments: list[float] = []

    @property
    def newest(self) -> float:
        """The last moment that counts, which may lie ahead; minus infinity without any."""
        return self._moments[-1] if self._moments else -math.inf

    def opens_at(self, at: float) -> float:
        """Return when there is room for another one, seen from the moment `at`: then, or later."""
        end = bisect_right(self._moments, at)
        if end - bisect_right(self._moments, at - self._seconds) < self._amount:
            return at
        return self._moments[end - self._amount] + self._seconds

    def count(self, at: float) -> None:
        """Count one more at the moment `at`."""
        insort(self._moments, at)
        del self._moments[: bisect_right(self._moments, self.newest - self._remembered)]
