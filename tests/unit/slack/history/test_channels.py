"""Which of Slack's channels may be searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from slackbot.slack.history.channels import Channel, OpenChannels, narrowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.slack.gateway import SlackGateway
    from slackbot.slack.people import SlackPeople

GENERAL = Channel("C1", "general", private=False)
LEADS = Channel("C2", "leads", private=True)


@dataclass
class Slack:
    """The one method of the gateway that is used here."""

    channel: Mapping[str, object]

    async def channels(self) -> Sequence[Mapping[str, object]]:
        return [self.channel]


@pytest.mark.parametrize(
    ("changes", "open_to_all"),
    [
        ({}, True),
        ({"is_private": True}, False),
        ({"is_private": None}, False),
        ({"is_im": True}, False),
        ({"is_mpim": True}, False),
        ({"name": None}, False),
        ({"id": ""}, False),
    ],
)
async def test_only_what_says_that_it_is_a_public_channel_is_open_to_all(
    changes: Mapping[str, object], open_to_all: bool
) -> None:
    gateway = Slack({"id": "C1", "name": "general", "is_private": False} | dict(changes))
    people = cast("SlackPeople", None)
    channels = OpenChannels(cast("SlackGateway", gateway), people, ["*", "general"])
    assert bool(await channels.for_asker(None)) is open_to_all


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ([], ["general", "leads"]),
        (["#General"], ["general"]),
        (["c2"], ["leads"]),
        (["*"], []),
        (["*", "leads"], ["leads"]),
        (["random"], []),
    ],
)
def test_a_search_is_narrowed_by_name_or_id(wanted: list[str], names: list[str]) -> None:
    found = narrowed({"C1": GENERAL, "C2": LEADS}, wanted)
    assert [channel.name for channel in found.values()] == names
