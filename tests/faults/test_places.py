"""F8: the place in which the bot is asked is closed to it in mid-answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from faults.checker import checked
from kit.scripted_model import Round, says
from kit.world import living_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from kit.world import World
    from localslack import Channel

    Close: TypeAlias = Callable[[World, Channel], None]

ONGOING = Round(text=[f"Step {number}. " for number in range(30_000)], piece_every=0.02)
"""Ten minutes' answer, most of which nobody would read."""


def archive(here: World, channel: Channel) -> None:
    here.slack.workspace.archive(channel.id)


def remove(here: World, channel: Channel) -> None:
    here.slack.workspace.leave(channel.id, "slackbot")


@pytest.mark.parametrize(
    ("close", "private", "code"),
    [
        (archive, False, "is_archived"),
        (remove, False, "not_in_channel"),
        (remove, True, "channel_not_found"),
    ],
)
async def test_f08_where_nothing_can_be_said_the_model_stops_and_it_counts_as_undeliverable(
    close: Close, private: bool, code: str
) -> None:
    with capture_logs() as logs:
        async with checked(living_world([ONGOING, says("Here.")])) as here:
            people = ["ana", "slackbot"]
            closing = here.slack.workspace.add_channel("closing", people, private=private)
            ts = here.slack.say("ana", closing, "@slackbot hi")
            await here.slack.until(lambda: here.answers(ts, closing.id))
            close(here, closing)
            await here.bedrock.idle()
            assert (await here.ask("@slackbot hi")).answer == "Here."
    ends = [log["outcome"] for log in logs if log["event"] == "mention.answered"]
    assert ends == ["undeliverable", "answered"]
    told = next(log for log in logs if log["event"] == "mention.undeliverable")
    assert told["error"].endswith(code)
