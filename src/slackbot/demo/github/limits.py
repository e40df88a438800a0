"""GitHub's rate limits: so many requests of a kind in a window of time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Spent:
    """Whether a request was within its limit, and the headers that tell what is left of it."""

    within: bool
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Counts requests by resource: `search` and `code_search` a minute, `core` an hour.

    A resource without a number has no limit, as all have none on a fresh Enterprise Server. `clock`
    is in seconds since the epoch. Source: GitHub Docs, "Rate limits for the REST API".
    """

    limits: Mapping[str, int]
    clock: Callable[[], float]
    _windows: dict[str, _Window] = field(default_factory=dict)

    def spend(self, resource: str) -> Spent:
        """Count a request, if it is within the limit."""
        limit = self.limits.get(resource)
        if limit is None:
            return Spent(within=True, headers={})
        window = self._window(resource)
        within = window.used < limit
        window.used += within
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - window.used),
            "X-RateLimit-Used": str(window.used),
            "X-RateLimit-Reset": str(math.ceil(window.ends)),
            "X-RateLimit-Resource": resource,
        }
        return Spent(within, headers)

    def _window(self, resource: str) -> _Window:
        now = self.clock()
        window = self._windows.get(resource)
        if window is None or window.ends <= now:
            window = _Window(now + (3600 if resource == "core" else 60))
            self._windows[resource] = window
        return window


def resource_of(path: str) -> str:
    """Return what a request counts against."""
    if path.endswith("/search/code"):
        return "code_search"
    return "search" if "/search/" in path else "core"
