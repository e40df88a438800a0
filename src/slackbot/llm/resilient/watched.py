"""Knows whether a model works: by those whom it answers, and by a question of its own otherwise."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelFiltered
from slackbot.llm.resilient.limited import CallsUsedUp
from slackbot.messages import Message
from slackbot.resilience.deadline import time_left, time_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse
    from slackbot.tools import ToolSpec

IDLE_SECONDS: Final = 900.0
"""For how long an answer shows that a model works."""

CHECK_SECONDS: Final = 15.0
"""How long a model has to answer that, tries and turns included."""

QUESTION: Final = "Reply with one word: OK"


class WatchedProvider:
    """An `LLMProvider` that can be checked.

    `on_failure` is told of each failure that is the model's. `clock` counts seconds and never goes
    back.
    """

    def __init__(
        self,
        model: LLMProvider,
        on_failure: Callable[[ModelError], object] = lambda _: None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._on_failure = on_failure
        self._clock = clock
        self._answered_at: float | None = None
        self._failure: ModelError | None = None

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the model's next message; see `LLMProvider`."""
        try:
            response = await self._model.complete(
                messages, system=system, tools=tools, on_text=on_text
            )
        except (ModelFiltered, ContextExceeded, CallsUsedUp):  # not the model's doing
            raise
        except ModelError as error:
            self._answered_at, self._failure = None, error
            self._on_failure(error)
            raise
        except asyncio.CancelledError:
            if time_left() <= 0:  # it was not stopped by anybody: it took all the time there was
                self._answered_at = None
            raise
        self._answered_at, self._failure = self._clock(), None
        return response

    async def check(self) -> None:
        """Ask the model for a word, unless it has answered lately and not failed since.

        Raises:
            ModelError: it does not answer.
        """
        if self._answered_at is not None and self._clock() - self._answered_at <= IDLE_SECONDS:
            return
        try:
            async with time_limit(CHECK_SECONDS):
                await self.complete([Message("user", QUESTION)])
        except CallsUsedUp:  # people come first, and what was known holds
            if self._failure is not None:
                raise self._failure.with_traceback(None) from None
        except TimeoutError as error:
            raise ModelBusy("the model took too long to answer a check") from error
