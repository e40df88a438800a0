"""The lane of one method of Slack's: how many of its calls are under way, and who is in line."""

from __future__ import annotations

import asyncio
import math
from bisect import insort
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from slackbot.resilience.stop import until
from slackbot.slack.api.failures import THROTTLED, SlackFailure
from slackbot.slack.api.priorities import Importance
from slackbot.slack.api.rates import Window

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from slackbot.slack.api.rates import Limit

log = structlog.get_logger(__name__)

PUMP = "slack.traffic"

CAREFUL_SECONDS = 60.0
"""How long after a refusal calls go one by one: all at once would be refused at once."""

ANNOUNCE_SECONDS = 60.0
"""How often at most a lane tells that it has no room."""

_PURGE_AT = 256


@dataclass(frozen=True, order=True, slots=True)
class Ticket:
    """A call's place in every line it has to stand in, however often it is repeated.

    `deadline` is when it gives up.
    """

    importance: int
    number: int
    channel: str = field(compare=False)
    deadline: float = field(compare=False)


@dataclass(frozen=True, order=True, slots=True)
class _Waiter:
    """A call in line; `admitted` is set when it may go, or fails when it has to give up."""

    ticket: Ticket
    admitted: asyncio.Future[None] = field(compare=False)

    @property
    def may_go(self) -> bool:
        future = self.admitted
        return future.done() and not future.cancelled() and future.exception() is None


class Lane:
    """The calls of one method: those under way, and those in line."""

    def __init__(
        self,
        method: str,
        limits: Sequence[Limit],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._method = method
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[tuple[Limit, str], Window] = {}
        self._under_way = 0
        self._closed_until = -math.inf
        self._announced = -math.inf
        self._line: list[_Waiter] = []
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    async def enter(self, ticket: Ticket) -> None:
        """Return when the call may be made.

        Raises:
            SlackFailure: with the code `throttled`, when it could not be made in time.
        """
        if not self._line and self._opens_at(ticket, now := self._clock()) <= now:
            self._begin(ticket.channel)
            return
        waiter = _Waiter(ticket, asyncio.get_running_loop().create_future())
        insort(self._line, waiter)
        self._changed.set()
        if self._pump is None:
            # The pump is nobody's in particular: what it logs belongs to no run.
            self._pump = asyncio.create_task(self._admit(), name=PUMP, context=Context())
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter.may_go:
                self._give_back(ticket.channel)
            self._changed.set()
            raise

    def leave(self, channel: str) -> None:
        """Note that a call has ended."""
        now = self._clock()
        self._under_way -= 1
        for window in self._windows_of(channel):
            window.end(now)
        self._changed.set()

    def close(self, seconds: float) -> None:
        """Let no call go for some time: Slack said so."""
        now = self._clock()
        if self._closed_until <= now:
            log.info("slack.throttled", method=self._method, retry_after=seconds)
        self._closed_until = max(self._closed_until, now + seconds)

    def reopens_after(self, deadline: float) -> bool:
        """Whether no call may go before `deadline`."""
        return self._closed_until > deadline

    async def _admit(self) -> None:
        """Let those in line go as there is room for them, until the line is empty."""
        while (wake_at := self._pass()) is not None:
            self._changed.clear()
            await until(self._changed, _wait(self._sleep, wake_at - self._clock()))
        self._pump = None

    def _pass(self) -> float | None:
        """Admit whom there is room for, refuse who cannot wait; return when to look again."""
        now = self._clock()
        staying: list[_Waiter] = []
        wake_at = math.inf
        blocked: dict[str, float] = {}
        for waiter in self._line:
            if waiter.admitted.done():
                continue
            channel, deadline = waiter.ticket.channel, waiter.ticket.deadline
            opens_at = blocked.get(channel) or self._opens_at(waiter.ticket, now)
            if opens_at <= now:
                self._begin(channel)
                waiter.admitted.set_result(None)
                continue
            blocked[channel] = opens_at
            if deadline <= now or deadline < opens_at < math.inf:
                waiter.admitted.set_exception(self._throttled(opens_at - now))
            else:
                staying.append(waiter)
                wake_at = min(wake_at, opens_at, deadline)
        self._line = staying
        if staying:
            self._announce(now)
        return wake_at if staying else None

    def _throttled(self, seconds: float) -> SlackFailure:
        self._announce(self._clock())
        return SlackFailure(self._method, THROTTLED, seconds if math.isfinite(seconds) else None)

    def _announce(self, now: float) -> None:
        if now >= self._announced + ANNOUNCE_SECONDS and now >= self._closed_until:
            self._announced = now
            log.info("slack.throttled", method=self._method, waiting=len(self._line))

    def _opens_at(self, ticket: Ticket, now: float) -> float:
        """Return from when on a call may be made; `inf` says when another call has ended."""
        if self._under_way and now < self._closed_until + CAREFUL_SECONDS:
            return math.inf
        sparing = ticket.importance >= Importance.SPARING
        windows = self._windows_of(ticket.channel)
        opening = (window.opens_at(now, sparing=sparing) for window in windows)
        return max((self._closed_until, now, *opening))

    def _windows_of(self, channel: str) -> Iterable[Window]:
        for limit in self._limits:
            key = limit, channel if limit.per_channel else ""
            if key not in self._windows:
                self._purge()
                self._windows[key] = Window(limit)
            yield self._windows[key]

    def _purge(self) -> None:
        """Forget channels in which nothing was said for a while."""
        if len(self._windows) >= _PURGE_AT:
            now = self._clock()
            kept = {key: one for key, one in self._windows.items() if not one.is_idle(now)}
            self._windows = kept

    def _begin(self, channel: str) -> None:
        self._under_way += 1
        for window in self._windows_of(channel):
            window.begin()

    def _give_back(self, channel: str) -> None:
        self._under_way -= 1
        for window in self._windows_of(channel):
            window.give_back()


async def _wait(sleep: Callable[[float], Awaitable[None]], seconds: float) -> None:
    await sleep(max(0.0, seconds))
