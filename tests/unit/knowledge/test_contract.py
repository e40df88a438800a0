"""What every knowledge source promises, shown for each of them over its real wire format."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from kit.loopback import serving
from localslack import LocalSlack, Workspace
from slackbot.demo.company.discussions import OPEN_ROOMS
from slackbot.demo.company.repositories import OPEN_REPOSITORIES, issues, source_files
from slackbot.demo.company.tickets import OPEN_PROJECTS, tickets
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.demo.github.server import GitHubServer
from slackbot.demo.history import seed
from slackbot.demo.jira.server import JiraServer
from slackbot.errors import SourceError
from slackbot.knowledge.confluence import ConfluenceSource
from slackbot.knowledge.github import GitHubSource
from slackbot.knowledge.jira import JiraSource
from slackbot.resilience.http import Timeouts
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.history import SlackHistorySource
from slackbot.slack.people import SlackPeople
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from slackbot.knowledge import KnowledgeSource

CANARY = "canary-heron-4471"
CONTEXT = RunContext(
    run_id="r1", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=2e9
)
TOOL_NAME = re.compile(r"(search|read)_[a-z_]{1,57}")


@dataclass(frozen=True)
class Subject:
    """A source under test: `site` is its address, `words` find something, `hidden` must not.

    `context` is of a run in which it can be searched.
    """

    source: KnowledgeSource
    site: str
    words: str
    hidden: str
    context: RunContext = CONTEXT


@asynccontextmanager
async def confluence() -> AsyncIterator[Subject]:
    """Confluence, with the sample company's pages."""
    server = ConfluenceServer(confluence_pages(), email="bot@example.com", token="t")
    async with AsyncExitStack() as stack:
        site = await server.start()
        stack.push_async_callback(server.stop)
        source = ConfluenceSource(site, "t", OPEN_SPACES, email="bot@example.com")
        stack.push_async_callback(source.aclose)
        yield Subject(source, site, "roll back payments", "salary bands")


def confluence_at(site: str) -> ConfluenceSource:
    """Confluence somewhere else, which will not answer long."""
    return ConfluenceSource(site, "t", ("*",), timeouts=Timeouts(total=0.5))


@asynccontextmanager
async def jira() -> AsyncIterator[Subject]:
    """Jira, with the sample company's tickets."""
    server = JiraServer(tickets(), email="bot@example.com", token="t")
    async with AsyncExitStack() as stack:
        site = await server.start()
        stack.push_async_callback(server.stop)
        source = JiraSource(site, "t", OPEN_PROJECTS, email="bot@example.com")
        stack.push_async_callback(source.aclose)
        yield Subject(source, site, "orders charged twice", "settlement lawyer LEGAL-7")


def jira_at(site: str) -> JiraSource:
    """Jira somewhere else, which will not answer long."""
    return JiraSource(site, "t", ("*",), timeouts=Timeouts(total=0.5))


@asynccontextmanager
async def github() -> AsyncIterator[Subject]:
    """GitHub, with the sample company's issues, pull requests and code."""
    server = GitHubServer(issues(), source_files(), token="t")
    async with AsyncExitStack() as stack:
        api = await server.start()
        stack.push_async_callback(server.stop)
        source = GitHubSource("t", OPEN_REPOSITORIES, api_url=api)
        stack.push_async_callback(source.aclose)
        site = api.removesuffix("/api/v3")
        yield Subject(source, site, "charge key attempt", "what we would pay")


def github_at(site: str) -> GitHubSource:
    """GitHub somewhere else, which will not answer long."""
    return GitHubSource("t", ("*",), api_url=site, timeouts=Timeouts(total=0.5))


@asynccontextmanager
async def slack_history() -> AsyncIterator[Subject]:
    """Slack, with the sample company's discussions, read without Slack's own search."""
    workspace = Workspace("Parcelwick")
    app = workspace.add_app("slackbot")
    seed(workspace, "slackbot")
    async with (
        LocalSlack(workspace) as slack,
        web_client(app.bot_token, slack.api_url) as client,
    ):
        gateway = SlackGateway(client)
        bot = await gateway.auth_test()
        source = SlackHistorySource(gateway, bot, SlackPeople(gateway), OPEN_ROOMS)
        context = replace(CONTEXT, team=bot.team, asker=workspace.user("ana").id)
        yield Subject(source, bot.site, "paid two times", "bonus round", context)


