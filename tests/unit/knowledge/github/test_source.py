"""GitHub as a source: which tools it has, how it fails, how it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
    async with github_behind(answer(404, {"message": "Rate limiting is not enabled."})) as source:
        await source.check()


async def test_a_token_that_github_refuses_fails_the_check() -> None:
    async with github_behind(answer(401, {"message": "Bad credentials"})) as source:
        with pytest.raises(SourceUnauthorized):
            await source.check()
