"""A socket that does not come up is tried in patience, and it is known whether it lives."""

from __future__ import annotations

from slackbot.slack.socket import LONGEST_PAUSE, Pauses


def test_the_first_try_is_at_once_and_the_others_take_longer_and_longer() -> None:
    pauses = Pauses(jitter=lambda: 0.0)
    assert [pauses.before_a_try() for _ in range(8)] == [0, 1, 2, 4, 8, 16, 25, 25]
    pauses.start_over()
    assert pauses.before_a_try() == 0


def test_chance_makes_a_pause_shorter_but_never_shorter_than_three_quarters() -> None:
    pauses = Pauses(jitter=lambda: 1.0)
    waits = [pauses.before_a_try() for _ in range(8)]
    assert waits == [0, 1, 1.5, 3, 6, 12, 18.75, 18.75]
    assert max(waits) <= LONGEST_PAUSE
