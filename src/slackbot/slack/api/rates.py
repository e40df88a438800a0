"""How often Slack lets its methods be called, and how much of that is left; pure.

Slack counts calls per method, app and workspace in any minute (https://docs.slack.dev/apis/web-api/
rate-limits): tier 2 allows 20, tier 3 50, tier 4 100. The reference of each method names its tier.
What is not listed here has no limit that is known; what Slack then says by 429 holds all the same.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Tier = Literal["2", "3", "4", "special", "none"]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` within any `seconds`: in all, or for each channel."""

    calls: int
    seconds: float = 60.0
    per_channel: bool = False


TIER_2, TIER_3, TIER_4 = (Limit(20),), (Limit(50),), (Limit(100),)

SLACK_LIMITS: Mapping[str, Sequence[Limit]] = {
    # "like chat.postMessage", by the limits that Slack's Java SDK knows (MethodsRateLimits)
    "assistant.threads.setStatus": (Limit(60, per_channel=True),),
    "chat.appendStream": TIER_4,
    "chat.delete": TIER_3,
    "chat.postEphemeral": TIER_4,
    # "one message per second per channel", "several hundred messages per minute" per workspace
    "chat.postMessage": (Limit(1, 1.0, per_channel=True), Limit(300)),
    "chat.startStream": TIER_2,
    "chat.stopStream": TIER_2,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "reactions.add": TIER_3,
    "reactions.list": TIER_2,
    "search.messages": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
}
"""The limits of each method, by its reference page unless noted otherwise."""


def tier_of(limits: Sequence[Limit]) -> Tier:
    """Return what Slack calls such limits, `special` for some of a method's own."""
    tiers: Mapping[Sequence[Limit], Tier] = {TIER_2: "2", TIER_3: "3", TIER_4: "4", (): "none"}
    return tiers.get(tuple(limits), "special")


class Window:
    """The calls that count against a limit. Times are seconds of a clock that never goes back.

    When a call was sent is not when Slack counts it, which is some time before its answer. So it
    counts until `limit.seconds` after its end, and a little too long rather than too short.
    """

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._under_way = 0
        self._ended: deque[float] = deque(maxlen=limit.calls)

    def opens_at(self, now: float, *, sparing: bool = False) -> float:
        """Return from when on another call may be made: `now` at once, `inf` once a call ends.

        `sparing` is for a call that leaves three quarters of the limit to others.
        """
        while self._ended and self._ended[0] + self._limit.seconds <= now:
            self._ended.popleft()
        most = self._limit.calls // 4 if sparing else self._limit.calls
        too_many = len(self._ended) + self._under_way - most
        if too_many < 0:
            return now
        if too_many >= len(self._ended):
            return math.inf
        return self._ended[too_many] + self._limit.seconds

    def begin(self) -> None:
        """Count a call."""
        self._under_way += 1

    def end(self, now: float) -> None:
        """Note that a call has ended."""
        self._under_way -= 1
        self._ended.append(now)

    def give_back(self) -> None:
        """Do not count a call that was not made after all."""
        self._under_way -= 1

    def is_idle(self, now: float) -> bool:
        """Whether nothing counts against the limit."""
        return self.opens_at(now) <= now and not (self._ended or self._under_way)
