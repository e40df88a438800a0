"""What a call of the Web API meets instead of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of trouble at most, slowness and falling sockets besides.

    `error` is refused with that code. `http_status` answers with that status and no JSON.
    `rate_limited` is 429 with `Retry-After` in seconds. `reset` cuts the connection before the
    call takes effect, or after. `after_effect` lets an error or a status come after it did, too.
    `delay` is how many seconds the answer is late: by then the call has long taken effect.
    """

    error: str | None = None
    http_status: int | None = None
    rate_limited: float | None = None
    reset: Literal["before", "after"] | None = None
    after_effect: bool = False
    delay: float = 0.0
    drop_sockets: bool = False

    def __post_init__(self) -> None:
        kinds = (self.error, self.http_status, self.rate_limited, self.reset)
        failures = sum(kind is not None for kind in kinds)
        if failures > 1 or not (failures or self.delay or self.drop_sockets):
            raise ValueError(
                "a fault is exactly one of error, http_status, rate_limited, reset, or a delay or "
                "falling sockets, which may go with one"
            )
        if self.after_effect and self.error is None and self.http_status is None:
            raise ValueError("after_effect is for an error or an HTTP status")
        if self.http_status is not None and not 400 <= self.http_status <= 599:
            raise ValueError("http_status is one that tells of a failure, 400 to 599")
        if (self.rate_limited or 0) < 0 or self.delay < 0:
            raise ValueError("times are not negative")

    @property
    def takes_effect(self) -> bool:
        """Whether the call does what it is for all the same."""
        return self.failure is None or self.after_effect or self.reset == "after"

    @property
    def failure(self) -> str | None:
        """The name of what the caller gets instead of an answer, `None` where it is answered."""
        if self.error is not None:
            return self.error
        if self.rate_limited is not None:
            return "ratelimited"
        if self.http_status is not None:
            return f"http_{self.http_status}"
        return None if self.reset is None else f"reset_{self.reset}_effect"
