"""The sample company's Confluence, Jira and GitHub, served on loopback."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from slackbot.demo.company.repositories import OPEN_REPOSITORIES, issues, source_files
from slackbot.demo.company.tickets import OPEN_PROJECTS, tickets
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.demo.github.server import GitHubServer
from slackbot.demo.jira.server import JiraServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EMAIL: Final = "slackbot@parcelwick.example"
TOKEN: Final = "not-a-secret"  # noqa: S105 - it opens sites that live as long as the demo


@asynccontextmanager
async def serve_sites() -> AsyncIterator[dict[str, str]]:
    """Serve the three while the context is open; yields the settings by which a bot finds them.

    The account sees more than the settings list: each site has something closed in it.
    """
    wiki = ConfluenceServer(confluence_pages(), email=EMAIL, token=TOKEN)
    tracker = JiraServer(tickets(), email=EMAIL, token=TOKEN)
    forge = GitHubServer(issues(), source_files(), token=TOKEN)
    async with AsyncExitStack() as stack:
        for site in (wiki, tracker, forge):
            stack.push_async_callback(site.stop)
        yield {
            "CONFLUENCE_URL": await wiki.start(),
            "CONFLUENCE_EMAIL": EMAIL,
            "CONFLUENCE_API_TOKEN": TOKEN,
            "CONFLUENCE_SPACES": ",".join(OPEN_SPACES),
            "JIRA_URL": await tracker.start(),
            "JIRA_EMAIL": EMAIL,
            "JIRA_API_TOKEN": TOKEN,
            "JIRA_PROJECTS": ",".join(OPEN_PROJECTS),
            "GITHUB_API_URL": await forge.start(),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOS": ",".join(OPEN_REPOSITORIES),
        }
