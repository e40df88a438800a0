"""GitHub as a source, end to end over loopback against the sample company's server."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.loopback import serving
from kit.openapi import OpenApi
from kit.sleeps import Sleeps
from slackbot.demo.company.repositories import OPEN_REPOSITORIES, issues, source_files
from slackbot.demo.github.search import SearchIndex, file_document, issue_document
from slackbot.demo.github.server import GitHubServer
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.github import GitHubSource
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.knowledge.github.query import (
    Wanted,
    alternative_queries,
    code_queries,
    issue_queries,
    words_of,
)
from slackbot.knowledge.github.results import site_of
from slackbot.messages import ReadMore
from slackbot.resilience.http import Timeouts
from slackbot.resilience.retry import Retrier
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

    from slackbot.knowledge.github.source import Searchable
    from slackbot.messages import ToolResult

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Json = dict[str, Any]

TOKEN = "token"
CANARY = "canary-heron-4471"
PAY = "parcelwick/payments-api"
CLOSED = "parcelwick/acquisition-model"
CONTEXT = RunContext(
    run_id="r", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=time.time() + 60
)
ALL: tuple[Searchable, ...] = ("issues", "pull_requests", "code")


def source_of(
    api: str,
    repos: Sequence[str] = OPEN_REPOSITORIES,
    *,
    search: Collection[Searchable] = ALL,
    limit: int = 10,
    sleeps: Sleeps | None = None,
) -> GitHubSource:
    return GitHubSource(
        TOKEN,
        repos,
        api_url=api,
        search=search,
        limit=limit,
        timeouts=Timeouts(connect=1, read=0.5, total=3),
        retrier=Retrier(sleep=sleeps or Sleeps(), chance=lambda: 0.0),
    )


async def run(source: GitHubSource, tool: str, **arguments: object) -> ToolResult:
    tools = {one.spec.name: one for one in source.tools()}
    return await tools[tool].run(arguments, CONTEXT)


@pytest.fixture
async def api() -> AsyncIterator[str]:
    server = GitHubServer(issues(), source_files(), token=TOKEN)
    yield await server.start()
    await server.stop()


@pytest.fixture
async def source(api: str) -> AsyncIterator[GitHubSource]:
    source = source_of(api)
    yield source
    await source.aclose()


async def test_finds_issues_pull_requests_and_code(source: GitHubSource, api: str) -> None:
    site = api.removesuffix("/api/v3")
    found = await source.search("charge key attempt")
    issue, pull, file = found[:3]
    assert issue.title.startswith("payments-api#238 with_retries makes a fresh idempotency key")
    assert issue.url == f"{site}/{PAY}/issues/238"
    assert issue.content.startswith("Issue, closed. ")
    assert issue.source == source.source_name == "GitHub"
    assert issue.container == PAY
    assert issue.updated_at is not None
    assert issue.updated_at.isoformat() == "2026-09-15T08:24:00+00:00"
    assert issue.read_more == ReadMore("read_github_issue", {"repo": PAY, "number": 238})
    assert pull.url.startswith(f"{site}/{PAY}/pull/")
    assert pull.content.startswith("Pull request, ")
    assert file.url == f"{site}/{PAY}/blob/HEAD/{file.title}"
    assert file.content.startswith("```")
    assert file.updated_at is None
    assert file.read_more == ReadMore("read_github_file", {"repo": PAY, "path": file.title})
    assert [one.relevance_score for one in found] == [1 / rank for rank in range(1, len(found) + 1)]


async def test_what_has_all_words_is_found_alone_and_else_what_has_any(
    source: GitHubSource,
) -> None:
    exact = await run(source, "search_github_issues", keywords="idempotency uuid4")
    assert {one.url.rsplit("/", 1)[1] for one in exact.found} == {"238"}
    loose = await run(source, "search_github_issues", keywords="idempotency zebra quagga")
    assert "238" in {one.url.rsplit("/", 1)[1] for one in loose.found}
    nothing = await run(source, "search_github_issues", keywords="zebra quagga")
    assert (nothing.found, nothing.is_error) == ((), False)
    assert "other words" in nothing.content


@pytest.mark.parametrize("limit", [1, 4])
async def test_no_more_is_shown_than_the_limit(api: str, limit: int) -> None:
    source = source_of(api, limit=limit)
    assert len(await source.search("charge key")) == limit
    await source.aclose()


async def test_the_search_tools_narrow_by_their_fields(source: GitHubSource) -> None:
    async def numbers(**arguments: object) -> set[str]:
        told = await run(source, "search_github_issues", keywords="key", **arguments)
        assert not told.is_error
        return {one.url.rsplit("/", 2)[1] + one.url.rsplit("/", 1)[1] for one in told.found}

    assert {"issues238", "pull241"} <= await numbers()
    assert {one[:4] for one in await numbers(kind="pull_request")} == {"pull"}
    assert {one[:4] for one in await numbers(kind="issue")} == {"issu"}
    assert "pull241" in await numbers(labels=["hotfix"])
    assert "issues238" not in await numbers(labels=["hotfix"])
    assert "issues238" not in await numbers(state="open")
    assert "issues238" not in await numbers(updated_after="2026-10-01")
    assert "issues238" in await numbers(author="ana", repos=[PAY.upper()])
    assert "issues238" not in await numbers(author="ben")
    assert "issues238" not in await numbers(repos=["parcelwick/platform"])
    code = await run(source, "search_github_code", keywords="key", language="SQL", path="ledger")
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
        ("search_github_issues", {"keywords": "x", "labels": ['bug" OR repo:c/d']}),
        ("search_github_issues", {"keywords": "x", "labels": [""]}),
        ("search_github_issues", {"keywords": "x", "updated_after": "2026 OR is:pr"}),
        ("search_github_code", {"keywords": "x", "language": 'Python" OR "'}),
        ("search_github_code", {"keywords": "x", "path": 'a" OR repo:c/d'}),
        ("search_github_code", {"keywords": "x", "path": "../x"}),
        ("read_github_issue", {"repo": "acme/pay", "number": 0}),
        ("read_github_issue", {"repo": "acme/pay/..", "number": 1}),
        ("read_github_issue", {"repo": "acme/pay\n", "number": 1}),
        ("read_github_issue", {"repo": "acme/pay", "number": "1/../2"}),
        ("read_github_file", {"repo": "acme/pay", "path": "../../user"}),
        ("read_github_file", {"repo": "acme/pay", "path": "/etc/passwd"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a\x00b"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "ref": "../b"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "lines": "0-5"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "lines": "all"}),
    ],
)
async def test_bad_arguments_are_refused(tool: str, arguments: dict[str, object]) -> None:
    assert (await run(source_of("http://127.0.0.1:9"), tool, **arguments)).is_error


async def test_filters_that_leave_no_room_for_a_word_are_refused() -> None:
    labels = [letter * 50 for letter in "abc"]
    told = await run(
        source_of("http://127.0.0.1:9"),
        "search_github_issues",
        keywords="x",
        labels=labels,
        author="a" * 39,
    )
    assert told.is_error
    assert "filters" in told.content


async def test_reads_an_issue_with_its_comments(source: GitHubSource, api: str) -> None:
    told = await run(source, "read_github_issue", repo=PAY, number=238)
    (issue,) = told.found
    assert issue.url == f"{api.removesuffix('/api/v3')}/{PAY}/issues/238"
    assert "- State: closed" in issue.content
    assert "- Labels: bug, severity-1" in issue.content
    assert "## Description\n\nBehind PAY-312." in issue.content
    assert "## Comments\n\n### ben wrote on 2026-09-14\n\nAgreed on" in issue.content
    assert "Reviews" not in issue.content
    assert (told.content, issue.read_more) == ("", None)


async def test_reads_a_pull_request_with_reviews_and_changed_files(source: GitHubSource) -> None:
    told = await run(source, "read_github_issue", repo=PAY, number=241)
    text = told.found[0].content
    assert "- State: merged on 2026-09-15, branch pay-312-one-key into main" in text
    assert "## Reviews\n\n### ben asked for changes on 2026-09-14\n\nRight idea." in text
    assert "`charges/keys.py` modified, +" in text
    assert "```diff\n@@" in text
    reviews = await run(source, "read_github_issue", repo=PAY, number=241, section="reviews")
    assert reviews.found[0].content.startswith("## Reviews")
    assert "## Comments" not in reviews.found[0].content
    missing = await run(source, "read_github_issue", repo=PAY, number=241, section="weather")
    assert missing.is_error
    assert "Changed files" in missing.content


async def test_reads_a_file_or_some_of_its_lines(source: GitHubSource, api: str) -> None:
    site = api.removesuffix("/api/v3")
    path = "charges/retry.py"
    (text,) = (file.text for file in source_files() if file.path == path)
    whole = await run(source, "read_github_file", repo=PAY, path=path)
    assert whole.content == ""
    assert whole.found[0].url == f"{site}/{PAY}/blob/HEAD/{path}"
    assert whole.found[0].content == f"```py\n{text.rstrip(chr(10))}\n```"
    part = await run(source, "read_github_file", repo=PAY, path=path, ref="main", lines="2-3")
    assert part.found[0].content.splitlines()[1:3] == text.splitlines()[1:3]
    assert part.found[0].url == f"{site}/{PAY}/blob/main/{path}"
    assert part.content.startswith("Shown are lines 2-3 of ")
    beyond = await run(source, "read_github_file", repo=PAY, path=path, lines="99999")
    assert beyond.is_error


async def test_what_is_closed_cannot_be_told_from_what_is_missing(source: GitHubSource) -> None:
    told = set()
    for tool, arguments in (
        ("read_github_issue", {"repo": CLOSED, "number": 3}),
        ("read_github_issue", {"repo": CLOSED, "number": 4040}),
        ("read_github_issue", {"repo": PAY, "number": 4040}),
        ("read_github_issue", {"repo": "parcelwick/..", "number": 1}),
        ("read_github_file", {"repo": CLOSED, "path": "model/valuation.py"}),
        ("read_github_file", {"repo": PAY, "path": "no/such.py"}),
        ("read_github_file", {"repo": PAY, "path": "charges/retry.py", "ref": "v7"}),
    ):
        with pytest.raises(SourceNotFound) as caught:
            await run(source, tool, **arguments)
        told.add(str(caught.value))
    assert len(told) == 1


@pytest.mark.parametrize(
    "repos",
    [(PAY,), (PAY.upper(),), ("parcelwick/*", f"!{CLOSED}"), ("*", f"!{CLOSED}"), ("nobody/*",)],
)
async def test_only_allowed_repositories_are_searched_and_read(
    api: str, repos: tuple[str, ...]
) -> None:
    source, allowed = source_of(api, repos, limit=100), AllowList.of(repos)
    if repos == ("nobody/*",):
        with pytest.raises(SourceUnavailable):  # GitHub refuses to search what it does not know
            await source.search("key")
    else:
        for query in ("key", "what we would pay", CANARY, "import"):
            for found in await source.search(query):
                assert found.container is not None
                assert allowed.admits(found.container)
    for issue in issues():
        if not allowed.admits(issue.repository.name):
            with pytest.raises(SourceNotFound):
                await run(
                    source, "read_github_issue", repo=issue.repository.name, number=issue.number
                )
    await source.aclose()


async def test_a_star_allows_all_that_the_token_sees(api: str) -> None:
    source = source_of(api, ("*",))
    found = await source.search(CANARY)
    assert CLOSED in {one.container for one in found}
    await source.aclose()


async def test_repositories_that_are_not_allowed_are_not_even_asked_for() -> None:
    source = source_of("http://127.0.0.1:9")
    for tool in ("search_github_issues", "search_github_code"):
        told = await run(source, tool, keywords="key", repos=[CLOSED, "a/.."])
        assert (told.found, told.is_error) == ((), False)


async def test_a_repository_that_does_not_exist_has_nothing_to_find(api: str) -> None:
    source = source_of(api, ("parcelwick/*",))
    told = await run(source, "search_github_code", keywords="key", repos=["parcelwick/nothing"])
    assert (told.found, told.is_error) == ((), False)
    await source.aclose()


@pytest.mark.parametrize(
    ("search", "tools"),
    [
        (("issues",), {"search_github_issues", "read_github_issue"}),
        (("pull_requests",), {"search_github_issues", "read_github_issue"}),
        (("code",), {"search_github_code", "read_github_file"}),
    ],
)
async def test_only_what_the_operator_wants_searched_is_offered(
    api: str, search: tuple[Searchable, ...], tools: set[str]
) -> None:
    source = source_of(api, search=search)
    assert {tool.spec.name for tool in source.tools()} == tools
    kinds = {one.url.split("/")[5] for one in await source.search("key")}
    assert kinds == {{"issues": "issues", "pull_requests": "pull", "code": "blob"}[search[0]]}
    if search == ("issues",):
        told = await run(source, "search_github_issues", keywords="key", kind="pull_request")
        assert told.found == ()
        with pytest.raises(SourceNotFound):
            await run(source, "read_github_issue", repo=PAY, number=241)
    await source.aclose()


HOSTILE = st.text(
    alphabet=st.sampled_from('"\\()[]{}~*?:^+-&|!,=<>@#/ \n\x00\u200b：“ＯＲ')
    | st.characters(categories=["L", "N"]),
    max_size=40,
)
INJECTIONS = st.sampled_from(
    [
        f"x OR repo:{CLOSED}",
        f"x) OR (repo:{CLOSED}",
        f'x" OR repo:{CLOSED} OR "x',
        f"heron -repo:{PAY}",
        "NOT (zebra) OR (heron",
        "heron is:issue OR heron",
        "user:parcelwick OR org:parcelwick",
        "canary ＯＲ heron",
    ]
)
QUERIES = st.lists(HOSTILE | INJECTIONS | st.just("canary heron"), min_size=1, max_size=4).map(
    " ".join
)
NAMES = {one.repository.name for one in issues()}
ISSUE_INDEX = SearchIndex(
    {f"{one.repository.name}#{one.number}": issue_document(one) for one in issues()},
    NAMES,
    code=False,
)
CODE_INDEX = SearchIndex(
    {f"{one.repository.name}:{one.path}": file_document(one) for one in source_files()},
    NAMES,
    code=True,
)


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_no_keywords_leave_the_allowed_repositories(text: str) -> None:
    """The queries alone, without the check of results, against a language that honours OR."""
    words = words_of(text)
    if not words:
        return
    scopes = AllowList.of(OPEN_REPOSITORIES).scopes()
    code = code_queries(Wanted(words, (), scopes))
    found = [key for query in code for key, _ in CODE_INDEX.search(query)]
    for write in (issue_queries, alternative_queries):
        for kind in ("is:issue", "is:pull-request"):
            for query in write(Wanted(words, (kind,), scopes)):
                found += [key for key, _ in ISSUE_INDEX.search(query)]
    assert not any(key.startswith(CLOSED) for key in found)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=QUERIES, tool=st.sampled_from(["search_github_issues", "search_github_code"]))
def test_no_search_shows_what_is_closed(
    text: str, tool: str, running: tuple[asyncio.AbstractEventLoop, GitHubSource]
) -> None:
    """Over HTTP, through the tool, as a hostile model would call it."""
    loop, source = running
    told = loop.run_until_complete(run(source, tool, keywords=text[:256]))
    shown = f"{told.content} {told.found}"
    assert CANARY not in shown
    assert CLOSED not in shown


@pytest.fixture(scope="module")
def running() -> Any:
    """A loop, a server and a source that outlive the single example of a property."""
    loop = asyncio.new_event_loop()
    server = GitHubServer(issues(), source_files(), token=TOKEN)
    source = source_of(loop.run_until_complete(server.start()))
    yield loop, source
    loop.run_until_complete(source.aclose())
    loop.run_until_complete(server.stop())
    loop.close()


def an_issue(repository: str = "acme/pay", number: int = 1, **changes: object) -> Json:
    return {
        "number": number,
        "title": "T",
        "state": "open",
        "body": "x",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "repository_url": f"https://api.example/repos/{repository}",
    } | changes


def a_file(repository: str = "acme/pay", **changes: object) -> Json:
    return {
        "type": "file",
        "path": "a.md",
        "url": f"https://api.example/repos/{repository}/contents/a.md?ref=main",
        "encoding": "base64",
        "content": base64.encodebytes(b"text").decode(),
    } | changes


def answering(answers: dict[str, object]) -> tuple[list[web.Request], Handler]:
    """Answer by the path's beginning; return the requests, too."""
    requests: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        requests.append(request)
        for path, answer in answers.items():
            if request.path == path:
                return web.json_response(answer)
        return web.json_response({"message": "Not Found"}, status=404)

    return requests, handler


