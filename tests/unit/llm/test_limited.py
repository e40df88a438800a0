"""So many calls a minute, in virtual time: who waits, for how long, and who has no time for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kit.scripted_provider import ScriptedProvider, says
from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.errors import ModelBusy
from slackbot.llm.resilient import (
    CallLimit,
    GuardedProvider,
    LimitedProvider,
    RetryingProvider,
)
from slackbot.llm.resilient.guarded import judge
from slackbot.llm.resilient.limited import CallsUsedUp
from slackbot.messages import LLMResponse, Message
from slackbot.resilience.breaker import FAILURES, CircuitBreaker
from slackbot.resilience.deadline import time_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm import OnText
    from slackbot.tools import ToolSpec

QUESTION = (Message("user", "How do we roll back?"),)


@dataclass(slots=True)
class Timed:
    """A model that keeps when it was asked what; the first `failing` times it is busy."""

    failing: int = 0
    asked_at: list[tuple[float, str]] = field(default_factory=list)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        self.asked_at.append((round(virtual_clock()), messages[0].content))
        if len(self.asked_at) <= self.failing:
            raise ModelBusy("throttled")
        return LLMResponse("Like this.", "timed")


def two_a_minute() -> CallLimit:
    return CallLimit(2, clock=virtual_clock)


def test_what_comes_too_soon_waits_its_turn() -> None:
    async def scenario() -> None:
        model = Timed()
        provider = LimitedProvider(model, two_a_minute())
        calls = [provider.complete((Message("user", str(number)),)) for number in range(5)]
        await asyncio.gather(*calls)
        assert model.asked_at == [(0, "0"), (0, "1"), (60, "2"), (60, "3"), (120, "4")]

    in_virtual_time(scenario())


def test_providers_may_share_a_limit() -> None:
    async def scenario() -> None:
        first, second, limit = Timed(), Timed(), two_a_minute()
        for model in (first, second, first):
            await LimitedProvider(model, limit).complete(QUESTION)
        assert [at for at, _ in first.asked_at] == [0, 60]
        assert [at for at, _ in second.asked_at] == [0]

    in_virtual_time(scenario())


def test_who_has_no_time_to_wait_is_told_at_once_and_takes_no_turn() -> None:
    async def scenario() -> None:
        model = Timed()
        provider = LimitedProvider(model, two_a_minute())
        for _ in range(2):
            await provider.complete(QUESTION)
        async with time_limit(59.0):
            with pytest.raises(CallsUsedUp):
                await provider.complete(QUESTION)
        assert virtual_clock() == 0.0
        async with time_limit(61.0):
            await provider.complete(QUESTION)
            await provider.complete(QUESTION)
        assert [at for at, _ in model.asked_at] == [0, 0, 60, 60]

    in_virtual_time(scenario())


def test_one_that_is_cancelled_in_line_does_not_let_others_go_too_soon() -> None:
    async def scenario() -> None:
        model = Timed()
        provider = LimitedProvider(model, two_a_minute())
        for _ in range(2):
            await provider.complete(QUESTION)
        waiting = [asyncio.create_task(provider.complete(QUESTION)) for _ in range(2)]
        await asyncio.sleep(1)
        for task in waiting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await provider.complete(QUESTION)
        assert [at for at, _ in model.asked_at] == [0, 0, 120]

    in_virtual_time(scenario())


def test_each_repetition_counts() -> None:
    async def scenario() -> None:
        model = Timed(failing=2)
        await RetryingProvider(LimitedProvider(model, two_a_minute())).complete(QUESTION)
        assert len(model.asked_at) == 3
        assert model.asked_at[2][0] >= 60

    in_virtual_time(scenario())


def test_a_limit_of_ours_is_neither_waited_for_twice_nor_a_fault_of_the_model() -> None:
    async def scenario() -> None:
        limited = LimitedProvider(ScriptedProvider([says("Here.")]), two_a_minute())
        provider = GuardedProvider(RetryingProvider(limited), CircuitBreaker("m", judge=judge))
        for _ in range(2):
            await provider.complete(QUESTION)
        for _ in range(2 * FAILURES):
            async with time_limit(30.0):
                with pytest.raises(CallsUsedUp):
                    await provider.complete(QUESTION)
        assert virtual_clock() == 0.0
        assert (await provider.complete(QUESTION)).content == "Here."

    in_virtual_time(scenario())
