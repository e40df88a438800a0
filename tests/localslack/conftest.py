"""A workspace with people, a bot and a clock that tests move; a server and real SDK clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from localslack import App, Channel, DeliveryRules, LocalSlack, Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


@dataclass
class Clock:
    """Seconds since the epoch, which stand still until a test moves them."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pass_time(clock: Clock) -> Callable[[float], None]:
    """Move the clock on by some seconds."""

    def move(seconds: float) -> None:
        clock.now += seconds

    return move


@pytest.fixture
def workspace() -> Workspace:
    workspace = Workspace("Acme")
    workspace.add_person("ana", real_name="Ana Ruiz")
    workspace.add_person("ben", real_name="Ben Okafor")
    workspace.add_app("slackbot")
    workspace.add_channel("general", ["ana", "ben", "slackbot"])
    return workspace


@pytest.fixture
def app(workspace: Workspace) -> App:
    return next(iter(workspace.apps))


@pytest.fixture
def general(workspace: Workspace) -> Channel:
    return workspace.channel("general")


@pytest.fixture
def rules() -> DeliveryRules:
    """How events are delivered; a test module that needs others overrides this."""
    return DeliveryRules()


@pytest.fixture
async def slack(
    workspace: Workspace, clock: Clock, rules: DeliveryRules
) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(workspace, clock=clock, rules=rules) as server:
        yield server


@pytest.fixture
def client_for(slack: LocalSlack) -> Callable[[str], AsyncWebClient]:
    """Return a client with a token, which raises at the first error instead of trying again."""
    return lambda token: AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def client(app: App, client_for: Callable[[str], AsyncWebClient]) -> AsyncWebClient:
    return client_for(app.bot_token)


@pytest.fixture
def refusal() -> Callable[[Awaitable[object]], Awaitable[str]]:
    """Await a call that must be refused; return Slack's error code."""

    async def code(call: Awaitable[object]) -> str:
        with pytest.raises(SlackApiError) as caught:
            await call
        return str(caught.value.response["error"])

    return code


@pytest.fixture
async def bolt(slack: LocalSlack, app: App, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """The unmodified slack_bolt app, connected by Socket Mode."""
    bolt_app = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(bolt_app, app.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it so
    await slack.until(lambda: slack.connections)
    yield bolt_app
    await handler.close_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it so
