"""The connection: what arrives is acked at once, whatever it takes to handle it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from slackbot.slack.api.client import web_client
from slackbot.slack.connection import bolt_app, socket_mode
from slackbot.slack.socket import Socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import pytest
    from slack_sdk.socket_mode.response import SocketModeResponse

    from localslack import App, LocalSlack
    from slackbot.slack.events import BotIdentity

BURST = 20


@asynccontextmanager
async def connected(
    slack: LocalSlack, app: App, bot: BotIdentity, handle: Callable[[], Awaitable[object]]
) -> AsyncIterator[None]:
    """Connect a Bolt that handles each event by `handle`."""
    async with web_client(None, slack.api_url) as client:
        bolt = bolt_app(client, app.signing_secret, bot)

        @bolt.middleware
        async def _(next_: Callable[[], Awaitable[None]]) -> None:
            await handle()
            await next_()

        async with socket_mode(bolt, app.app_token):
            await slack.until(lambda: slack.connections)
            yield


async def test_an_event_is_acked_before_it_is_handled(
    slack: LocalSlack, app: App, bot: BotIdentity
) -> None:
    go_on = asyncio.Event()
    async with connected(slack, app, bot, handle=go_on.wait):
        slack.say("ana", "general", "hi")
        await slack.until(lambda: [sent.acked for sent in slack.deliveries] == [True])
        go_on.set()


async def test_all_of_a_burst_is_acked_before_any_of_it_is_handled(
    slack: LocalSlack, app: App, bot: BotIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    send = Socket.send_socket_mode_response

    async def acked(self: Socket, response: SocketModeResponse) -> None:
        happened.append("acked")
        await send(self, response)

    async def handled() -> None:
        happened.append("handled")

    monkeypatch.setattr(Socket, "send_socket_mode_response", acked)
    async with connected(slack, app, bot, handled):
        for number in range(BURST):
            slack.say("ana", "general", f"n{number}")
        await slack.until(lambda: len(happened) == 2 * BURST)
    assert happened == ["acked"] * BURST + ["handled"] * BURST


async def test_an_event_whose_ack_cannot_be_sent_is_handled_all_the_same(
    slack: LocalSlack, app: App, bot: BotIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack sends it again, perhaps a minute later; that it was taken already is known by then."""
    is_handled = asyncio.Event()

    async def lost(_: Socket, __: SocketModeResponse) -> None:
        raise ConnectionResetError

    async def handled() -> None:
        is_handled.set()

    monkeypatch.setattr(Socket, "send_socket_mode_response", lost)
    async with connected(slack, app, bot, handled), asyncio.timeout(30):
        slack.say("ana", "general", "hi")
        await is_handled.wait()
    assert not any(sent.acked for sent in slack.deliveries)
