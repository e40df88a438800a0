"""The connection to Slack: Bolt's app, which needs no look-ups of its own, and its socket."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.errors import SlackApiError

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.slack.events import BotIdentity

log = structlog.get_logger(__name__)

PING_SECONDS = 5.0
"""How often the socket is pinged, and for how long a cut one goes unnoticed and nobody hears."""

WATCH_SECONDS = 5.0
"""How often it is looked whether the socket is up."""

LOST_AFTER = 2
"""How many looks in a row must find it down: a refresh leaves a gap of milliseconds."""

REFUSED_TOKENS = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""Slack's error codes that say that another token is needed."""

_REFUSED_APP_TOKENS = REFUSED_TOKENS | {"missing_scope", "not_allowed_token_type"}

# slack_sdk lets the last two escape where an answer is no JSON.
_OUT_OF_REACH = (aiohttp.ClientError, OSError, ValueError, AttributeError)

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


@asynccontextmanager
async def socket_mode(app: AsyncApp, app_token: str) -> AsyncIterator[AsyncSocketModeHandler]:
    """Receive events while the context is open.

    Raises:
        ConfigurationError: Slack refuses the token, which the handler would offer for ever.
    """
    handler = AsyncSocketModeHandler(app, app_token, ping_interval=PING_SECONDS)
    if app.client.proxy is None:
        handler.client.proxy = None  # slack_sdk takes one from the environment, loopback or not
    watch = asyncio.create_task(_watch(handler))
    try:
        await _first_address(handler)
        await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        yield handler
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await handler.close_async()  # type: ignore[no-untyped-call] # as above


async def _watch(handler: AsyncSocketModeHandler) -> None:
    """Have a socket that stays down tried at another address.

    slack_sdk 3.47 asks for one only when it loses a socket; where the handshake is refused, it
    tries the same address again for ever.
    """
    down = 0
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if await handler.client.is_connected():
            if down >= LOST_AFTER:
                log.info("slack.reconnected")
            down = 0
            continue
        down += 1
        if down == LOST_AFTER:
            log.info("slack.reconnecting")
        if down >= LOST_AFTER:
            handler.client.wss_uri = None


async def _first_address(handler: AsyncSocketModeHandler) -> None:
    """Ask where to connect to; while Slack is out of reach, the handler asks again by itself."""
    try:
        handler.client.wss_uri = await handler.client.issue_new_wss_url()
    except _OUT_OF_REACH as error:
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
