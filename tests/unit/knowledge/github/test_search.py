"""The searches of GitHub: what they find, what they cost, and what they say of what is missing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from kit.github import (
    CLOSED,
    ISSUES_ONLY,
    PAY,
    TOKEN,
    answering,
    code_json,
    github_at,
    github_behind,
    issue_json,
)
from kit.knowledge import CANARY, run_tool
from kit.sleeps import Sleeps
from slackbot.demo.company.repositories import issues, source_files
from slackbot.demo.github.server import GitHubServer
from slackbot.errors import SourceUnavailable
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.messages import ReadMore
from slackbot.resilience.retry import Retrier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from kit.knowledge import Handler
    from slackbot.knowledge.github import GitHubSource
    from slackbot.messages import KnowledgeResult

REJECTED = {"message": "Validation Failed"}


@pytest.fixture
async def api() -> AsyncIterator[str]:
    server = GitHubServer(issues(), source_files(), token=TOKEN)
    yield await server.start()
    await server.stop()


@pytest.fixture
async def source(api: str) -> AsyncIterator[GitHubSource]:
    source = github_at(api)
    yield source
    await source.aclose()


def numbers(found: Sequence[KnowledgeResult]) -> set[str]:
    return {"".join(str(one.url).rsplit("/", 2)[1:]) for one in found}


async def test_finds_issues_pull_requests_and_code(source: GitHubSource, api: str) -> None:
    site = api.removesuffix("/api/v3")
    found = await source.search("charge key attempt")
    urls = {one.url: one for one in found}
    issue = urls[f"{site}/{PAY}/issues/238"]
    assert issue.title.startswith("payments-api#238 with_retries makes a fresh idempotency key")
    assert issue.content.startswith("Issue, closed. ")
    assert issue.source == source.source_name == "GitHub"
    assert issue.container == PAY
    assert issue.updated_at is not None
    assert issue.updated_at.isoformat() == "2026-09-15T08:24:00+00:00"
    assert issue.read_more == ReadMore("read_github_issue", {"repo": PAY, "number": 238})
    assert urls[f"{site}/{PAY}/pull/241"].content.startswith("Pull request, merged. ")
    file = found[1]
    assert file.url == f"{site}/{PAY}/blob/HEAD/{file.title}"
    assert file.content.startswith("```")
    assert file.updated_at is None
    assert file.read_more == ReadMore("read_github_file", {"repo": PAY, "path": file.title})
    assert [one.relevance_score for one in found] == [1 / rank for rank in range(1, len(found) + 1)]


async def test_what_has_all_words_is_found_alone_and_else_what_has_any(
    source: GitHubSource,
) -> None:
    exact = await run_tool(source, "search_github_issues", keywords="idempotency uuid4")
    assert numbers(exact.found) == {"issues238"}
    loose = await run_tool(source, "search_github_issues", keywords="idempotency zebra quagga")
    assert "issues238" in numbers(loose.found)
    nothing = await run_tool(source, "search_github_issues", keywords="zebra quagga")
    assert (nothing.found, nothing.is_error) == ((), False)
    assert "other words" in nothing.content


@pytest.mark.parametrize("limit", [1, 3])
async def test_no_more_is_shown_than_the_limit_and_it_is_said_that_there_is(
    api: str, limit: int
) -> None:
    source = github_at(api, limit=limit)
    assert len(await source.search("charge key")) == limit
    told = await run_tool(source, "search_github_issues", keywords="key")
    assert len(told.found) == limit
    assert told.content == f"{limit} found. More match; filters may help to find what fits best."
    await source.aclose()


async def test_the_search_tools_narrow_by_their_fields(source: GitHubSource) -> None:
    async def found(**arguments: object) -> set[str]:
        told = await run_tool(source, "search_github_issues", keywords="key", **arguments)
        assert not told.is_error
        return numbers(told.found)

    assert {"issues238", "pull241"} <= await found()
    assert {one[:4] for one in await found(kind="pull_request")} == {"pull"}
    assert {one[:4] for one in await found(kind="issue")} == {"issu"}
    assert "pull241" in await found(labels=["hotfix"])
    assert "issues238" not in await found(labels=["hotfix"])
    assert "issues238" not in await found(state="open")
    assert {"pull241"} <= await found(state="merged") <= await found(kind="pull_request")
    assert await found(state="merged", kind="issue") == set()
    assert "issues238" not in await found(updated_after="2026-10-01")
    assert "issues238" in await found(author="ana", repos=[PAY.upper()])
    assert "issues238" not in await found(author="ben")
    assert "issues238" not in await found(repos=["parcelwick/platform"])
    code = await run_tool(
        source, "search_github_code", keywords="key", language="SQL", path="ledger"
    )
    assert {one.title.rpartition(".")[2] for one in code.found} == {"sql"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_github_issues", {}),
        ("search_github_issues", {"keywords": ""}),
        ("search_github_issues", {"keywords": "x" * 257}),
        ("search_github_issues", {"keywords": "x", "kind": "discussion"}),
        ("search_github_issues", {"keywords": "x", "repos": ["acme"]}),
        ("search_github_issues", {"keywords": "x", "repos": ["a/b OR repo:c/d"]}),
        ("search_github_issues", {"keywords": "x", "author": "ana OR author:ben"}),
        ("search_github_issues", {"keywords": "x", "author": "[bot]"}),
        ("search_github_issues", {"keywords": "x", "labels": ['bug" OR repo:c/d']}),
        ("search_github_issues", {"keywords": "x", "labels": [""]}),
        ("search_github_issues", {"keywords": "x", "updated_after": "2026 OR is:pr"}),
        ("search_github_code", {"keywords": "x", "language": 'Python" OR "'}),
        ("search_github_code", {"keywords": "x", "path": 'a" OR repo:c/d'}),
        ("search_github_code", {"keywords": "x", "path": "../x"}),
    ],
)
async def test_bad_arguments_are_refused(tool: str, arguments: dict[str, object]) -> None:
    assert (await run_tool(github_at("http://127.0.0.1:9"), tool, **arguments)).is_error


async def test_filters_that_leave_no_room_for_a_word_are_refused() -> None:
    labels = [letter * 50 for letter in "abc"]
    source = github_at("http://127.0.0.1:9")
    told = await run_tool(
        source, "search_github_issues", keywords="x", labels=labels, author="a" * 39, state="merged"
    )
    assert told.is_error
    assert "filters" in told.content


async def test_nothing_to_search_for_asks_nobody() -> None:
    source = github_at("http://127.0.0.1:9")
    assert await source.search(' OR "?!*" ') == []
    for tool in ("search_github_issues", "search_github_code"):
        told = await run_tool(source, tool, keywords="key", repos=["acme/pay", "a/.."])
        assert (told.found, told.is_error) == ((), False)


@pytest.mark.parametrize(
    "repos",
    [(PAY,), (PAY.upper(),), ("parcelwick/*", f"!{CLOSED}"), ("*", "!parcelwick/*")],
)
async def test_only_allowed_repositories_are_found(api: str, repos: tuple[str, ...]) -> None:
    source, allowed = github_at(api, repos, limit=100), AllowList.of(repos)
    for query in ("key", "what we would pay", CANARY, "import"):
        for found in await source.search(query):
            assert found.container is not None
            assert allowed.admits(found.container)
    await source.aclose()


async def test_a_star_allows_all_that_the_token_sees(api: str) -> None:
    source = github_at(api, ("*",))
    found = await source.search(CANARY)
    assert "parcelwick/acquisition-model" in {one.container for one in found}
    await source.aclose()


async def test_a_server_that_ignores_the_query_is_filtered() -> None:
    """The allow-list holds on what comes back, whatever was asked."""
    hits = [
        issue_json("acme/pay", 1),
        issue_json("acme/secret", 2),
        issue_json("acme/pay", 3, pull_request={}),
        issue_json("", 4, repository_url="https://api.example/user"),
        issue_json("ACME/Pay", 5),
    ]
    files = [code_json(path="a b.py"), code_json("acme/secret")]
    _, handler = answering({"/search/issues": {"items": hits}, "/search/code": {"items": files}})
    async with github_behind(handler, "acme/pay") as source:
        found = await source.search("x")
        issues_alone = await run_tool(source, "search_github_issues", keywords="x", kind="issue")
    assert [urlsplit(one.url).path for one in found] == [
        "/acme/pay/issues/1",
        "/acme/pay/blob/HEAD/a%20b.py",
        "/acme/pay/pull/3",
        "/ACME/Pay/issues/5",
    ]
    assert found[1].content == ""
    assert numbers(issues_alone.found) == {"issues1", "issues5"}


SIX = tuple(f"acme/{name}" for name in "abcdef")


async def test_a_search_takes_a_request_for_issues_and_one_for_code() -> None:
    requests, handler = answering(
        {"/search/issues": {"items": [issue_json("acme/a")]}, "/search/code": {"items": []}}
    )
    async with github_behind(handler, *SIX) as source:
        assert not (await source.search_parts("two words")).is_partial
    scopes = [f"repo:{name}" for name in SIX]
    assert {one.path: one.query["q"] for one in requests} == {
        "/search/issues": f"two words ({' OR '.join(scopes)})",
        "/search/code": f"two words {' '.join(scopes)}",
    }
    assert len(requests) == 2


@pytest.mark.parametrize(("words", "queries"), [("two words", 2), ("word", 1)])
async def test_where_nothing_has_all_the_words_any_of_them_takes_one_request_more(
    words: str, queries: int
) -> None:
    requests, handler = answering({"/search/issues": {"items": []}})
    async with github_behind(handler, search=("issues", "pull_requests")) as source:
        await source.search(words)
    asked = [one.query["q"] for one in requests]
    assert asked == [f"{words} repo:acme/pay", "(words OR two) repo:acme/pay"][:queries]


async def test_a_token_that_finds_no_kinds_together_asks_apart_and_does_not_try_again() -> None:
    server = GitHubServer(issues(), source_files(), token=TOKEN, kinds_apart=True)
    source = github_at(await server.start(), search=("issues", "pull_requests"))
    assert {"issues238", "pull241"} <= numbers(await source.search("key"))
    await server.stop()
    await source.aclose()

    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["q"].removesuffix(" repo:acme/pay"))
        if "is:" in request.query["q"]:
            return web.json_response({"items": []})
        return web.json_response(REJECTED, status=422)

    async with github_behind(handler, "acme/pay", search=("issues", "pull_requests")) as source:
        await source.search("x")
        await source.search("y")
    assert (asked[0], sorted(asked[1:3])) == ("x", ["x is:issue", "x is:pull-request"])
    assert sorted(asked[3:]) == ["y is:issue", "y is:pull-request"]


async def test_a_token_that_finds_kinds_together_once_is_not_asked_apart() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["q"])
        if "gone" in request.query["q"]:
            return web.json_response(REJECTED, status=422)
        return web.json_response({"items": []})

    async with github_behind(handler, "acme/*") as source:
        for repo in ("acme/pay", "acme/gone"):
            told = await run_tool(source, "search_github_issues", keywords="x", repos=[repo])
            assert (told.found, told.is_error) == ((), False)
    assert asked == ["x repo:acme/pay", "x repo:acme/gone"]


async def test_a_repository_that_does_not_exist_has_nothing_to_find(api: str) -> None:
    source = github_at(api, ("parcelwick/*",))
    for tool in ("search_github_issues", "search_github_code"):
        told = await run_tool(source, tool, keywords="key", repos=["parcelwick/nothing"])
        assert (told.found, told.is_error) == ((), False)
    await source.aclose()


async def test_one_place_that_github_does_not_know_leaves_the_others() -> None:
    async def handler(request: web.Request) -> web.Response:
        if "user:gone" in request.query["q"]:
            return web.json_response(REJECTED, status=422)
        return web.json_response({"items": [issue_json()]})

    async with github_behind(handler, "acme/pay", "gone/*", search=ISSUES_ONLY) as source:
        assert len(await source.search("x")) == 1
        assert (await source.search_parts("x")).is_partial
        told = await run_tool(source, "search_github_issues", keywords="x")
    assert told.content == "1 found. A part of GitHub could not be asked."
    assert told.unreached == ("GitHub",)


def pages(*each: list[object]) -> tuple[list[str], Handler]:
    """Answer with pages, and with an error beyond them; return which pages were asked for."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query.get("page", "1"))
        at = int(asked[-1]) - 1
        if at < len(each):
            return web.json_response({"items": each[at]})
        return web.json_response({}, status=500)

    return asked, handler


