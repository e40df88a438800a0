"""The sample company's Jira, and the source that searches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kit.jira import jira_site, source_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slackbot.knowledge.jira import JiraSource


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The address of the site."""
    async with jira_site() as site:
        yield site


@pytest.fixture
async def source(site: str) -> AsyncIterator[JiraSource]:
    """The source, with the open projects."""
    source = source_of(site)
    yield source
    await source.aclose()
