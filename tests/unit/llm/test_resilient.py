"""Providers around providers: what is asked again, what is left alone, who answers instead."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from kit.scripted_provider import Round, ScriptedProvider, calls, fails, says
from kit.virtual_time import in_virtual_time
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
