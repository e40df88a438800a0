"""Providers around providers: what is asked again, what is left alone, who answers instead."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from kit.scripted_provider import Round, ScriptedProvider, calls, fails, says
from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.errors import (
    ContextExceeded,
    ModelBusy,
    ModelError,
    ModelFiltered,
    ModelRejected,
    ModelStreamCut,
)
from slackbot.llm.resilient import (
    CallLimit,
    FallbackProvider,
    GuardedProvider,
    LimitedProvider,
    Link,
    RetryingProvider,
    WatchedProvider,
)
from slackbot.llm.resilient.guarded import judge
from slackbot.llm.resilient.watched import IDLE_SECONDS
from slackbot.messages import Message, ToolCall
from slackbot.resilience.breaker import FAILURES, REST_SECONDS, CircuitBreaker
from slackbot.resilience.deadline import time_left, time_limit
from slackbot.resilience.retry import Retrier, RetryPolicy
from slackbot.tools import ToolSpec

QUESTION = (Message("user", "How do we roll back?"),)
SEARCH = ToolSpec("search_docs", "Search.", {"type": "object"})


@dataclass
class Heard:
    """Somebody who listens."""

    text: str = ""

    async def __call__(self, piece: str) -> None:
        self.text += piece


@dataclass
class Waits:
    """Waiting that takes no time, and is remembered."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


SILENT = Round(error=ModelBusy("silent"), silence=60.0)


def retrying(*rounds: Round) -> tuple[RetryingProvider, ScriptedProvider, Waits]:
    model, waits = ScriptedProvider(rounds), Waits()
    policy = RetryPolicy(attempts=3, first_wait=1.0)
    return RetryingProvider(model, Retrier(policy=policy, sleep=waits)), model, waits


class TestRetrying:
    @pytest.mark.parametrize("error", [ModelBusy("503"), ModelStreamCut("no end")])
    async def test_what_may_work_soon_is_asked_again_with_the_same_words(
        self, error: ModelError
    ) -> None:
        provider, model, waits = retrying(fails(error), fails(error), says("Like this."))
        heard = Heard()
        response = await provider.complete(
            QUESTION, system="Be kind.", tools=(SEARCH,), on_text=heard
        )
        assert response.content == heard.text == "Like this."
        assert model.requests[0] == model.requests[2]
        assert model.requests[2].system == "Be kind."
        assert len(waits.seconds) == 2
        assert waits.seconds[0] < waits.seconds[1]

    async def test_what_goes_on_failing_is_given_up_with_its_own_error(self) -> None:
        provider, model, _ = retrying(fails(ModelBusy("503")))
        with pytest.raises(ModelBusy, match="503"):
            await provider.complete(QUESTION)
        assert len(model.requests) == 3

    async def test_an_answer_that_began_is_not_begun_again(self) -> None:
        provider, model, _ = retrying(fails(ModelStreamCut("no end"), "Press "), says("Never."))
        heard = Heard()
        with pytest.raises(ModelStreamCut):
            await provider.complete(QUESTION, on_text=heard)
        assert heard.text == "Press "
        assert len(model.requests) == 1

    @pytest.mark.parametrize("error", [ModelRejected, ModelFiltered, ContextExceeded, ModelError])
    async def test_what_would_fail_again_is_not_asked_again(self, error: type[ModelError]) -> None:
        provider, model, _ = retrying(fails(error("no")), says("Never."))
        with pytest.raises(error):
            await provider.complete(QUESTION)
        assert len(model.requests) == 1

    async def test_a_provider_is_given_the_time_it_asks_for_within_a_minute(self) -> None:
        provider, _, waits = retrying(fails(ModelBusy("429", 30.0)), says("Here."))
        assert (await provider.complete(QUESTION)).content == "Here."
        assert 30.0 <= waits.seconds[0] <= 31.0
        provider, _, waits = retrying(fails(ModelBusy("429", 61.0)), says("Never."))
        with pytest.raises(ModelBusy):
            await provider.complete(QUESTION)
        assert waits.seconds == []

    def test_a_silent_model_is_not_asked_again_when_it_could_not_fall_silent_in_time(self) -> None:
        silent = ScriptedProvider([SILENT])

        async def ask() -> float:
            async with time_limit(180.0):
                with pytest.raises(ModelBusy, match="silent"):
                    await RetryingProvider(silent).complete(QUESTION)
                return time_left()

        assert in_virtual_time(ask()) == pytest.approx(58.0, abs=2.0)
        assert len(silent.requests) == 2

    async def test_no_room_for_another_attempt_hides_nothing_of_what_the_first_failed_with(
        self,
    ) -> None:
        model = ScriptedProvider([fails(ModelBusy("503"))])
        provider = RetryingProvider(
            LimitedProvider(model, CallLimit(1)), Retrier(policy=RetryPolicy(), sleep=Waits())
        )
        async with time_limit(30.0):
            with pytest.raises(ModelBusy, match="503") as caught:
                await provider.complete(QUESTION)
        assert type(caught.value) is ModelBusy
        assert len(model.requests) == 1


