"""Confluence sources for tests, and the sample company's site for them to ask."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kit.knowledge import retrying_at_once
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.knowledge.atlassian import GATEWAY
from slackbot.knowledge.confluence import ConfluenceSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from slackbot.demo.company.wiki import Page
    from slackbot.resilience.http import Timeouts

EMAIL, TOKEN = "bot@parcelwick.example", "token"


@asynccontextmanager
async def site_of(pages: Iterable[Page] | None = None) -> AsyncIterator[str]:
    """Serve pages, the sample company's if none are given, and yield the site's address."""
    server = ConfluenceServer(
        confluence_pages() if pages is None else pages, email=EMAIL, token=TOKEN
    )
    try:
        yield await server.start()
    finally:
        await server.stop()


@asynccontextmanager
async def source_at(
    site: str,
    spaces: Sequence[str] = OPEN_SPACES,
    *,
    email: str | None = EMAIL,
    scoped: bool = False,
    limit: int = 10,
    timeouts: Timeouts | None = None,
    gateway: str = GATEWAY,
) -> AsyncIterator[ConfluenceSource]:
    """Open a source on a site, in the cloud unless it is without an e-mail address."""
    source = ConfluenceSource(
        site,
        TOKEN,
        spaces,
        email=email,
        scoped=scoped,
        limit=limit,
        timeouts=timeouts,
        retrier=retrying_at_once(),
        gateway=gateway,
    )
    try:
        yield source
    finally:
        await source.aclose()