async def test_a_server_that_ignores_the_query_is_filtered() -> None:
    """The allow-list holds on what comes back, whatever was asked."""
    hits = [
        an_issue("acme/pay", 1),
        an_issue("acme/secret", 2),
        an_issue("acme/pay", 3, pull_request={}),
        an_issue("", 4, repository_url="https://api.example/user"),
        an_issue("ACME/Pay", 5),
    ]
    files = [
        {"path": "a b.py", "repository": {"full_name": "acme/pay"}},
        {"path": "b.py", "repository": {"full_name": "acme/secret"}},
    ]
    _, handler = answering({"/search/issues": {"items": hits}, "/search/code": {"items": files}})
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        found = await source.search("x")
        await source.aclose()
    assert [one.url.removeprefix(origin) for one in found] == [
        "/acme/pay/issues/1",
        "/acme/pay/pull/3",
        "/acme/pay/blob/HEAD/a%20b.py",
        "/ACME/Pay/issues/5",
    ]
    assert found[2].content == ""


async def test_what_was_moved_elsewhere_is_denied() -> None:
    """A redirect within GitHub may lead to a repository that the list does not admit."""
    _, handler = answering(
        {
            "/repos/acme/pay/issues/1": an_issue("acme/secret"),
            "/repos/acme/pay/contents/a.md": a_file("acme/secret"),
        }
    )
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        for tool, rest in (
            ("read_github_issue", {"number": 1}),
            ("read_github_file", {"path": "a.md"}),
        ):
            with pytest.raises(SourceNotFound):
                await run(source, tool, repo="acme/pay", **rest)
        await source.aclose()


