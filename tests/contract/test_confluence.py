"""Confluence is asked for nothing but what Atlassian describes, and understood where it answers so.

Of Data Center there is no such description. Its REST v1 is the one that the cloud's came from, and
lies at the root of the site instead of under `/wiki`.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.descriptions import Description
from kit.confluence import source_at
from kit.knowledge import on_a_loop, run_tool
from kit.loopback import serving
from slackbot.knowledge.confluence.wire import Attachments, CloudPage, Content, Hits, Space

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator

    from pydantic import BaseModel

    from slackbot.knowledge.confluence import ConfluenceSource

GATEWAY = "/ex/confluence/c-1"
READ_BY_V2 = ("/api/v2/pages/1", "/api/v2/pages/1/attachments", "/api/v2/spaces/1")
STRINGS = {
    "id": "12",
    "spaceId": "7",
    "pageId": "12",
    "key": "OPS",
    "type": "page",
    "status": "current",
    **dict.fromkeys(("lastModified", "when"), "2026-01-31T12:00:00.000Z"),
}
SPACE_KEYS = ["OPS", "ENG", "~5f0ab", "team.x", "NOPE"]

SEARCHES = st.fixed_dictionaries(
    {"keywords": st.text(min_size=1, max_size=40)},
    optional={
        "spaces": st.lists(st.sampled_from(SPACE_KEYS), max_size=4),
        "title_only": st.booleans(),
        "updated_after": st.dates().map(str),
    },
)
READS = st.fixed_dictionaries(
    {"page_id": st.from_regex(r"[0-9]{1,18}", fullmatch=True)},
    optional={"section": st.text(max_size=20)},
)


@dataclass(frozen=True, slots=True)
class Site:
    """Confluence in three editions at one address; holds each request against its description."""

    v1: Description
    v2: Description
    asked: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Check a request, and answer it such that all others come."""
        url = str(request.rel_url).removeprefix(GATEWAY)
        if url == "/_edge/tenant_info":
            return web.json_response({"cloudId": "c-1"})
        self.asked.add(re.sub("/[0-9]+", "/1", request.path))
        try:
            described = self.v2 if "/api/v2/" in url else self.v1
            described.check_request(
                request.method, url if url.startswith("/wiki/") else f"/wiki{url}"
            )
        except AssertionError as problem:
            self.problems.append(str(problem))
        if "siteSearch" in request.query.get("cql", "") and "cursor" in request.query:
            return web.Response(status=400)
        return web.json_response(answer_to(request))


def answer_to(request: web.Request) -> object:
    """Return what a site says, such that there is more to ask for."""
    space = {"key": "OPS"}
    match request.path.split("/")[-2:]:
        case [_, "search"]:
            hit = {"content": {"id": "12", "space": space}, "title": "T"}
            following = "/rest/api/search?next=true&cursor=C&limit=2&start=1&cql=x"
            links = {} if "cursor" in request.query else {"next": following}
            return {"results": [hit], "_links": links}
        case [_, "attachments" | "attachment"]:
            return {"results": []}
        case ["spaces", _]:
            return space
        case _:
            of_page = {"type": "page", "spaceId": "7", "space": space}
            return {"title": "T", "body": {"storage": {"value": "x"}}, **of_page}


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(
        Description.of("confluence-cloud-v1"),
        Description.of("confluence-cloud-v2", prefix="/wiki/api/v2"),
    )


@asynccontextmanager
async def sources_of(site: Site) -> AsyncIterator[list[ConfluenceSource]]:
    """Open a source of each edition: cloud, cloud by a token with scopes, Data Center."""
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(serving(site.answer))
        spaces = ("OPS", "~5f0ab", 'odd" key')
        yield [
            await stack.enter_async_context(one)
            for one in (
                source_at(at, spaces, limit=3),
                source_at(at, spaces, scoped=True, gateway=at),
                source_at(at, ("*",), email=None, limit=3),
            )
        ]


@pytest.fixture(scope="module")
def running(site: Site) -> Iterator[tuple[asyncio.Runner, list[ConfluenceSource]]]:
    with on_a_loop(sources_of(site)) as running:
        yield running


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(search=SEARCHES, read=READS)
def test_every_request_is_one_that_is_described(
    search: dict[str, Any],
    read: dict[str, Any],
    site: Site,
    running: tuple[asyncio.Runner, list[ConfluenceSource]],
) -> None:
    runner, sources = running

    async def ask() -> None:
        for source in sources:
            await run_tool(source, "search_confluence", **search)
            await run_tool(source, "read_confluence_page", **read)
            await source.check()

    site.problems.clear()
    runner.run(ask())
    assert site.problems == []


def test_all_that_can_be_asked_was_asked(site: Site) -> None:
    """The test before would hold for a source that asks for nothing, too."""
    cloud = {f"/wiki{path}" for path in ("/rest/api/search", *READ_BY_V2)}
    assert site.asked == {
        *cloud,
        *(f"/ex/confluence/c-1{path}" for path in cloud),
        *("/rest/api/search", "/rest/api/content/1", "/rest/api/content/1/child/attachment"),
    }


@pytest.mark.parametrize(
    ("edition", "path", "model"),
    [
        ("v1", "/wiki/rest/api/search", Hits),
        ("v1", "/wiki/rest/api/content/{id}", Content),
        ("v1", "/wiki/rest/api/content/{id}/child/attachment", Attachments),
        ("v2", "/pages/{id}", CloudPage),
        ("v2", "/pages/{id}/attachments", Attachments),
        ("v2", "/spaces/{id}", Space),
    ],
)
def test_answers_as_they_are_described_are_understood(
    site: Site, edition: str, path: str, model: type[BaseModel]
) -> None:
    description: Description = getattr(site, edition)
    example = description.example(path, **STRINGS)
    description.check_answer(path, example)
    model.model_validate(example)
