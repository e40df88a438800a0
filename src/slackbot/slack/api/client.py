"""The HTTP client of Slack's Web API: one session, no retries of its own, no proxy on loopback."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.resilience.loopback import leads_here

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CALL_SECONDS = 10.0
"""How long one call may take."""


@asynccontextmanager
async def web_client(token: str | None, base_url: str) -> AsyncIterator[AsyncWebClient]:
    """Open a client that keeps its connections and leaves retries to the gateway.

    `base_url` ends in `/api`.
    """
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token,
            base_url=base_url,
            timeout=int(CALL_SECONDS),
            session=session,
            retry_handlers=[],
        )
        if on_loopback(client):
            # slack_sdk takes a proxy from the environment and knows no exceptions to it.
            client.proxy = None
        yield client


def on_loopback(client: AsyncWebClient) -> bool:
    """Whether a client talks to this machine, and so not to Slack itself."""
    return leads_here(client.base_url)
