"""The connection to Slack: Bolt's app, which needs no look-ups of its own, and its socket."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.response import SocketModeResponse

from slackbot.errors import ConfigurationError
from slackbot.slack.api.failures import REFUSED_TOKENS, TRANSPORT_ERRORS
from slackbot.slack.socket import Socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.slack.events import BotIdentity

log = structlog.get_logger(__name__)

_REFUSED_APP_TOKENS = REFUSED_TOKENS | {"missing_scope", "not_allowed_token_type"}

# Bolt sets up a logger by this name: ours must not be it.
NAME = "slack_bolt.slackbot"


def bolt_app(client: AsyncWebClient, signing_secret: str, bot: BotIdentity) -> AsyncApp:
    """Return an app without listeners. `client` has no token: Bolt would ask Slack whose it is.

    Who the bot is, is known from the start, so that no event waits for an `auth.test`; Bolt's own
    makes one for each event of a cold burst.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=bot.team, bot_user_id=bot.user_id, bot_id=bot.bot_id
        )

    # Bolt reads SLACK_BOT_TOKEN by itself and warns that it won't use it, which is as it should be.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(_is_news)
    # With no name given, Bolt would look for one in the source files of its callers.
    return AsyncApp(name=NAME, client=client, signing_secret=signing_secret, authorize=authorize)


async def nothing() -> None:
    """Do nothing."""


@asynccontextmanager
async def socket_mode(
    app: AsyncApp, app_token: str, on_hello: Callable[[], Awaitable[None]] = nothing
) -> AsyncIterator[Socket]:
    """Receive events while the context is open; `on_hello` is awaited at each new connection.

    An envelope is acked as it comes: what Bolt takes to handle a burst would add up in its acks.

    Raises:
        ConfigurationError: Slack refuses the token.
    """
    socket = Socket(app_token, app.client, on_hello)
    if app.client.proxy is None:
        socket.proxy = None  # slack_sdk takes one from the environment, loopback or not

    async def ack(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        response = SocketModeResponse(envelope_id=request.envelope_id)
        await client.send_socket_mode_response(response)

    async def handle(_: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await asyncio.sleep(0)  # what came with it is acked before any of it is handled
        await run_async_bolt_app(app, request)

    # One after the other for each envelope, and the second also where the first one fails.
    socket.socket_mode_request_listeners += [ack, handle]
    try:
        await _first_address(socket)
        await socket.connect()
        yield socket
    finally:
        await socket.close()


async def _first_address(socket: Socket) -> None:
    """Ask where to connect to; while Slack is out of reach, the socket asks again by itself."""
    try:
        socket.wss_uri = await socket.issue_new_wss_url()
    except TRANSPORT_ERRORS as error:
        log.warning("slack.out_of_reach", error=str(error))
    except SlackApiError as error:
        code = error.response["error"]
        if code in _REFUSED_APP_TOKENS:
            raise ConfigurationError(
                f"Slack refuses SLACK_APP_TOKEN ({code}). It is the app-level token with the scope "
                "connections:write, from your app's page, Basic Information."
            ) from error


def _is_news(record: logging.LogRecord) -> bool:
    return record.getMessage() != warning_client_prioritized_and_token_skipped()