SOURCES = [
    pytest.param(confluence, id="confluence"),
    pytest.param(jira, id="jira"),
    pytest.param(github, id="github"),
    pytest.param(slack_history, id="slack"),
]
ELSEWHERE = [
    pytest.param(confluence_at, id="confluence"),
    pytest.param(jira_at, id="jira"),
    pytest.param(github_at, id="github"),
]


@pytest.mark.parametrize("open_source", SOURCES)
async def test_a_search_finds_documents_with_all_that_a_citation_needs(
    open_source: Callable[[], AbstractAsyncContextManager[Subject]],
) -> None:
    async with open_source() as subject:
        found = await subject.source.search(subject.words)
        assert found
        scores = [result.relevance_score for result in found]
        assert scores == sorted(scores, reverse=True)
        for result in found:
            assert result.source == subject.source.source_name
            assert result.url.startswith(subject.site)
            assert result.title
            assert result.container
        # Not every source knows of each document when it was changed: GitHub tells it of no file.
        updates = [result.updated_at for result in found if result.updated_at is not None]
        assert updates
        assert all(moment.tzinfo is not None for moment in updates)


@pytest.mark.parametrize("open_source", SOURCES)
async def test_the_tools_say_what_they_are_for_and_check_their_arguments(
    open_source: Callable[[], AbstractAsyncContextManager[Subject]],
) -> None:
    async with open_source() as subject:
        tools = subject.source.tools()
        assert {tool.spec.name.partition("_")[0] for tool in tools} == {"search", "read"}
        for tool in tools:
            assert TOOL_NAME.fullmatch(tool.spec.name)
            assert tool.spec.description.endswith(".")
            assert tool.spec.activity != "looking things up"
            assert tool.spec.input_schema["type"] == "object"
            assert (await tool.run({"nonsense": [None]}, CONTEXT)).is_error


@pytest.mark.parametrize("open_source", SOURCES)
async def test_what_a_search_found_can_be_read_in_full_under_the_same_address(
    open_source: Callable[[], AbstractAsyncContextManager[Subject]],
) -> None:
    async with open_source() as subject:
        tools = {tool.spec.name: tool for tool in subject.source.tools()}
        searches = [tool for name, tool in tools.items() if name.startswith("search_")]
        for search in searches:
            hit = (await search.run({"keywords": subject.words}, subject.context)).found[0]
            assert hit.read_more is not None
            read = await tools[hit.read_more.tool].run(hit.read_more.arguments, subject.context)
            assert [result.url for result in read.found] == [hit.url]
            assert len(read.found[0].content) > len(hit.content)


@pytest.mark.parametrize("open_source", SOURCES)
async def test_what_the_operator_did_not_list_never_shows(
    open_source: Callable[[], AbstractAsyncContextManager[Subject]],
) -> None:
    async with open_source() as subject:
        for words in (subject.hidden, CANARY):
            assert CANARY not in repr(await subject.source.search(words))


@pytest.mark.parametrize("make_source", ELSEWHERE)
@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 500])
async def test_whatever_goes_wrong_is_a_source_error(
    make_source: Callable[[str], ConfluenceSource | JiraSource | GitHubSource], status: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            status=status, text="<html>oops", headers={"Location": "http://127.0.0.1:9/"}
        )

    async with serving(answer) as site:
        source = make_source(site)
        with pytest.raises(SourceError):
            await source.search("anything")
        await source.aclose()


@pytest.mark.parametrize("open_source", SOURCES)
async def test_a_source_that_can_be_searched_passes_its_check(
    open_source: Callable[[], AbstractAsyncContextManager[Subject]],
) -> None:
    async with open_source() as subject:
        await subject.source.check()


@pytest.mark.parametrize("make_source", ELSEWHERE)
@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 500])
async def test_a_source_that_cannot_be_searched_fails_its_check(
    make_source: Callable[[str], ConfluenceSource | JiraSource | GitHubSource], status: int
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            status=status, text="<html>oops", headers={"Location": "http://127.0.0.1:9/"}
        )

    async with serving(answer) as site:
        source = make_source(site)
        with pytest.raises(SourceError):
            await source.check()
        await source.aclose()
