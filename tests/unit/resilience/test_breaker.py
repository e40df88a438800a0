"""When a circuit opens, and how it closes again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from structlog.testing import capture_logs

from slackbot.resilience.breaker import FAILURES, REST_SECONDS, CircuitBreaker, CircuitOpen

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from slackbot.resilience.breaker import State, Verdict

ERRORS: dict[Verdict, type[Exception]] = {
    "down": ConnectionError, "up": LookupError, "unknown": BufferError
}  # fmt: skip


def judge(error: Exception) -> Verdict:
    return next(verdict for verdict, kind in ERRORS.items() if isinstance(error, kind))


@dataclass
class Source:
    """Something that may be down, with a breaker before it, and a clock that a test moves."""

    now: float = 0.0
    calls: int = 0
    breaker: CircuitBreaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = CircuitBreaker("Wiki", judge=judge, clock=lambda: self.now)

    def state(self) -> State:
        return self.breaker.state

    def ask(self, error: type[Exception] | None = None) -> None:
        with self.breaker.admitted():
            self.calls += 1
            if error is not None:
                raise error

    def fail(self, times: int = 1, error: type[Exception] = ConnectionError) -> None:
        for _ in range(times):
            with pytest.raises(error):
                self.ask(error)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def down(source: Source) -> Source:
    source.fail(FAILURES)
    return source


def test_what_fails_again_and_again_is_not_asked_any_more(source: Source) -> None:
    source.fail(FAILURES - 1)
    assert source.state() == "closed"
    source.fail()
    assert source.state() == "open"
    with pytest.raises(CircuitOpen):
        source.ask()
    assert source.calls == FAILURES


def test_an_answer_in_between_starts_the_count_anew(source: Source) -> None:
    source.fail(FAILURES - 1)
    source.ask()
    source.fail(FAILURES - 1)
    assert source.state() == "closed"


@pytest.mark.parametrize("verdict", ["up", "unknown"])
def test_errors_that_are_no_sign_of_being_down_open_nothing(
    source: Source, verdict: Verdict
) -> None:
    source.fail(9, ERRORS[verdict])
    assert source.state() == "closed"


def test_a_refusal_is_an_answer(source: Source) -> None:
    source.fail(FAILURES - 1)
    source.fail(error=LookupError)
    source.fail(FAILURES - 1)
    assert source.state() == "closed"


def test_what_shows_nothing_leaves_the_count_as_it_is(source: Source) -> None:
    source.fail(FAILURES - 1)
    source.fail(error=BufferError)
    source.fail()
    assert source.state() == "open"


def test_after_a_rest_one_call_is_made_and_closes_it(down: Source) -> None:
    down.now = REST_SECONDS
    assert down.state() == "half_open"
    with down.breaker.admitted():
        for _ in range(9):
            with pytest.raises(CircuitOpen):
                down.ask()
    assert down.state() == "closed"
    down.fail(FAILURES - 1)
    assert down.state() == "closed"


def test_a_probe_that_fails_opens_it_for_another_rest(down: Source) -> None:
    down.now = REST_SECONDS
    down.fail()
    assert down.state() == "open"
    down.now += REST_SECONDS - 1
    with pytest.raises(CircuitOpen):
        down.ask()
    down.now += 1
    down.ask()
    assert down.state() == "closed"


def test_a_probe_that_shows_nothing_lets_the_next_one_try(down: Source) -> None:
    down.now = REST_SECONDS
    down.fail(error=BufferError)
    assert down.state() == "half_open"
    down.ask()
    assert down.state() == "closed"


async def test_a_probe_that_is_cancelled_lets_the_next_one_try(down: Source) -> None:
    async def probe() -> None:
        with down.breaker.admitted():
            await asyncio.Event().wait()

    down.now = REST_SECONDS
    probing = asyncio.create_task(probe())
    await asyncio.sleep(0)
    with pytest.raises(CircuitOpen):
        down.ask()
    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing
    assert down.state() == "half_open"
    down.ask()
    assert down.state() == "closed"


def test_a_call_from_before_that_fails_late_does_not_prolong_the_rest(source: Source) -> None:
    def fail_late() -> None:
        with source.breaker.admitted():
            source.fail(FAILURES)
            source.now = REST_SECONDS
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail_late()
    assert source.state() == "half_open"


def test_a_call_from_before_that_ends_well_closes_it(source: Source) -> None:
    with source.breaker.admitted():
        source.fail(FAILURES)
    assert source.state() == "closed"


def test_one_failure_that_took_longer_than_a_rest_is_enough(source: Source) -> None:
    def fall_silent(seconds: float) -> None:
        with source.breaker.admitted():
            source.now += seconds
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fall_silent(REST_SECONDS)
    assert source.state() == "closed"
    with pytest.raises(ConnectionError):
        fall_silent(REST_SECONDS + 1)
    assert source.state() == "open"


def test_each_change_is_told_once(source: Source) -> None:
    with capture_logs() as logs:
        source.fail(FAILURES)
        for _ in range(3):
            with pytest.raises(CircuitOpen):
                source.ask()
            source.now += REST_SECONDS
            source.fail()
        source.now += REST_SECONDS
        source.ask()
        source.ask()
    assert logs == [
        {
            "event": "circuit.opened", "log_level": "warning",
            "target": "Wiki", "failures": FAILURES,
        },
        {"event": "circuit.closed", "log_level": "info", "target": "Wiki"},
    ]  # fmt: skip


class Callers(RuleBasedStateMachine):
    """Calls that begin and end in any order while time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.source = Source()
        self.calls: list[tuple[AbstractContextManager[None], bool]] = []

    @rule()
    def begin(self) -> None:
        state = self.source.breaker.state
        call = self.source.breaker.admitted()
        try:
            call.__enter__()
        except CircuitOpen:
            assert state == "open" or (state == "half_open" and self.probes == 1)
        else:
            self.calls.append((call, state == "half_open"))

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, 99), verdict=st.sampled_from([None, *ERRORS.values()]))
    def end(self, which: int, verdict: type[Exception] | None) -> None:
        call, _ = self.calls.pop(which % len(self.calls))
        if verdict is None:
            call.__exit__(None, None, None)
            assert self.source.breaker.state == "closed"
        else:
            error = verdict()
            assert not call.__exit__(verdict, error, None)

    @rule(seconds=st.sampled_from([1.0, REST_SECONDS]))
    def wait(self, seconds: float) -> None:
        self.source.now += seconds

    @property
    def probes(self) -> int:
        return sum(is_probe for _, is_probe in self.calls)

    @invariant()
    def one_probe_at_most(self) -> None:
        assert self.probes <= 1


TestCallers = Callers.TestCase
TestCallers.settings = settings(max_examples=30, stateful_step_count=30)
