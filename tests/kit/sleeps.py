"""Waiting that takes no time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sleeps:
    """A `sleep` that only lets others run, and keeps for how long it was asked to wait."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)

    def clock(self) -> float:
        """Count seconds, with those that were slept."""
        return time.monotonic() + sum(self.seconds)


@dataclass(slots=True)
class Clock:
    """The time of day in seconds since the epoch, `ahead` by what a test says."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead
