"""Leaves a model alone that is down: the next in line is asked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.errors import ModelBusy, ModelError, ModelStreamCut
from slackbot.llm.resilient.limited import CallsUsedUp
from slackbot.resilience.breaker import CircuitOpen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.resilience.breaker import CircuitBreaker, Verdict
    from slackbot.tools import ToolSpec


class GuardedProvider:
    """An `LLMProvider` behind a circuit breaker, which judges errors by `judge`."""

    def __init__(self, model: LLMProvider, breaker: CircuitBreaker) -> None:
        self._model = model
        self._breaker = breaker

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
            ModelBusy: the model is down, by what is known; it was not asked.
        """
        try:
            with self._breaker.admitted():
                return await self._model.complete(
                    messages, system=system, tools=tools, on_text=on_text
                )
        except CircuitOpen as error:
            raise ModelBusy("the model failed again and again and is left alone") from error


def judge(error: Exception) -> Verdict:
    """Say what an error shows of a model; one that refuses a request is up."""
    if isinstance(error, CallsUsedUp):
        return "unknown"
    if isinstance(error, ModelBusy | ModelStreamCut):
        return "down"
    return "up" if isinstance(error, ModelError) else "unknown"
