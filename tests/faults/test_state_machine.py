"""Whatever happens in whatever order, each message that was said to the bot ends exactly once."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, note, settings

from faults.storm import Action, play, schedules


@given(schedule=schedules(most=60))
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_each_message_ends_once(schedule: list[Action]) -> None:
    """`make soak` does the same 10,000 times over."""
    (outcome,) = asyncio.run(play(schedule))
    note(f"{outcome.mentions} mentions, {outcome.failed_calls} failed calls")
    assert outcome.wrong == []
