"""When to try a request again: pure waiting times, and tenacity driven by them."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_log = structlog.get_logger()

Result = TypeVar("Result")


class TryAgain(Exception):
    """Raised by an attempt that failed for now. `retry_after` is in seconds, where it was told."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long to try. Times are in seconds; `deadline` bounds all attempts."""

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0
    deadline: float = 18.0

    def wait(self, failed: int, retry_after: float | None, chance: float) -> float:
        """Return how long to wait after the given number of failed attempts, at least one.

        The wait doubles each time; `chance` between 0 and 1 spreads callers over its second half,
        or a little beyond the time that the server asked for.
        """
        if retry_after is not None:
            return max(retry_after, 0.0) + chance * self.first_wait
        ceiling = min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1))
        return ceiling * (0.5 + chance / 2)

    def gives_up(self, failed: int, elapsed: float, wait: float) -> bool:
        """Return whether another attempt would be one too many, or begin after the deadline."""
        return failed >= self.attempts or elapsed + wait >= self.deadline


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), if it is valid."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - now, 0.0)


def used_up_until(headers: Mapping[str, str]) -> float | None:
    """Return when a rate limit that is used up starts anew, in seconds since the epoch.

    Nothing if some of it is left, or if the server tells its limits in another way than GitHub
    does ("Rate limits for the REST API", GitHub Docs).
    """
    reset = headers.get("X-RateLimit-Reset", "")
    spent = headers.get("X-RateLimit-Remaining") == "0"
    return float(reset) if spent and reset.isascii() and reset.isdecimal() else None


def told_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a server asks to wait: Retry-After, else until its limit resets."""
    retry_after = parse_retry_after(headers.get("Retry-After"), now)
    reset = used_up_until(headers)
    if retry_after is not None or reset is None:
        return retry_after
    return max(reset - now, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """Runs attempts by a policy. `clock` counts seconds and never goes back; `chance` is 0 to 1."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    async def call(
        self,
        attempt: Callable[[], Awaitable[Result]],
        *,
        target: str,
        retry_on: tuple[type[Exception], ...] = (TryAgain,),
    ) -> Result:
        """Run the attempt until it succeeds; raise what the last one raised when giving up."""
        started = self.clock()

        async def run() -> Result:  # tenacity awaits what is declared async, and a lambda is not
            return await attempt()

        def wait(state: RetryCallState) -> float:
            failure = _failure(state)
            retry_after = failure.retry_after if isinstance(failure, TryAgain) else None
            return self.policy.wait(state.attempt_number, retry_after, self.chance())

        def stop(state: RetryCallState) -> bool:
            elapsed = self.clock() - started
            return self.policy.gives_up(state.attempt_number, elapsed, state.upcoming_sleep)

        def announce(state: RetryCallState) -> None:
            _log.info(
                "retry.scheduled",
                target=target,
                attempt=state.attempt_number,
                wait=round(state.upcoming_sleep, 2),
                error=type(_failure(state)).__name__,
            )

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(retry_on),
            wait=wait,
            stop=stop,
            sleep=self.sleep,
            before_sleep=announce,
            reraise=True,
        )
        return await retrying(run)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
