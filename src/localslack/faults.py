"""Scripted trouble: what the next calls of a Web API method meet instead of their answer."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of trouble; exactly one of the fields is set.

    `error` is refused with that code. `http_status` answers with that status and no JSON.
    `rate_limited` is 429 with `Retry-After` in seconds. `reset` cuts the connection before the
    call takes effect, or after.
    """

    error: str | None = None
    http_status: int | None = None
    rate_limited: float | None = None
    reset: Literal["before", "after"] | None = None

    def __post_init__(self) -> None:
        kinds = (self.error, self.http_status, self.rate_limited, self.reset)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("a fault is exactly one of error, http_status, rate_limited, reset")


class Faults:
    """The faults in wait, method by method, in the order in which they were scripted."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: dict[str, Fault] = {}

    def next(
        self,
        method: str,
        *,
        error: str | None = None,
        http_status: int | None = None,
        rate_limited: float | None = None,
        reset_before_effect: bool = False,
        reset_after_effect: bool = False,
        times: int | None = 1,
    ) -> None:
        """Make the next `times` calls of a method fail; `None`: all, until `clear`."""
        reset: Literal["before", "after"] | None = "before" if reset_before_effect else None
        if reset_after_effect:
            reset = "after"
        fault = Fault(error=error, http_status=http_status, rate_limited=rate_limited, reset=reset)
        if times is None:
            self._lasting[method] = fault
        else:
            self._waiting[method].extend([fault] * times)

    def clear(self) -> None:
        """Let every call through again."""
        self._waiting.clear()
        self._lasting.clear()

    def take(self, method: str) -> Fault | None:
        """Return what a call meets now, which uses it up."""
        waiting = self._waiting.get(method)
        return waiting.popleft() if waiting else self._lasting.get(method)
