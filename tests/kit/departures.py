"""When the bots' calls left for Slack, by which it is told what a bot could know by then.

A call that is under way when another one is refused cannot be called back: Slack counts it as too
early, and the bot is not to blame. Whether it was, only the bot's end of the wire can tell.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localslack.tiers import Violation


@dataclass(slots=True)
class Departure:
    """A call of `method`, from when it left until its answer was there (seconds since the epoch).

    It is `hasty` if it left within the Retry-After of an answer that was there.
    """

    method: str
    left: float
    hasty: bool
    ended: float = math.inf


@dataclass(slots=True)
class Departures:
    """All calls to one Slack. `clock` is Slack's."""

    clock: Callable[[], float] = time.time
    calls: list[Departure] = field(default_factory=list)
    _shut_until: dict[str, float] = field(default_factory=dict)

    @property
    def hasty(self) -> list[Departure]:
        """The calls that ought not to have left yet."""
        return [call for call in self.calls if call.hasty]

    def excuse(self, violation: Violation) -> bool:
        """Whether what came too early had left before anybody could know."""
        return any(
            not call.hasty and call.left <= violation.at <= call.ended
            for call in self.calls
            if call.method == violation.method
        )

    @contextmanager
    def under_way(self, method: str) -> Iterator[None]:
        """Note a call that leaves now, and is answered when the context is left."""
        # Waits are counted by this clock, which never goes back.
        hasty = time.monotonic() < self._shut_until.get(method, 0.0)
        call = Departure(method, self.clock(), hasty)
        self.calls.append(call)
        try:
            yield
        except SlackApiError as error:
            seconds = getattr(error.response, "headers", {}).get("Retry-After")
            if seconds is not None:
                self._shut_until[method] = time.monotonic() + float(seconds)
            raise
        finally:
            call.ended = self.clock()


@contextmanager
def departures() -> Iterator[defaultdict[str, Departures]]:
    """Watch all bots of this process while the context is open; by the URL of Slack's API."""
    found: defaultdict[str, Departures] = defaultdict(Departures)
    api_call = AsyncWebClient.api_call

    async def watched(client: AsyncWebClient, api_method: str, **arguments: Any) -> Any:
        with found[client.base_url.rstrip("/")].under_way(api_method):
            return await api_call(client, api_method, **arguments)

    with patch.object(AsyncWebClient, "api_call", watched):
        yield found
