"""What the tests of the Jira source share: the source, its site, and answers such as Jira's."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from kit.knowledge import IMPATIENT, retrying_at_once, run_tool
from slackbot.demo.company.tickets import OPEN_PROJECTS, tickets
from slackbot.demo.jira.server import JiraServer
from slackbot.knowledge.jira import JiraSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from slackbot.demo.company.tickets import Ticket

Json = dict[str, Any]

EMAIL, TOKEN = "bot@parcelwick.example", "token"
TICKETS = {ticket.key: ticket for ticket in tickets()}


def source_of(
    site: str, projects: Sequence[str] = OPEN_PROJECTS, *, limit: int = 10, **given: Any
) -> JiraSource:
    """Return the source, for a site in the cloud unless an e-mail address of None is given."""
    usual: dict[str, Any] = {"email": EMAIL, "timeouts": IMPATIENT, "retrier": retrying_at_once()}
    return JiraSource(site, TOKEN, projects, limit=limit, **(usual | given))


@asynccontextmanager
async def jira_site(shown: Iterable[Ticket] = TICKETS.values()) -> AsyncIterator[str]:
    """Serve tickets as Jira Cloud does; yield the address of the site."""
    server = JiraServer(shown, email=EMAIL, token=TOKEN)
    try:
        yield await server.start()
    finally:
        await server.stop()


@asynccontextmanager
async def jira_source(shown: Iterable[Ticket] = TICKETS.values()) -> AsyncIterator[JiraSource]:
    """Open the source on a site of its own."""
    async with jira_site(shown) as site:
        source = source_of(site)
        yield source
        await source.aclose()


async def keys(source: JiraSource, **arguments: object) -> list[str]:
    """Search with the tool; return the keys of what was found."""
    told = await run_tool(source, "search_jira", **arguments)
    assert not told.is_error
    return [one.url.rpartition("/")[2] for one in told.found]


def issue(key: str = "PAY-1", **fields: object) -> Json:
    """Return an issue as Jira tells of it, with hardly any field but those given."""
    project = {"key": key.partition("-")[0], "name": "Payments"}
    return {"id": "1", "key": key, "fields": {"summary": "S", "project": project} | fields}


def page(*issues: Json, **following: object) -> Json:
    """Return a page of a search in the cloud, the last one unless something follows."""
    return {"issues": list(issues), "isLast": not following, **following}
