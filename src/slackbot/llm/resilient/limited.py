"""Keeps to so many calls a minute: what comes too soon waits its turn, if it has the time."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

from slackbot.errors import ModelBusy
from slackbot.resilience.deadline import time_left
from slackbot.resilience.window import MovingWindow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec


class CallsUsedUp(ModelBusy):
    """The limit leaves no room within the time there is: the model was not asked."""


class CallLimit:
    """So many calls within any minute, first come, first served.

    `clock` counts seconds and never goes back; `sleep` waits by it.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._window = MovingWindow(per_minute)
        self._last = -math.inf
        self._clock = clock
        self._sleep = sleep

    async def turn(self) -> None:
        """Return when a call may be made, and count it; one that is cancelled in line counts, too.

        Raises:
            CallsUsedUp: the work at hand would have no time left by then.
        """
        now = self._clock()
        at = self._window.opens_at(max(now, self._last))  # behind those who wait already
        if at - now >= time_left():
            raise CallsUsedUp("the calls that may be made within a minute are used up", at - now)
        self._window.count(at)
        self._last = at
        if at > now:
            await self._sleep(at - now)


class LimitedProvider:
    """An `LLMProvider` whose calls count against a limit, which others may share."""

    def __init__(self, model: LLMProvider, limit: CallLimit) -> None:
        self._model = model
        self._limit = limit

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the model's next message; see `LLMProvider`.

        Raises:
            CallsUsedUp: see `CallLimit`.
        """
        await self._limit.turn()
        return await self._model.complete(messages, system=system, tools=tools, on_text=on_text)