class TestGuarded:
    async def test_a_model_that_is_down_is_left_alone_and_then_tried_once(self) -> None:
        now = 0.0
        model = ScriptedProvider([*([fails(ModelBusy("503"))] * (FAILURES + 1)), says("Back.")])
        breaker = CircuitBreaker("model", judge=judge, clock=lambda: now)
        provider = GuardedProvider(model, breaker)
        for _ in range(FAILURES + 2):
            with pytest.raises(ModelBusy):
                await provider.complete(QUESTION)
        assert len(model.requests) == FAILURES
        now += REST_SECONDS
        for _ in range(2):
            with pytest.raises(ModelBusy):
                await provider.complete(QUESTION)
        assert len(model.requests) == FAILURES + 1
        now += REST_SECONDS
        assert (await provider.complete(QUESTION)).content == "Back."

    async def test_a_model_that_refuses_one_request_is_not_down(self) -> None:
        model = ScriptedProvider([fails(ContextExceeded("400"))])
        provider = GuardedProvider(model, CircuitBreaker("model", judge=judge))
        for _ in range(FAILURES + 1):
            with pytest.raises(ContextExceeded):
                await provider.complete(QUESTION)
        assert len(model.requests) == FAILURES + 1

    def test_a_fault_of_our_own_shows_nothing_of_the_model(self) -> None:
        assert judge(ValueError()) == "unknown"


def chain(first: Round, *second: Round, notice: str = "") -> FallbackProvider:
    return FallbackProvider(
        [
            Link("bedrock", ScriptedProvider([first])),
            Link("offline", ScriptedProvider(second), notice),
        ]
    )


class TestFallback:
    async def test_the_first_that_can_answers(self) -> None:
        heard = Heard()
        provider = chain(says("Like this."), says("Never."), notice="Sorry.")
        assert (await provider.complete(QUESTION, on_text=heard)).content == "Like this."
        assert heard.text == "Like this."

    @pytest.mark.parametrize("error", [ModelBusy, ModelRejected, ModelStreamCut, ModelError])
    async def test_the_next_answers_under_its_notice(self, error: type[ModelError]) -> None:
        heard = Heard()
        provider = chain(fails(error("no")), says("I found ", "this."), notice="_Only found._")
        with capture_logs() as lines:
            await provider.complete(QUESTION, on_text=heard)
        assert heard.text == "_Only found._\n\nI found this."
        assert [(line["event"], line["provider"]) for line in lines] == [
            ("model.failed", "bedrock")
        ]

    async def test_a_round_without_words_says_nothing(self) -> None:
        heard = Heard()
        call = ToolCall("c1", "search_docs", {})
        provider = chain(fails(ModelBusy("503")), calls(call), notice="_Only found._")
        assert (await provider.complete(QUESTION, on_text=heard)).tool_calls == (call,)
        assert heard.text == ""

    @pytest.mark.parametrize("error", [ModelFiltered, ContextExceeded])
    async def test_another_one_is_not_asked_what_this_one_may_not_answer(
        self, error: type[ModelError]
    ) -> None:
        with pytest.raises(error):
            await chain(fails(error("no")), says("Never.")).complete(QUESTION)

    async def test_nobody_goes_on_where_another_one_broke_off(self) -> None:
        heard = Heard()
        provider = chain(fails(ModelStreamCut("no end"), "Press "), says("Never."))
        with pytest.raises(ModelStreamCut):
            await provider.complete(QUESTION, on_text=heard)
        assert heard.text == "Press "

    async def test_what_the_first_failed_with_is_told_when_all_fail(self) -> None:
        with pytest.raises(ModelBusy):
            await chain(fails(ModelBusy("503")), fails(ModelRejected("401"))).complete(QUESTION)


def test_who_answers_instead_has_time_for_it_when_the_model_is_silent() -> None:
    silent = ScriptedProvider([SILENT])
    breaker = CircuitBreaker("bedrock", judge=judge, clock=virtual_clock)
    first = WatchedProvider(GuardedProvider(RetryingProvider(silent), breaker))
    second = ScriptedProvider([says("I found this.")])
    provider = FallbackProvider([Link("bedrock", first), Link("offline", second)])

    async def ask() -> str:
        async with time_limit(180.0):
            found = (await provider.complete(QUESTION)).content
            assert breaker.state == "open"  # it is not waited for in the next round
            return found

    assert in_virtual_time(ask()) == "I found this."
    assert len(silent.requests) == 2


