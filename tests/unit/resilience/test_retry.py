"""Waiting times, Retry-After, and giving up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.resilience.retry import (
    Retrier,
    RetryPolicy,
    TryAgain,
    parse_retry_after,
    told_to_wait,
    used_up_until,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Time that passes only while something sleeps."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def retrier(clock: Clock, **policy: float) -> Retrier:
    return Retrier(
        policy=RetryPolicy(**policy),  # type: ignore[arg-type] # attempts is a whole number
        sleep=clock.sleep,
        clock=clock,
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


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
        (format_datetime(datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC), usegmt=True), 30.0),
        (format_datetime(datetime(2026, 11, 21, 9, 0, tzinfo=UTC), usegmt=True), 0.0),
        ("Sat, 21 Nov 2026 10:00:30 -0000", 30.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999", None),
        ("9" * 5_000, math.inf),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW.timestamp()) == seconds


SOON = str(int(NOW.timestamp()) + 40)


@pytest.mark.parametrize(
    ("headers", "until", "wait"),
    [
        ({}, None, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": SOON}, float(SOON), 40.0),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": SOON}, None, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1.0, 0.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-21T10:01Z"}, None, None),
        ({"X-RateLimit-Remaining": "0"}, None, None),
        ({"X-RateLimit-Reset": SOON}, None, None),
        (
            {"Retry-After": "7", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": SOON},
            float(SOON),
            7.0,
        ),
    ],
)
def test_a_limit_that_is_used_up_says_when_it_starts_anew(
    headers: dict[str, str], until: float | None, wait: float | None
) -> None:
    assert used_up_until(headers) == until
    assert told_to_wait(headers, NOW.timestamp()) == wait


async def test_tries_until_it_succeeds() -> None:
    clock, flaky = Clock(), Flaky([TryAgain("busy"), TryAgain("busy")])
    assert await retrier(clock, first_wait=1).call(flaky, target="Wiki") == "answer"
    assert clock.waits == [1.0, 2.0]


async def test_waits_as_long_as_the_server_asks() -> None:
    clock, flaky = Clock(), Flaky([TryAgain("busy", retry_after=3.0)])
    await retrier(clock, first_wait=0.5).call(flaky, target="Wiki")
    assert clock.waits == [3.5]


async def test_gives_up_after_the_last_attempt() -> None:
    clock, flaky = Clock(), Flaky([TryAgain(str(number)) for number in range(9)])
    with pytest.raises(TryAgain, match="2"):
        await retrier(clock, attempts=3).call(flaky, target="Wiki")
    assert flaky.calls == 3


async def test_gives_up_at_once_when_the_wait_goes_beyond_the_deadline() -> None:
    clock, flaky = Clock(), Flaky([TryAgain("busy", retry_after=60.0)])
    with pytest.raises(TryAgain):
        await retrier(clock, deadline=18).call(flaky, target="Wiki")
    assert clock.waits == []


async def test_other_errors_are_not_tried_again() -> None:
    clock, flaky = Clock(), Flaky([LookupError()])
    with pytest.raises(LookupError):
        await retrier(clock).call(flaky, target="Wiki")
    assert flaky.calls == 1


async def test_errors_to_retry_on_can_be_named() -> None:
    clock, flaky = Clock(), Flaky([LookupError()])
    await retrier(clock).call(flaky, target="Wiki", retry_on=(LookupError,))
    assert flaky.calls == 2
