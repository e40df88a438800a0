"""All trouble that a workspace makes for its apps: scripted, random, or for a time. None at first.

What a call meets, in this order: an outage, what was scripted for its method, the weather.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from localslack.fault import Fault
from localslack.weather import EventOdds, Passage, Weather

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localslack.weather import Odds

DisconnectReason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a WebSocket is refused: with 503, or opened only to be told the reason and closed."""

    reason: DisconnectReason | None = None


class Faults:
    """The faults in wait and in force. Times are in seconds, by the `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.weather_now = Weather()
        self._clock = clock
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: dict[str, Fault] = {}
        self._outage_until = 0.0
        self._refusal = Refusal()
        self._refusals = 0
        self._refusing_until = 0.0

    @property
    def outage_seconds(self) -> float:
        """How much longer nothing can be reached."""
        return max(0.0, self._outage_until - self._clock())

    @property
    def refusing_seconds(self) -> float:
        """How much longer sockets are refused for a time."""
        return max(0.0, self._refusing_until - self._clock())

    @property
    def refusals_left(self) -> int:
        """How many sockets more are refused, whenever they come."""
        return self._refusals

    @property
    def scripted(self) -> Mapping[str, int | None]:
        """How many calls of each method will fail as scripted; `None`: all."""
        waiting = {method: len(faults) for method, faults in self._waiting.items() if faults}
        return waiting | dict.fromkeys(self._lasting)

    def next(
        self,
        method: str,
        *,
        error: str | None = None,
        http_status: int | None = None,
        rate_limited: float | None = None,
        reset_before_effect: bool = False,
        reset_after_effect: bool = False,
        after_effect: bool = False,
        delay: float = 0.0,
        drop_sockets: bool = False,
        times: int | None = 1,
    ) -> None:
        """Make the next `times` calls of a method fail; `None`: all, until `clear`.

        What each kind does, and what goes with what, stands at `Fault`.
        """
        reset: Literal["before", "after"] | None = "before" if reset_before_effect else None
        if reset_after_effect:
            reset = "after"
        fault = Fault(
            error=error,
            http_status=http_status,
            rate_limited=rate_limited,
            reset=reset,
            after_effect=after_effect,
            delay=delay,
            drop_sockets=drop_sockets,
        )
        if times is None:
            self._lasting[method] = fault
        else:
            self._waiting[method].extend([fault] * times)

    def weather(
        self,
        seed: int,
        calls: Mapping[str, Odds] | None = None,
        *,
        events: EventOdds | None = None,
    ) -> None:
        """Let calls, by patterns such as `chat.*`, and events meet trouble at random from now on.

        It takes the place of the weather before, begins anew with the seed, and lasts until
        another is made, or `clear`.
        """
        self.weather_now = Weather(seed=seed, calls=calls or {}, events=events or EventOdds())

    def outage(self, seconds: float) -> None:
        """Let nothing be reached for a time: calls and new sockets are cut before they begin.

        What an app sees while the network, its names or its certificates fail.
        """
        self._outage_until = self._clock() + seconds

    def refuse_sockets(
        self, times: int = 0, *, seconds: float = 0.0, reason: DisconnectReason | None = None
    ) -> None:
        """Refuse the next `times` WebSockets, and all within some `seconds`."""
        self._refusal = Refusal(reason)
        self._refusals = times
        self._refusing_until = self._clock() + seconds

    def clear(self) -> None:
        """Let everything through again."""
        self._waiting.clear()
        self._lasting.clear()
        self.weather_now = Weather()
        self._outage_until = self._refusing_until = 0.0
        self._refusals = 0

    def take(self, method: str) -> Fault | None:
        """Return what a call meets now, which uses it up."""
        if self.outage_seconds:
            return Fault(reset="before")
        if waiting := self._waiting.get(method):
            return waiting.popleft()
        return self._lasting.get(method) or self.weather_now.fault(method)

    def take_refusal(self) -> Refusal | None:
        """Return how a WebSocket that an app wants to open is refused, `None` if it is not."""
        if self._refusals:
            self._refusals -= 1
            return self._refusal
        return self._refusal if self.refusing_seconds else None

    def take_passage(self) -> Passage:
        """Return how an event comes to an app now."""
        return self.weather_now.passage()
