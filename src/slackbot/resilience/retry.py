"""When to try a request again: pure waiting times, and tenacity driven by them.

Nobody waits for longer than the work at hand has left (`slackbot.resilience.deadline`).
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from slackbot.resilience.deadline import time_left

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = structlog.get_logger()

Result = TypeVar("Result")


class TryAgain(Exception):
    """Raised by an attempt that failed for now. `retry_after` is in seconds, where it was told."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class RateLimited(TryAgain):
    """A limit is used up, and `retry_after` says for how long: the server itself is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often to try, and how long to wait in between, in seconds."""

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0

    def wait(self, failed: int, retry_after: float | None, chance: float) -> float:
        """Return how long to wait after the given number of failed attempts, at least one.

        The wait doubles each time; `chance` between 0 and 1 spreads callers over its second half,
        or a little beyond the time that the server asked for.
        """
        if retry_after is not None:
            return max(retry_after, 0.0) + chance * self.first_wait
        ceiling = min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1))
        return ceiling * (0.5 + chance / 2)

    def gives_up(self, failed: int, wait: float, left: float) -> bool:
        """Return whether another attempt would be one too many, or begin when no time is left."""
        return failed >= self.attempts or wait >= left


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """Runs attempts by a policy. `chance` is between 0 and 1."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    async def call(
        self,
        attempt: Callable[[], Awaitable[Result]],
        *,
        target: str,
        retry_on: tuple[type[Exception], ...] = (TryAgain,),
    ) -> Result:
        """Run the attempt until it succeeds; raise what the last one raised when giving up."""
        try:
            return await attempt()
        except retry_on as error:
            first = error

        def wait(state: RetryCallState) -> float:
            failure = _failure(state)
            retry_after = failure.retry_after if isinstance(failure, TryAgain) else None
            return self.policy.wait(state.attempt_number, retry_after, self.chance())

        def stop(state: RetryCallState) -> bool:
            return self.policy.gives_up(state.attempt_number, state.upcoming_sleep, time_left())

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
        return await retrying(beginning_with(first, attempt))


def beginning_with(
    failure: Exception, attempt: Callable[[], Awaitable[Result]]
) -> Callable[[], Awaitable[Result]]:
    """Return what tenacity is to run once the first attempt has failed: it counts that one too.

    To set tenacity up costs a third of what a request does, and most are answered at once.
    """
    failures = [failure]

    async def run() -> Result:
        if failures:
            raise failures.pop()
        return await attempt()

    return run


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
