"""Asks a model again when that may help, as long as nothing of its answer was passed on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from slackbot.errors import ModelBusy, ModelError, ModelStreamCut
from slackbot.llm.resilient.limited import CallsUsedUp
from slackbot.llm.resilient.passing import Passing
from slackbot.resilience.deadline import time_left
from slackbot.resilience.retry import Retrier, RetryPolicy, TryAgain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec

POLICY = RetryPolicy(attempts=4, first_wait=1.0, longest_wait=8.0)
LONGEST_PATIENCE = 60.0
"""A provider that asks for more seconds than this is not waited for."""


class RetryingProvider:
    """An `LLMProvider` that repeats what another one could not do just now."""

    def __init__(self, model: LLMProvider, retrier: Retrier | None = None) -> None:
        self._model = model
        self._retrier = retrier or Retrier(policy=POLICY)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the model's next message; see `LLMProvider`.

        A model that was silent for longer than there is time left is not asked again: whoever
        answers in its place needs that time.
        """
        loop = asyncio.get_running_loop()
        failure: ModelError | None = None

        async def attempt() -> LLMResponse:
            nonlocal failure
            passing, began = Passing(on_text), loop.time()
            try:
                return await self._model.complete(
                    messages, system=system, tools=tools, on_text=passing
                )
            except (ModelBusy, ModelStreamCut) as error:
                if failure is not None and isinstance(error, CallsUsedUp):
                    raise failure from None  # what went wrong, and not what kept us from seeing it
                failure = error
                could_end_in_time = loop.time() - began < time_left()
                if passing.begun or not could_end_in_time or not _may_soon_work(error):
                    raise
                raise _Again(error) from error

        try:
            return await self._retrier.call(attempt, target="model", retry_on=(_Again,))
        except _Again as again:
            raise again.error from again.error.__cause__


class _Again(TryAgain):
    """What an attempt failed with, if another one may not."""

    def __init__(self, error: ModelError) -> None:
        super().__init__(str(error), _told_to_wait(error))
        self.error = error


def _may_soon_work(error: ModelError) -> bool:
    return (_told_to_wait(error) or 0.0) <= LONGEST_PATIENCE


def _told_to_wait(error: ModelError) -> float | None:
    return error.retry_after if isinstance(error, ModelBusy) else None
