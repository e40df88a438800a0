"""What is told of calls in the background that failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from kit.sleeps import Clock
from slackbot.slack.api.failures import THROTTLED, SlackFailure
from slackbot.slack.delivery.deliveries import Deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import EventDict


async def fail(deliveries: Deliveries, what: str, code: str, times: int = 1) -> None:
    """Have so many calls fail at once."""

    async def send() -> None:
        raise SlackFailure("reactions.add", code)

    for _ in range(times):
        deliveries.later(what, send)
    await asyncio.sleep(0)


def told(logs: Sequence[EventDict]) -> list[tuple[str, str, int | None]]:
    return [(line["what"], line["log_level"], line.get("calls")) for line in logs]


async def test_a_flood_for_which_slack_has_no_room_is_told_once_a_minute_and_counted() -> None:
    clock = Clock()
    deliveries = Deliveries(clock)
    with capture_logs() as logs:
        await fail(deliveries, "refused_sign", THROTTLED, times=500)
        await fail(deliveries, "taken_sign", THROTTLED)
        clock.ahead = 60
        await fail(deliveries, "refused_sign", THROTTLED, times=2)
        await deliveries.drain(1)
    assert told(logs) == [
        ("refused_sign", "info", 1),
        ("taken_sign", "info", 1),
        ("refused_sign", "info", 500),
        ("refused_sign", "info", 1),
    ]


async def test_what_slack_declines_is_told_each_time() -> None:
    deliveries = Deliveries()
    with capture_logs() as logs:
        await fail(deliveries, "end_mark", "missing_scope", times=2)
        await deliveries.drain(1)
    assert told(logs) == [("end_mark", "warning", None)] * 2


async def test_what_waits_is_counted_until_it_was_sent() -> None:
    deliveries, room = Deliveries(), asyncio.Event()
    for _ in range(3):
        deliveries.later("end_mark", room.wait)
    await asyncio.sleep(0)
    assert deliveries.waiting == 3
    room.set()
    await deliveries.drain(1)
    assert deliveries.waiting == 0