SECRETS: list[object] = [issue_json("acme/secret", number) for number in range(1, 31)]


@pytest.mark.parametrize(
    ("each", "asked", "found"),
    [
        (([issue_json()],), ["1"], 1),
        (([issue_json()] * 30,), ["1"], 10),
        ((SECRETS, [issue_json()]), ["1", "2"], 1),
        (([*SECRETS[1:], issue_json()], SECRETS, SECRETS, [issue_json()]), ["1", "2", "3"], 1),
        (([*SECRETS[1:], issue_json()],), ["1", "2"], 1),
    ],
    ids=["short", "enough", "left out", "bounded", "failing"],
)
async def test_pages_are_read_on_where_the_list_leaves_out_what_was_found(
    each: tuple[list[object], ...], asked: list[str], found: int
) -> None:
    seen, handler = pages(*each)
    async with github_behind(handler, "acme/*", "!acme/secret", search=ISSUES_ONLY) as source:
        assert len(await source.search("x")) == found
    assert seen == asked


async def test_a_search_that_github_did_not_finish_says_so() -> None:
    unfinished = {"items": [issue_json()], "incomplete_results": True}
    _, handler = answering({"/search/issues": unfinished})
    async with github_behind(handler, "acme/pay") as source:
        told = await run_tool(source, "search_github_issues", keywords="x")
    assert told.content == "1 found. GitHub ran out of time, so there may be more."


