"""Random trouble, the same for the same seed: what each call and each event meets.

The n-th call of a method meets the same in each run, however calls of different methods are mixed;
likewise the n-th event.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

from localslack.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ERRORS = ("internal_error", "fatal_error", "service_unavailable")
"""Slack's documentation: errors that any method can give without a fault of the caller's."""

HTTP_STATUSES = (500, 502, 503, 504)
SWAP_SECONDS = 0.05
"""How long an event is held back for those that follow to overtake it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How likely calls meet each kind of trouble, from 0 to 1. Times are in seconds.

    A call fails in one way at most: `rate_limited`, an HTTP status before or after it took effect,
    a reset of the connection before or after it did, or one of the codes in `errors`. Besides, it
    may be answered late (`slow`, by `delay`), and cut every socket (`drop_sockets`).
    """

    rate_limited: float = 0.0
    retry_after: int = 1
    http_before: float = 0.0
    http_after: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    error: float = 0.0
    errors: tuple[str, ...] = ERRORS
    slow: float = 0.0
    delay: float = 2.0
    drop_sockets: float = 0.0

    def __post_init__(self) -> None:
        failures = (
            self.rate_limited,
            self.http_before,
            self.http_after,
            self.reset_before,
            self.reset_after,
            self.error,
        )
        _check_chances(*failures, self.slow, self.drop_sockets, sum(failures))
        _check_times(self.retry_after, self.delay)

    def draw(self, chance: Random) -> Fault | None:
        """Return what the next call meets."""
        status, code = chance.choice(HTTP_STATUSES), chance.choice(self.errors)
        failures = (
            (self.rate_limited, Fault(rate_limited=self.retry_after)),
            (self.http_before, Fault(http_status=status)),
            (self.http_after, Fault(http_status=status, after_effect=True)),
            (self.reset_before, Fault(reset="before")),
            (self.reset_after, Fault(reset="after")),
            (self.error, Fault(error=code)),
        )
        failure = _one_of(failures, chance.random())
        delay = self.delay if chance.random() < self.slow else 0.0
        drop = chance.random() < self.drop_sockets
        if not delay and not drop:
            return failure
        if failure is None:
            return Fault(delay=delay, drop_sockets=drop)
        return replace(failure, delay=delay, drop_sockets=drop)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOdds:
    """How likely events come late, twice, or after those that follow. Times are in seconds.

    Users report all three of Slack (bolt-python's issues), with delays of up to eight minutes.
    `drop_sockets` is how likely an event brings every socket down as it is sent.
    """

    late: float = 0.0
    late_by: float = 5.0
    twice: float = 0.0
    twice_after: float = 1.0
    swapped: float = 0.0
    drop_sockets: float = 0.0

    def __post_init__(self) -> None:
        _check_chances(self.late, self.twice, self.swapped, self.drop_sockets)
        _check_times(self.late_by, self.twice_after)

    def draw(self, chance: Random) -> Passage:
        """Return how the next event comes."""
        late, twice, swapped, drop = (chance.random() for _ in range(4))
        wait = self.late_by if late < self.late else 0.0
        wait += SWAP_SECONDS if swapped < self.swapped else 0.0
        again = (wait + self.twice_after,) if twice < self.twice else ()
        return Passage(waits=(wait, *again), drop_sockets=drop < self.drop_sockets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How an event comes: how many seconds from now, once for each time it does."""

    waits: tuple[float, ...] = (0.0,)
    drop_sockets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The odds for events, and for calls by patterns of methods (`chat.*`).

    Where several patterns fit, a call meets what each brings: the first failure, the longest delay.
    """

    seed: int = 0
    calls: Mapping[str, Odds] = field(default_factory=dict)
    events: EventOdds = field(default_factory=EventOdds)
    _chances: dict[str, Random] = field(default_factory=dict, repr=False, compare=False)

    def fault(self, method: str) -> Fault | None:
        """Return what the next call of a method meets."""
        drawn = [
            odds.draw(self._chance(method))
            for pattern, odds in self.calls.items()
            if fnmatchcase(method, pattern)
        ]
        faults = [fault for fault in drawn if fault is not None]
        if not faults:
            return None
        return replace(
            next((fault for fault in faults if fault.failure is not None), faults[0]),
            delay=max(fault.delay for fault in faults),
            drop_sockets=any(fault.drop_sockets for fault in faults),
        )

    def passage(self) -> Passage:
        """Return how the next event comes."""
        return self.events.draw(self._chance("an event"))

    def _chance(self, of: str) -> Random:
        return self._chances.setdefault(of, Random(f"{self.seed} {of}"))  # noqa: S311 - no secret


def _one_of(failures: Sequence[tuple[float, Fault]], drawn: float) -> Fault | None:
    for likely, failure in failures:
        if drawn < likely:
            return failure
        drawn -= likely
    return None


def _check_chances(*chances: float) -> None:
    if not all(0 <= chance <= 1 for chance in chances):
        raise ValueError("chances are from 0 to 1, those of all failures together as well")


def _check_times(*times: float) -> None:
    if not all(time >= 0 for time in times):
        raise ValueError("times are not negative")
