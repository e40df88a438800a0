"""Counts calls against rate limits, and those that come before they may.

Slack's documentation of rate limits: a refusal is 429 with `Retry-After`, whole seconds in which
no call of that method by that app will do. An app that goes on all the same can be cut off, so
each call within that time is noted, whether a limit or a scripted fault refused the one before.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from localslack.rates import narrowest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localslack.rates import Limit, Scope

VIOLATIONS_KEPT = 10_000

Key: TypeAlias = "tuple[str, str, str]"
"""App, method, and the channel or user, empty for the workspace: what is counted together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Whose a call is, as far as limits are concerned: ids, `user` that of the one who asks."""

    app: str
    method: str
    channel: str = ""
    user: str = ""

    def key(self, scope: Scope) -> Key:
        """Return what the call is counted with."""
        within: dict[Scope, str] = {
            "workspace": "",
            "channel": f"channel {self.channel}",
            "user": f"user {self.user}",
        }
        return self.app, self.method, within[scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A call that came `early` seconds before it was allowed; `at` is since the epoch."""

    app: str
    method: str
    at: float
    early: float


class Tiers:
    """The limits in force, none unless given, and how much of each is used up."""

    def __init__(
        self, limits: Mapping[str, Sequence[Limit]] | None, clock: Callable[[], float]
    ) -> None:
        self.limits: Mapping[str, Sequence[Limit]] = limits or {}
        self.violations: deque[Violation] = deque(maxlen=VIOLATIONS_KEPT)
        self._clock = clock
        self._admitted: defaultdict[tuple[Key, Limit], deque[float]] = defaultdict(deque)
        self._closed: dict[Key, float] = {}

    def enter(self, lane: Lane) -> int | None:
        """Count a call; return how many whole seconds to wait where it is refused."""
        now = self._clock()
        self._note_violation(lane, now)
        windows = [(lane.key(limit.scope), limit) for limit in self.limits.get(lane.method, ())]
        for key, limit in windows:
            if wait := self._wait(key, limit, now):
                self._closed[key] = now + wait
                return wait
        for window in windows:
            self._admitted[window].append(now)
        return None

    def refused(self, lane: Lane, seconds: float) -> None:
        """Note that a call was refused for some time by something other than the limits."""
        self._closed[lane.key(narrowest(lane.method))] = self._clock() + seconds

    def _wait(self, key: Key, limit: Limit, now: float) -> int:
        admitted = self._admitted[key, limit]
        while admitted and admitted[0] + limit.seconds <= now:
            admitted.popleft()
        if len(admitted) < limit.calls:
            return 0
        return math.ceil(admitted[0] + limit.seconds - now)

    def _note_violation(self, lane: Lane, now: float) -> None:
        keys = [lane.key(scope) for scope in ("workspace", "channel", "user")]
        early = max(self._closed.get(key, now) - now for key in keys)
        if early > 0:
            self.violations.append(Violation(app=lane.app, method=lane.method, at=now, early=early))
