"""Waiting times, and giving up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.sleeps import Sleeps
from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.resilience.deadline import time_limit
from slackbot.resilience.retry import Retrier, RetryPolicy, TryAgain


def retrier(sleeps: Sleeps, **policy: float) -> Retrier:
    return Retrier(
        policy=RetryPolicy(**policy),  # type: ignore[arg-type] # attempts is a whole number
        sleep=sleeps,
        chance=lambda: 1.0,
    )


@dataclass
class Flaky:
    """Fails as it is told, then succeeds."""

    failures: list[Exception]
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def test_waits_double_up_to_the_longest() -> None:
    policy = RetryPolicy(first_wait=1, longest_wait=5)
    assert [policy.wait(failed, None, 1.0) for failed in (1, 2, 3, 4)] == [1, 2, 4, 5]


@given(st.integers(1, 50), st.floats(0, 1))
def test_a_wait_is_spread_over_the_second_half(failed: int, chance: float) -> None:
    policy = RetryPolicy(first_wait=1, longest_wait=8)
    ceiling = min(8, 2 ** (failed - 1))
    assert ceiling / 2 <= policy.wait(failed, None, chance) <= ceiling


@given(st.floats(0, 1000), st.floats(0, 1))
def test_never_comes_back_before_the_server_said(retry_after: float, chance: float) -> None:
    assert retry_after <= RetryPolicy().wait(1, retry_after, chance) <= retry_after + 0.5


async def test_tries_until_it_succeeds() -> None:
    sleeps, flaky = Sleeps(), Flaky([TryAgain("busy"), TryAgain("busy")])
    assert await retrier(sleeps, first_wait=1).call(flaky, target="Wiki") == "answer"
    assert sleeps.seconds == [1.0, 2.0]


async def test_waits_as_long_as_the_server_asks() -> None:
    sleeps, flaky = Sleeps(), Flaky([TryAgain("busy", retry_after=3.0)])
    await retrier(sleeps, first_wait=0.5).call(flaky, target="Wiki")
    assert sleeps.seconds == [3.5]


async def test_gives_up_after_the_last_attempt() -> None:
    sleeps, flaky = Sleeps(), Flaky([TryAgain(str(number)) for number in range(9)])
    with pytest.raises(TryAgain, match="2"):
        await retrier(sleeps, attempts=3).call(flaky, target="Wiki")
    assert flaky.calls == 3


async def test_gives_up_at_once_when_the_wait_is_longer_than_the_time_left() -> None:
    sleeps, flaky = Sleeps(), Flaky([TryAgain("busy", retry_after=60.0)])
    with pytest.raises(TryAgain):
        async with time_limit(18):
            await retrier(sleeps).call(flaky, target="Wiki")
    assert sleeps.seconds == []


def test_no_attempt_begins_when_the_time_is_up() -> None:
    """Tried at 0, 4.5 and 9 s; a fourth would begin at 13.5 s, of 12."""
    flaky = Flaky([TryAgain("busy", retry_after=4.0)] * 9)

    async def until_it_gives_up() -> float:
        with pytest.raises(TryAgain):
            async with time_limit(12):
                await Retrier(chance=lambda: 1.0).call(flaky, target="Wiki")
        return virtual_clock()

    assert in_virtual_time(until_it_gives_up()) == 9.0
    assert flaky.calls == 3


async def test_other_errors_are_not_tried_again() -> None:
    sleeps, flaky = Sleeps(), Flaky([LookupError()])
    with pytest.raises(LookupError):
        await retrier(sleeps).call(flaky, target="Wiki")
    assert flaky.calls == 1


async def test_errors_to_retry_on_can_be_named() -> None:
    sleeps, flaky = Sleeps(), Flaky([LookupError()])
    await retrier(sleeps).call(flaky, target="Wiki", retry_on=(LookupError,))
    assert flaky.calls == 2
