"""Who is told to stop, and who is not."""

from __future__ import annotations

from slackbot.conversation import ThreadKey
from slackbot.runs.stops import Stops

HERE = ThreadKey("T1", "C1", "1.0")
THERE = ThreadKey("T1", "C1", "2.0")


def test_a_thread_is_stopped_and_no_other() -> None:
    stops = Stops()
    with stops.watch(HERE) as one, stops.watch(HERE) as two, stops.watch(THERE) as other:
        stops.cancel(HERE)
        assert [stop.reason for stop in (one, two, other)] == ["cancelled", "cancelled", None]
        assert [stop.asked.is_set() for stop in (one, two, other)] == [True, True, False]


def test_the_first_reason_counts() -> None:
    stops = Stops()
    with stops.watch(HERE) as stop:
        stops.cancel(HERE)
        stops.interrupt()
        assert stop.reason == "cancelled"


def test_an_interruption_reaches_those_to_come() -> None:
    stops = Stops()
    stops.interrupt()
    with stops.watch(HERE) as stop:
        assert stop.reason == "interrupted"


def test_what_has_ended_is_forgotten() -> None:
    stops = Stops()
    with stops.watch(HERE) as stop:
        pass
    stops.cancel(HERE)
    assert stop.reason is None
