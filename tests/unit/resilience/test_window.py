"""How often something may be done within any minute, against counting by hand."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from slackbot.resilience.window import MovingWindow

MOMENTS = st.lists(st.integers(0, 300).map(float), max_size=60)


def test_there_is_room_again_when_the_first_is_a_window_ago() -> None:
    window = MovingWindow(2)
    window.count(100.0)
    window.count(130.0)
    assert window.opens_at(159.9) == 160.0
    assert window.opens_at(160.0) == 160.0
    window.count(160.0)
    assert window.opens_at(160.0) == 190.0


@given(st.integers(1, 5), MOMENTS)
def test_who_keeps_to_it_never_does_more_than_the_amount_within_any_window(
    amount: int, pauses: list[float]
) -> None:
    window, now = MovingWindow(amount), 0.0
    done: list[float] = []
    for pause in pauses:
        now = window.opens_at(now + pause / 16)
        window.count(now)
        done.append(now)
    assert all(later - first >= 60 for first, later in zip(done, done[amount:], strict=False))


@given(st.integers(1, 5), MOMENTS, st.integers(0, 300).map(float))
def test_moments_may_be_told_in_any_order_and_those_ahead_do_not_count(
    amount: int, moments: list[float], at: float
) -> None:
    window = MovingWindow(amount, reach=300.0)
    counted: list[float] = []
    for moment in moments:
        if window.opens_at(moment) == moment:
            counted.append(moment)
        window.count(moment)
    recent = sum(at - 60 < moment <= at for moment in counted)
    opens_at = window.opens_at(at)
    assert (opens_at == at) is (recent < amount)
    assert sum(opens_at - 60 < moment <= at for moment in counted) < amount
    assert opens_at == at or sum(opens_at - 60 <= moment <= at for moment in counted) >= amount


@given(st.floats(0, 1e6))
def test_there_is_room_at_the_very_moment_that_was_told(at: float) -> None:
    """Adding a minute to a moment and taking it away again may give an earlier one."""
    window = MovingWindow(1)
    window.count(at)
    opens_at = window.opens_at(at)
    assert window.opens_at(opens_at) == opens_at
    window.count(opens_at)
    assert window.opens_at(opens_at) > opens_at


def test_each_key_has_a_window_of_its_own() -> None:
    window = MovingWindow(1)
    window.count(100.0, "ana")
    assert window.opens_at(101.0, "ana") == 160.0
    assert window.opens_at(101.0, "ben") == 101.0


def test_what_has_no_room_does_not_count() -> None:
    window = MovingWindow(1)
    window.count(100.0)
    window.count(101.0)
    assert window.opens_at(102.0) == 160.0


def test_what_no_question_can_be_about_is_forgotten() -> None:
    window = MovingWindow(1, reach=100.0)
    window.count(0.0, "ana")
    window.count(159.0, "ben")
    assert window.opens_at(30.0, "ana") == 60.0
    window.count(220.0, "ben")
    assert window.opens_at(30.0, "ana") == 30.0


def test_a_clock_that_is_behind_the_wall_clock_loses_nothing() -> None:
    """The memory of `limits` has a thread that forgets what is old by the wall clock."""
    others = set(threading.enumerate())
    window = MovingWindow(1)
    window.count(100.0)
    for thread in set(threading.enumerate()) - others:
        thread.join()
    window.count(101.0)
    assert window.opens_at(102.0) == 160.0
    assert set(threading.enumerate()) <= others
