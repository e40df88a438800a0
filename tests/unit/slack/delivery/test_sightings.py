"""When people first see something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.slack.delivery.sightings import Sightings

if TYPE_CHECKING:
    from slackbot.ops.metrics import Moment


def test_each_moment_is_told_once_with_the_seconds_until_then() -> None:
    now = 100.0
    told: list[tuple[Moment, float]] = []
    sightings = Sightings(lambda *moment: told.append(moment), timer=lambda: now)
    now = 101.0
    sightings.see("sign")
    now = 102.0
    sightings.see("sign", "text")
    now = 103.0
    sightings.see("sign", "text", "final")
    assert told == [("sign", 1.0), ("text", 2.0), ("final", 3.0)]