async def test_a_part_that_cannot_be_searched_costs_only_itself() -> None:
    _, handler = answering({"/search/issues": {"items": [issue_json()]}})
    async with github_behind(handler, "acme/pay") as source:
        assert len(await source.search("x")) == 1
        with pytest.raises(SourceUnavailable):
            await run_tool(source, "search_github_code", keywords="x")


async def test_a_spent_limit_is_not_asked_against() -> None:
    now = time.time()
    limits = {"search": 1}
    server = GitHubServer(issues(), source_files(), token=TOKEN, limits=limits, clock=lambda: now)
    sleeps = Sleeps()
    retrier = Retrier(sleep=sleeps, chance=lambda: 0.0)
    source = github_at(await server.start(), search=ISSUES_ONLY, retrier=retrier)
    assert await source.search("idempotency")
    for _ in range(3):
        with pytest.raises(SourceUnavailable, match="rate limit"):
            await source.search("idempotency")
    assert sleeps.seconds == []
    await source.aclose()
    await server.stop()


@pytest.mark.parametrize("words", ["secondary rate limit", ""])
async def test_a_secondary_limit_is_kept_without_asking_again(words: str) -> None:
    """GitHub tells of it by a 403: with a header, or in words only."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        headers = {} if words else {"Retry-After": "60"}
        return web.json_response({"message": words}, status=403, headers=headers)

    async with github_behind(handler, "acme/pay", search=ISSUES_ONLY) as source:
        for _ in range(3):
            with pytest.raises(SourceUnavailable, match="rate limit"):
                await source.search("x")
    assert asked == ["/search/issues"]
