"""What a message must be to be shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localslack import LocalSlack, Workspace
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.history.admission import Admission
from slackbot.slack.history.channels import Channel
from slackbot.slack.history.search import Found, Wanted
from slackbot.slack.people import SlackPeople
from slackbot.slack.permalinks import Place

if TYPE_CHECKING:
    from collections.abc import Mapping


class CrowdedGateway(SlackGateway):
    """Slack, which tells of nobody until it was asked about as many as there are."""

    asked_about: asyncio.Barrier

    async def user_info(self, user: str) -> Mapping[str, object]:
        async with asyncio.timeout(30):
            await self.asked_about.wait()
        return await super().user_info(user)


async def test_authors_are_looked_up_side_by_side() -> None:
    workspace = Workspace("Acme")
    app = workspace.add_app("slackbot")
    names = [f"person{number}" for number in range(20)]
    for name in names:
        workspace.add_person(name, real_name=name.title())
    async with (
        LocalSlack(workspace) as slack,
        web_client(app.bot_token, slack.api_url) as client,
    ):
        gateway = CrowdedGateway(client)
        gateway.asked_about = asyncio.Barrier(len(names))
        admission = Admission(await gateway.auth_test(), SlackPeople(gateway))
        found = [
            Found(Place("C1", f"17000000{number:02}.000100", "1.000100"), user.id, "x")
            for number, user in enumerate(map(workspace.user, names))
        ]
        channels = {"C1": Channel("C1", "general", private=False)}
        wanted = Wanted(words=("x",), channels=channels, from_user="person7")
        admitted = await admission.admitted(found, wanted)
    assert admitted == [found[7]]
