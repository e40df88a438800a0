"""Who is told to stop, and who is not."""

from __future__ import annotations

from slackbot.conversation import ThreadKey
from slackbot.runs.stops import Stops

HERE = ThreadKey("T1", "C1", "1.0")
THERE = ThreadKey("T1", "C1", "2.0")


def test_a_thread_is_stopped_and_no_other() -> None:
    stops = Stops()
    with (
        stops.watch(HERE, "5.0") as one,
        stops.watch(HERE, "5.0") as two,
        stops.watch(THERE, "5.0") as other,
    ):
        stops.cancel(HERE)
        assert [stop.reason for stop in (one, two, other)] == ["cancelled", "cancelled", None]
        assert [stop.asked.is_set() for stop in (one, two, other)] == [True, True, False]


def test_one_message_is_withdrawn_and_no_other() -> None:
    stops = Stops()
    with stops.watch(HERE, "5.0") as gone, stops.watch(HERE, "6.0") as other:
        stops.withdraw(HERE, "5.0")
        stops.withdraw(THERE, "6.0")
        assert [stop.reason for stop in (gone, other)] == ["withdrawn", None]


def test_the_first_reason_counts() -> None:
    stops = Stops()
    with stops.watch(HERE, "5.0") as stop:
        stops.cancel(HERE)
        stops.interrupt()
        assert stop.reason == "cancelled"


def test_an_interruption_reaches_those_to_come() -> None:
    stops = Stops()
    stops.interrupt()
    with stops.watch(HERE, "5.0") as stop:
        assert stop.reason == "interrupted"


def test_what_has_ended_is_forgotten() -> None:
    stops = Stops()
    with stops.watch(HERE, "5.0") as stop:
        pass
    stops.cancel(HERE)
    assert stop.reason is None