@dataclass
class Idle:
    """A watched model, and a clock that a test moves."""

    model: ScriptedProvider
    now: float = 0.0

    def watched(self) -> WatchedProvider:
        return WatchedProvider(self.model, clock=lambda: self.now)


class TestWatched:
    async def test_what_goes_in_and_out_is_the_models(self) -> None:
        model, heard = ScriptedProvider([says("Like ", "this.")]), Heard()
        response = await WatchedProvider(model).complete(
            QUESTION, system="Be kind.", tools=(SEARCH,), on_text=heard
        )
        assert response.content == heard.text == "Like this."
        assert (model.requests[0].system, model.requests[0].tools) == ("Be kind.", (SEARCH,))

    async def test_a_model_that_nobody_has_asked_yet_is_asked_by_the_check(self) -> None:
        idle = Idle(ScriptedProvider([says("OK")]))
        provider = idle.watched()
        await provider.check()
        await provider.check()
        assert len(idle.model.requests) == 1

    async def test_a_model_that_answers_people_is_not_asked_by_the_check(self) -> None:
        idle = Idle(ScriptedProvider([says("Like this.")]))
        provider = idle.watched()
        await provider.complete(QUESTION)
        idle.now += IDLE_SECONDS
        await provider.check()
        assert len(idle.model.requests) == 1
        idle.now += 1
        await provider.check()
        assert len(idle.model.requests) == 2

    @pytest.mark.parametrize("error", [ModelBusy, ModelRejected, ModelStreamCut])
    async def test_a_model_that_failed_since_is_asked_until_it_answers(
        self, error: type[ModelError]
    ) -> None:
        failure = fails(error("503"))
        idle = Idle(ScriptedProvider([says("Yes."), failure, failure, says("OK")]))
        provider = idle.watched()
        await provider.complete(QUESTION)
        with pytest.raises(error):
            await provider.complete(QUESTION)
        with pytest.raises(error):
            await provider.check()
        await provider.check()
        await provider.check()
        assert len(idle.model.requests) == 4

    @pytest.mark.parametrize("error", [ModelFiltered, ContextExceeded])
    async def test_a_question_that_cannot_be_answered_says_nothing_of_the_model(
        self, error: type[ModelError]
    ) -> None:
        idle = Idle(ScriptedProvider([says("Yes."), fails(error("no"))]))
        provider = idle.watched()
        await provider.complete(QUESTION)
        with pytest.raises(error):
            await provider.complete(QUESTION)
        await provider.check()
        assert len(idle.model.requests) == 2

    def test_a_model_that_used_up_a_runs_time_is_asked_by_the_check(self) -> None:
        idle = Idle(ScriptedProvider([says("Yes."), Round(hangs=True), says("OK")]))
        provider = idle.watched()

        async def ask() -> None:
            await provider.complete(QUESTION)
            with pytest.raises(TimeoutError):
                async with time_limit(5.0):
                    await provider.complete(QUESTION)
            await provider.check()

        in_virtual_time(ask())
        assert len(idle.model.requests) == 3

    async def test_a_run_that_somebody_stops_says_nothing_of_the_model(self) -> None:
        idle = Idle(ScriptedProvider([says("Yes."), Round(hangs=True)]))
        provider = idle.watched()
        await provider.complete(QUESTION)
        run = asyncio.create_task(provider.complete(QUESTION))
        await asyncio.sleep(0)
        run.cancel()
        await asyncio.wait([run])
        await provider.check()
        assert len(idle.model.requests) == 2

    async def test_each_failure_is_told_to_whoever_counts_them(self) -> None:
        failures: list[ModelError] = []
        model = ScriptedProvider([fails(ModelRejected("401")), fails(ContextExceeded("400"))])
        provider = WatchedProvider(model, failures.append)
        for error in (ModelRejected, ContextExceeded):
            with pytest.raises(error):
                await provider.complete(QUESTION)
        assert [str(failure) for failure in failures] == ["401"]

    async def test_a_check_for_which_no_call_is_left_knows_what_was_known_before(self) -> None:
        model = ScriptedProvider([fails(ModelBusy("503"))])
        provider = WatchedProvider(LimitedProvider(model, CallLimit(1)))
        for ask in (provider.check, provider.check):
            with pytest.raises(ModelBusy, match="503"):
                await ask()
        assert len(model.requests) == 1

    async def test_a_check_for_which_no_call_is_left_says_nothing_of_the_model(self) -> None:
        limit = CallLimit(1)
        model = ScriptedProvider([says("Yes.")])
        provider = WatchedProvider(LimitedProvider(model, limit))
        await limit.turn()
        await provider.check()
        assert model.requests == []

    def test_a_model_that_takes_too_long_fails_its_check(self) -> None:
        idle = Idle(ScriptedProvider([Round(hangs=True)]))
        with pytest.raises(ModelBusy, match="too long"):
            in_virtual_time(idle.watched().check())
