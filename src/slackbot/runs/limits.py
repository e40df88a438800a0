"""How much may be asked within any minute: by one person, and by all together."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cachetools import TTLCache

from slackbot.conversation import Notice
from slackbot.resilience.window import MINUTE, MovingWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from slackbot.conversation import Incoming

LimitName = Literal["rate_limit_per_user", "rate_limit_global"]

REACH = 3600.0
"""Seconds back to which the record is read at most for what was missed."""

PEOPLE_MAX = 10_000
"""People of whom it is remembered at once that they were told."""

EVERYBODY = "everybody"

_SENTENCES: Mapping[LimitName, str] = {
    "rate_limit_per_user": "You've asked me a lot within a minute.",
    "rate_limit_global": "I'm being asked more than I can take on just now.",
}


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that is used up, and for how many seconds from now it still is."""

    limit: LimitName
    seconds: float

    @property
    def sentence(self) -> str:
        """What people read of it."""
        if self.seconds <= 0:  # it was missed and asked a while ago, or Slack had no time
            return f"{_SENTENCES[self.limit]} Please ask again."
        wait = math.ceil(self.seconds)
        unit = "second" if wait == 1 else "seconds"
        return f"{_SENTENCES[self.limit]} Please try again in {wait} {unit}."


class RateLimits:
    """Counts what is taken to be answered; what is refused counts for nothing.

    `per_person` and `in_all` are messages a minute, 0 without a limit. Those who are `exempt` from
    the personal limit still count among all. `clock` counts seconds and never goes back: a `wall`
    clock, in seconds since the epoch, may be set, and only tells how old is what was missed.
    """

    def __init__(
        self,
        per_person: int,
        in_all: int,
        exempt: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._each = MovingWindow(per_person, REACH) if per_person else None
        self._all = MovingWindow(in_all, REACH) if in_all else None
        self._exempt = frozenset(exempt)
        self._clock = clock
        self._wall = wall
        self._told: TTLCache[str, None] = TTLCache(PEOPLE_MAX, MINUTE, clock)

    def excess(self, incoming: Incoming) -> Excess | None:
        """Return the limit that stands in the way of a message, if any."""
        at = self._said_at(incoming)
        for limit, window, key in self._windows(incoming.asker):
            if (opens_at := window.opens_at(at, key)) > at:
                return Excess(limit, opens_at - self._clock())
        return None

    def count(self, incoming: Incoming) -> None:
        """Take in that a message is going to be answered."""
        at = self._said_at(incoming)
        for _, window, key in self._windows(incoming.asker):
            window.count(at, key)

    def notice(self, person: str, excess: Excess) -> Notice | None:
        """Return what to tell somebody who is refused; nothing for a minute after that."""
        if person in self._told:
            return None
        self._told[person] = None
        over_at = self._clock() + excess.seconds

        def words() -> str:
            self._told[person] = None  # and so the minute begins when it leaves
            return replace(excess, seconds=over_at - self._clock()).sentence

        def lost() -> None:
            self._told.pop(person, None)

        return Notice(words, lost)

    def _said_at(self, incoming: Incoming) -> float:
        """Return when a message counts: what was missed, when it was said."""
        age = max(0.0, self._wall() - float(incoming.ts)) if incoming.late else 0.0
        return self._clock() - age

    def _windows(self, person: str) -> Iterator[tuple[LimitName, MovingWindow, str]]:
        if self._each and person not in self._exempt:
            yield "rate_limit_per_user", self._each, person
        if self._all:
            yield "rate_limit_global", self._all, EVERYBODY
