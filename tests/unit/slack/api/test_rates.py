"""What is left of a limit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.rates import SLACK_LIMITS as ENFORCED
from slackbot.slack.api.rates import SLACK_LIMITS, Limit, Window
from slackbot.slack.api.scopes import METHOD_SCOPES


def test_calls_are_made_at_once_until_the_limit_is_reached() -> None:
    window = Window(Limit(2, 10.0))
    for _ in range(2):
        assert window.opens_at(5.0) == 5.0
        window.begin()
    assert window.opens_at(5.0) == math.inf


def test_a_call_counts_until_some_time_after_its_end() -> None:
    window = Window(Limit(1, 10.0))
    window.begin()
    window.end(3.0)
    assert window.opens_at(4.0) == 13.0
    assert window.opens_at(13.0) == 13.0


def test_a_call_that_was_not_made_does_not_count() -> None:
    window = Window(Limit(1, 10.0))
    window.begin()
    window.give_back()
    assert window.opens_at(0.0) == 0.0
    assert window.is_idle(0.0)


def test_a_sparing_call_leaves_three_quarters_of_the_limit_to_others() -> None:
    window = Window(Limit(8, 10.0))
    for ended in (1.0, 2.0):
        assert window.opens_at(0.0, sparing=True) == 0.0
        window.begin()
        window.end(ended)
    assert window.opens_at(3.0, sparing=True) == 11.0
    assert window.opens_at(3.0) == 3.0
    window.begin()
    assert window.opens_at(3.0, sparing=True) == 12.0
    window.begin()
    assert window.opens_at(3.0, sparing=True) == math.inf
    assert window.opens_at(3.0) == 3.0


def test_a_window_is_idle_when_nothing_counts() -> None:
    window = Window(Limit(5, 10.0))
    window.begin()
    assert not window.is_idle(0.0)
    window.end(1.0)
    assert not window.is_idle(10.9)
    assert window.is_idle(11.0)


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0.01, 3)), min_size=1, max_size=60),
)
def test_never_more_calls_than_the_limit_whenever_slack_counts_them(
    calls: int, steps: list[tuple[float, float]]
) -> None:
    """One call after the other: each is counted at its begin, its end, or between."""
    limit = Limit(calls, 10.0)
    window, now = Window(limit), 0.0
    counted: list[float] = []
    for pause, duration in steps:
        now = max(now + pause, window.opens_at(now + pause))
        window.begin()
        counted.append(now + duration * (len(counted) % 3) / 2)
        now += duration
        window.end(now)
    for at in counted:
        assert sum(1 for other in counted if at <= other < at + limit.seconds - 1e-9) <= calls


@pytest.mark.parametrize("method", sorted(SLACK_LIMITS))
def test_no_limit_is_laxer_than_what_the_local_slack_enforces(method: str) -> None:
    """Both were read in Slack's documentation, each by itself."""
    for enforced in ENFORCED[method]:
        per_second = [
            limit.calls / limit.seconds
            for limit in SLACK_LIMITS[method]
            if limit.per_channel == (enforced.scope == "channel")
        ]
        assert per_second
        assert min(per_second) <= enforced.calls / enforced.seconds + 1e-9


def test_every_method_with_a_limit_is_one_that_is_called() -> None:
    assert set(SLACK_LIMITS) <= set(METHOD_SCOPES)
