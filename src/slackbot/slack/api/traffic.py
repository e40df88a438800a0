"""When a call may leave for Slack: within its limits, the important first, never after a "not now".

Each method has a lane. Who finds no room in it waits in line, by importance and then by arrival,
for as long as the call's patience lasts; a pump, alive only while somebody waits, lets them go.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter

from slackbot.ops.metrics import Metrics
from slackbot.resilience.retry import beginning_with
from slackbot.slack.api.failures import THROTTLED, SlackFailure
from slackbot.slack.api.lane import Lane, Ticket
from slackbot.slack.api.rates import SLACK_LIMITS, tier_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from slackbot.slack.api.priorities import Priority
    from slackbot.slack.api.rates import Limit

Answer = TypeVar("Answer")

_BACK_OFF = wait_exponential_jitter(multiplier=0.5, max=30.0, jitter=0.5)


class Traffic:
    """Every call to Slack in one process, for one token.

    `clock` counts seconds and never goes back; `sleep` waits by it. `limits` are by method.
    `metrics` are told of each call.
    """

    def __init__(
        self,
        limits: Mapping[str, Sequence[Limit]] = SLACK_LIMITS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        metrics: Metrics | None = None,
    ) -> None:
        self._limits = limits
        self._metrics = metrics or Metrics()
        self._clock = clock
        self._sleep = sleep
        self._lanes: dict[str, Lane] = {}
        self._numbers = itertools.count()

    async def call(
        self,
        method: str,
        send: Callable[[], Awaitable[Answer]],
        priority: Priority,
        *,
        channel: str = "",
    ) -> Answer:
        """Send when there is room for it; send again what failed for the moment.

        Raises:
            SlackFailure: what `send` raised last; `throttled` if it was never sent.
        """
        lane = self._lane(method)
        deadline = self._clock() + priority.patience
        ticket = Ticket(priority.importance, next(self._numbers), channel, deadline)

        async def attempt() -> Answer:
            with self._counted(method):
                with self._timed(method):
                    await lane.enter(ticket)
                try:
                    return await send()
                except SlackFailure as failure:
                    if failure.passing and failure.retry_after is not None:
                        lane.close(failure.retry_after)
                    raise
                finally:
                    lane.leave(channel)

        def worth_repeating(error: BaseException) -> bool:
            if not isinstance(error, SlackFailure) or error.code == THROTTLED:
                return False
            return error.passing or priority.repeats(error)

        def too_late(state: RetryCallState) -> bool:
            return self._clock() + state.upcoming_sleep > deadline or lane.reopens_after(deadline)

        try:
            return await attempt()
        except SlackFailure as failure:
            first = failure
        attempts: AsyncRetrying = AsyncRetrying(
            retry=retry_if_exception(worth_repeating),
            wait=_pause,
            stop=too_late,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = await attempts(beginning_with(first, attempt))
        return answer

    @contextmanager
    def _timed(self, method: str) -> Iterator[None]:
        """Note how long a call waits."""
        began = self._clock()
        try:
            yield
        finally:
            tier = tier_of(self._limits.get(method, ()))
            self._metrics.slack_waited(tier, self._clock() - began)

    @contextmanager
    def _counted(self, method: str) -> Iterator[None]:
        """Note what comes of a call."""
        try:
            yield
        except SlackFailure as failure:
            self._metrics.slack_called(method, failure.kind)
            raise
        else:
            self._metrics.slack_called(method, "ok")

    def _lane(self, method: str) -> Lane:
        if method not in self._lanes:
            limits = self._limits.get(method, ())
            self._lanes[method] = Lane(method, limits, self._clock, self._sleep)
        return self._lanes[method]


def _pause(state: RetryCallState) -> float:
    """Back off, unless Slack said for how long: then it is the lane that waits."""
    failure = state.outcome.exception() if state.outcome else None
    if isinstance(failure, SlackFailure) and failure.retry_after is not None:
        return 0.0
    return float(_BACK_OFF(state))
