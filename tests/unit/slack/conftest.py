"""A workspace on loopback, a gateway to it, and time that passes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kit.sleeps import Clock, Sleeps
from localslack import App, Channel, LocalSlack, Workspace
from localslack.action_tokens import action_token
from slackbot.conversation import Incoming
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.delivery.deliveries import Deliveries
from slackbot.slack.events import BotIdentity
from slackbot.slack.gateway import SlackGateway, web_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def workspace() -> Workspace:
    workspace = Workspace("Acme")
    workspace.add_person("ana", real_name="Ana Ruiz")
    workspace.add_app("slackbot")
    workspace.add_channel("general", ["ana", "slackbot"])
    return workspace


@pytest.fixture
def app(workspace: Workspace) -> App:
    return next(iter(workspace.apps))


@pytest.fixture
def general(workspace: Workspace) -> Channel:
    return workspace.channel("general")


@pytest.fixture
def bot(workspace: Workspace, app: App) -> BotIdentity:
    return BotIdentity(workspace.team_id, app.user_id, app.bot_id)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(workspace: Workspace, clock: Clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(workspace, clock=clock) as server:
        yield server


@pytest.fixture
async def gateway(slack: LocalSlack, app: App, sleeps: Sleeps) -> AsyncIterator[SlackGateway]:
    async with web_client(app.bot_token, slack.api_url) as client:
        yield SlackGateway(client, Traffic({}, clock=sleeps.clock, sleep=sleeps))


@pytest.fixture
async def deliveries() -> AsyncIterator[Deliveries]:
    deliveries = Deliveries()
    yield deliveries
    await deliveries.drain(1)


@pytest.fixture
def question(slack: LocalSlack, workspace: Workspace, app: App, general: Channel) -> Incoming:
    """A message in the channel, as the assistant hears it."""
    ts = slack.say("ana", "general", "@slackbot how?")
    return Incoming(
        team=workspace.team_id,
        channel=general.id,
        thread_ts=ts,
        ts=ts,
        asker=workspace.user("ana").id,
        text="how?",
        mentions_bot=True,
        action_token=action_token(workspace.message(general.id, ts), app),
    )