async def test_what_was_moved_within_the_list_is_shown_where_it_is_now() -> None:
    requests, handler = answering(
        {
            "/repos/acme/old/issues/1": an_issue(
                "acme/new", 9, user=None, labels=["a", {"name": "b"}]
            ),
            "/repos/acme/new/issues/9/comments": [],
        }
    )
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/*",))
        told = await run(source, "read_github_issue", repo="acme/old", number=1)
        await source.aclose()
    assert told.found[0].url == f"{origin}/acme/new/issues/9"
    assert "Opened by somebody" in told.found[0].content
    assert "- Labels: a, b" in told.found[0].content
    assert len(requests) == 2


async def test_of_many_comments_the_latest_are_read() -> None:
    comment = {"user": {"login": "ana"}, "body": "hm", "created_at": "2026-01-02T00:00:00Z"}
    requests, handler = answering(
        {
            "/repos/acme/pay/issues/1": an_issue(comments=250),
            "/repos/acme/pay/issues/1/comments": [comment] * 50,
        }
    )
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        told = await run(source, "read_github_issue", repo="acme/pay", number=1)
        await source.aclose()
    assert dict(requests[1].query) == {"per_page": "100", "page": "3"}
    assert "Left out are the 200 before these." in told.found[0].content


async def test_a_long_issue_is_capped_and_says_how_to_read_the_rest() -> None:
    body = "\n".join(f"### Part {number}\n\n{'word ' * 300}" for number in range(40))
    _, handler = answering(
        {
            "/repos/acme/pay/issues/1": an_issue(body=body),
            "/repos/acme/pay/issues/1/comments": [],
        }
    )
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        told = await run(source, "read_github_issue", repo="acme/pay", number=1)
        await source.aclose()
    assert len(told.found[0].content) <= 16_000
    assert "ask for a section" in told.content
    assert "Part 39" in told.content


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "dir", "entries": []},
        {"encoding": "none", "content": ""},
        {"content": base64.b64encode(b"\xff\xfe\x00").decode()},
        {"content": base64.b64encode(b"a\x00b").decode()},
        {"content": "a"},
    ],
    ids=["folder", "large", "binary", "nul", "no base64"],
)
async def test_what_is_no_text_is_told_so(changes: Json) -> None:
    _, handler = answering({"/repos/acme/pay/contents/a.md": a_file(**changes)})
    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        told = await run(source, "read_github_file", repo="acme/pay", path="a.md")
        await source.aclose()
    assert told.is_error


async def test_a_kind_that_cannot_be_searched_costs_only_itself() -> None:
    hits = {"items": [an_issue()]}

    async def handler(request: web.Request) -> web.Response:
        if "is:issue" in request.query["q"]:
            return web.json_response(hits)
        return web.Response(status=500)

    async with serving(handler) as origin:
        source = source_of(origin, ("acme/pay",))
        assert len(await source.search("x")) == 1
        told = await run(source, "search_github_issues", keywords="x")
        await source.aclose()
    assert len(told.found) == 1
    assert "could not be asked" in told.content


async def test_nothing_to_search_for_asks_nobody() -> None:
    assert await source_of("http://127.0.0.1:9").search(' OR "?!*" ') == []


def status(code: int, text: str = "", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.json_response({"message": text}, status=code, headers=headers)

    return handler


async def hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (status(401), SourceUnauthorized),
        (status(403), SourceUnavailable),
        (status(404), SourceUnavailable),
        (status(422), SourceUnavailable),
        (status(500), SourceUnavailable),
        (status(200), SourceUnavailable),
        (status(429, **{"Retry-After": "3600"}), SourceUnavailable),
        (status(302, Location="https://login.example/"), SourceUnavailable),
        (hang, SourceUnavailable),
    ],
)  # fmt: skip
async def test_a_search_that_fails_says_how(handler: Handler, error: type[SourceError]) -> None:
    async with serving(handler) as origin:
        source = source_of(origin)
        with pytest.raises(error):
            await source.search("x")
        await source.aclose()


async def test_a_spent_limit_is_waited_for_if_that_is_short_and_else_not_asked_against() -> None:
    now = time.time()
    limits = {"search": 1}
    server = GitHubServer(issues(), source_files(), token=TOKEN, limits=limits, clock=lambda: now)
    sleeps = Sleeps()
    only_issues: tuple[Searchable, ...] = ("issues",)
    source = source_of(await server.start(), search=only_issues, sleeps=sleeps)
    assert await source.search("idempotency")
    for _ in range(3):
        with pytest.raises(SourceUnavailable, match="rate limit"):
            await source.search("idempotency")
    assert sleeps.seconds == []
    await source.aclose()
    await server.stop()


async def test_requests_are_such_as_the_published_description_knows(api: str) -> None:
    github = OpenApi.of("github-rest")
    seen: list[web.Request] = []
    pull = {"merged": False, "head": {"ref": "a"}, "base": {"ref": "b"}}
    _, handler = answering(
        {
            "/search/issues": {"items": []},
            "/search/code": {"items": []},
            "/repos/acme/pay/issues/1": an_issue(pull_request={}),
            "/repos/acme/pay/issues/1/comments": [],
            "/repos/acme/pay/pulls/1": pull,
            "/repos/acme/pay/pulls/1/reviews": [],
            "/repos/acme/pay/pulls/1/files": [],
            "/repos/acme/pay/contents/a.md": a_file(),
        }
    )

    async def watched(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return await handler(request)

    async with serving(watched) as origin:
        source = source_of(origin, ("acme/pay",))
        await source.search("two words")
        await run(source, "read_github_issue", repo="acme/pay", number=1)
        await run(source, "read_github_file", repo="acme/pay", path="a.md", ref="main")
        await source.aclose()
    assert len({request.path for request in seen}) == 8
    for request in seen:
        path = request.path.replace("acme/pay", "{owner}/{repo}").replace("a.md", "{path}")
        path = path.replace("issues/1", "issues/{issue_number}").replace(
            "pulls/1", "pulls/{pull_number}"
        )
        github.check_request(path, request.query)
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert "json" in request.headers["Accept"]


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


def test_the_tools_say_when_to_use_them() -> None:
    for tool in source_of("http://127.0.0.1:9").tools():
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert "GitHub" in tool.spec.activity
