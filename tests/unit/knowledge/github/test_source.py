"""GitHub as a source: which tools it has, how it fails, how it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from kit.github import ALL, CODE_ONLY, TOKEN, answering, github_at, github_behind
from kit.knowledge import answer, hang
from kit.loopback import serving
from slackbot.demo.company.repositories import issues, source_files
from slackbot.demo.github.server import GitHubServer
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.github import GitHubSource
from slackbot.knowledge.github.results import site_of

if TYPE_CHECKING:
    from kit.knowledge import Handler
    from slackbot.knowledge.github.source import Searchable


@pytest.mark.parametrize(
    ("search", "tools", "kind"),
    [
        (("issues",), {"search_github_issues", "read_github_issue"}, "issues"),
        (("pull_requests",), {"search_github_issues", "read_github_issue"}, "pull"),
        (("code",), {"search_github_code", "read_github_file"}, "blob"),
    ],
)
async def test_only_what_the_operator_wants_searched_is_offered_and_searched(
    search: tuple[Searchable, ...], tools: set[str], kind: str
) -> None:
    server = GitHubServer(issues(), source_files(), token=TOKEN)
    source = github_at(await server.start(), search=search)
    assert {tool.spec.name for tool in source.tools()} == tools
    assert {one.url.split("/")[5] for one in await source.search("key")} == {kind}
    await source.aclose()
    await server.stop()


def test_the_tools_say_when_to_use_them() -> None:
    for tool in github_at("http://127.0.0.1:9").tools():
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert "GitHub" in tool.spec.activity


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answer(401), SourceUnauthorized),
        (answer(403), SourceUnavailable),
        (answer(404), SourceUnavailable),
        (answer(422), SourceUnavailable),
        (answer(500), SourceUnavailable),
        (answer(200), SourceUnavailable),
        (answer(429, **{"Retry-After": "3600"}), SourceUnavailable),
        (answer(302, Location="https://login.example/"), SourceUnavailable),
        (hang, SourceUnavailable),
    ],
)
async def test_a_search_that_fails_says_how(handler: Handler, error: type[SourceError]) -> None:
    async with github_behind(handler) as source:
        with pytest.raises(error):
            await source.search("x")


async def test_requests_say_who_asks_and_for_which_version() -> None:
    requests, handler = answering({"/api/v3/search/code": {"items": []}})
    async with serving(handler) as origin:
        source = github_at(f"{origin}/api/v3", search=CODE_ONLY)
        assert await source.search("x") == []
        await source.aclose()
    headers = requests[0].headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["Accept"] == "application/vnd.github.text-match+json"


@pytest.mark.parametrize(
    ("api_url", "site"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://git.example.com/api/v3", "https://git.example.com"),
        ("https://git.example.com:8443/api/v3", "https://git.example.com:8443"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
    ],
)
def test_links_lead_to_the_site_of_the_api(api_url: str, site: str) -> None:
    assert site_of(api_url) == site


@pytest.mark.parametrize(
    ("repos", "search", "api_url"),
    [((), ALL, "https://x.example"), (("*",), (), "https://x.example"), (("*",), ALL, "x.example")],
)
def test_a_wrong_configuration_is_refused(
    repos: tuple[str, ...], search: tuple[Searchable, ...], api_url: str
) -> None:
    with pytest.raises(ConfigurationError):
        GitHubSource(TOKEN, repos, search=search, api_url=api_url)


async def test_a_check_costs_nothing_of_any_rate_limit() -> None:
    requests, handler = answering({"/rate_limit": {"resources": {"core": {"remaining": 0}}}})
    async with github_behind(handler) as source:
        await source.check()
    assert [request.path for request in requests] == ["/rate_limit"]


async def test_an_enterprise_server_without_rate_limits_passes_the_check() -> None:
    requests, handler = answering({"/meta": {"verifiable_password_authentication": True}})
    async with github_behind(handler) as source:
        await source.check()
    assert [request.path for request in requests] == ["/rate_limit", "/meta"]


async def html(_request: web.Request) -> web.Response:
    return web.Response(text="<html>GitHub Enterprise", content_type="text/html")


async def no_page(_request: web.Request) -> web.Response:
    return web.Response(status=404, text="<html>Page not found", content_type="text/html")


@pytest.mark.parametrize(
    "handler",
    [no_page, html, answer(404), answer(403, {"message": "Sorry. Your account was suspended."})],
)
async def test_where_nothing_can_be_searched_the_check_fails_after_two_requests_at_most(
    handler: Handler,
) -> None:
    asked: list[str] = []

    async def counted(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return await handler(request)

    async with github_behind(counted) as source:
        with pytest.raises(SourceUnavailable):
            await source.check()
    assert asked in (["/rate_limit"], ["/rate_limit", "/meta"])


async def test_an_address_without_an_api_is_told_with_the_setting_that_names_it() -> None:
    async with github_behind(no_page) as source:
        with pytest.raises(SourceUnavailable, match="GITHUB_API_URL"):
            await source.check()


async def test_a_token_that_github_refuses_fails_the_check() -> None:
    async with github_behind(answer(401, {"message": "Bad credentials"})) as source:
        with pytest.raises(SourceUnauthorized):
            await source.check()
