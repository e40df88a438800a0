"""The connection to Slack: Bolt's app, which needs no look-ups of its own, and its socket."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.slack.events import BotIdentity

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
    """Receive events while the context is open."""
    handler = AsyncSocketModeHandler(app, app_token)
    if app.client.proxy is None:
        handler.client.proxy = None  # slack_sdk takes one from the environment, loopback or not
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt leaves it untyped
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # as above


def _is_news(record: logging.LogRecord) -> bool:
    return record.getMessage() != warning_client_prioritized_and_token_skipped()
