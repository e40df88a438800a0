"""Slack's `ts`: the id of a message within its channel, and its time, in one string.

A ts is seconds since the epoch with six decimals. Slack's documentation of the `message` event:
unique per channel. Compared as numbers, since a test's clock may begin at zero.
"""

from __future__ import annotations

import re

MICROSECONDS = 1_000_000
_NUMBER = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{0,12}))?")


def micros(ts: str) -> int:
    """Return a ts, or any number of seconds written as text, in whole microseconds.

    Raises:
        ValueError: it is not a number.
    """
    match = _NUMBER.fullmatch(ts)
    if match is None:
        raise ValueError(f"not a ts: {ts!r}")
    fraction = (match["fraction"] or "")[:6]
    return int(match["whole"]) * MICROSECONDS + int(fraction.ljust(6, "0"))


def seconds(ts: str) -> float:
    """Return the time of a ts in seconds since the epoch."""
    return micros(ts) / MICROSECONDS


class Ticker:
    """Gives out ts values: the time now, moved on where needed so that none is given twice."""

    def __init__(self) -> None:
        self._last = 0

    def ts(self, now: float) -> str:
        """Return the next ts, at or after `now` (seconds since the epoch)."""
        self._last = max(self._last + 1, int(now * MICROSECONDS))
        whole, fraction = divmod(self._last, MICROSECONDS)
        return f"{whole}.{fraction:06d}"
