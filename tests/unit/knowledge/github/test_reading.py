"""Reading issues, pull requests and files from GitHub, and what is not to be read."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from kit.github import (
    CLOSED,
    ISSUES_ONLY,
    PAY,
    TOKEN,
    answering,
    changed_json,
    comment_json,
    commit_json,
    file_json,
    github_at,
    github_behind,
    issue_json,
    pull_json,
    remark_json,
    review_json,
)
from kit.knowledge import CANARY, run_tool
from slackbot.demo.company.repositories import issues, source_files
from slackbot.demo.github.server import GitHubServer
from slackbot.demo.github.wire import sha
from slackbot.errors import SourceNotFound, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kit.github import Json
    from slackbot.knowledge.github import GitHubSource

HEAD = sha(PAY)
"""The last commit of the sample repository."""
FORKED = "c0ffee1234567890abcdef1234567890abcdef12"


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


async def test_reads_an_issue_with_its_comments(source: GitHubSource, api: str) -> None:
    told = await run_tool(source, "read_github_issue", repo=PAY, number=238)
    (issue,) = told.found
    assert issue.url == f"{api.removesuffix('/api/v3')}/{PAY}/issues/238"
    assert "- State: closed on 2026-09-15" in issue.content
    assert "- Labels: bug, severity-1" in issue.content
    assert "## Description\n\nBehind PAY-312." in issue.content
    assert "## Comments\n\n### ben wrote on 2026-09-14\n\nAgreed on" in issue.content
    assert "Reviews" not in issue.content
    assert (told.content, issue.read_more) == ("", None)


async def test_reads_a_pull_request_with_reviews_and_changed_files(source: GitHubSource) -> None:
    told = await run_tool(source, "read_github_issue", repo=PAY, number=241)
    text = told.found[0].content
    assert "- State: merged on 2026-09-15, branch pay-312-one-key into main" in text
    assert "## Reviews\n\n### ben asked for changes on 2026-09-14\n\nRight idea." in text
    assert "### `charges/keys.py` modified, +" in text
    assert "```diff\n@@" in text
    reviews = await run_tool(source, "read_github_issue", repo=PAY, number=241, section="reviews")
    assert reviews.found[0].content.startswith("## Reviews")
    assert "## Comments" not in reviews.found[0].content
    missing = await run_tool(source, "read_github_issue", repo=PAY, number=241, section="weather")
    assert "no such section" in missing.content
    assert "Changed files" in missing.found[0].content


async def test_reads_a_file_or_some_of_its_lines(source: GitHubSource, api: str) -> None:
    site = api.removesuffix("/api/v3")
    path = "charges/retry.py"
    (text,) = (file.text for file in source_files() if file.path == path)
    whole = await run_tool(source, "read_github_file", repo=PAY, path=path)
    assert whole.content == ""
    assert whole.found[0].url == f"{site}/{PAY}/blob/HEAD/{path}"
    assert whole.found[0].content == f"```py\n{text.rstrip(chr(10))}\n```"
    part = await run_tool(source, "read_github_file", repo=PAY, path=path, ref="main", lines="2-3")
    assert part.found[0].content.splitlines()[1:3] == text.splitlines()[1:3]
    assert part.found[0].url == f"{site}/{PAY}/blob/main/{path}#L2-L3"
    assert part.content.startswith("Shown are lines 2-3 of ")
    beyond = await run_tool(source, "read_github_file", repo=PAY, path=path, lines="99999")
    assert beyond.is_error


@pytest.mark.parametrize("ref", ["HEAD", "main", "refs/heads/main", HEAD, HEAD.upper()])
async def test_a_file_is_read_as_of_a_branch_or_a_commit(source: GitHubSource, ref: str) -> None:
    arguments = {"repo": PAY, "path": "charges/retry.py"}
    now = await run_tool(source, "read_github_file", **arguments)
    then = await run_tool(source, "read_github_file", **arguments, ref=ref)
    assert then.found[0].content == now.found[0].content
    assert f"/blob/{ref}/" in then.found[0].url


async def test_of_a_folder_the_names_in_it_are_read(source: GitHubSource, api: str) -> None:
    told = await run_tool(source, "read_github_file", repo=PAY, path="ledger")
    (folder,) = told.found
    assert (folder.title, folder.content) == ("ledger/", "- `migrations/`")
    assert folder.url == f"{api.removesuffix('/api/v3')}/{PAY}/tree/HEAD/ledger"


async def test_what_is_closed_cannot_be_told_from_what_is_missing(source: GitHubSource) -> None:
    told = set()
    for tool, arguments in (
        ("read_github_issue", {"repo": CLOSED, "number": 3}),
        ("read_github_issue", {"repo": CLOSED, "number": 4040}),
        ("read_github_issue", {"repo": PAY, "number": 4040}),
        ("read_github_issue", {"repo": "parcelwick/..", "number": 1}),
        ("read_github_file", {"repo": CLOSED, "path": "model/valuation.py"}),
        ("read_github_file", {"repo": CLOSED, "path": "model/valuation.py", "ref": sha(CLOSED)}),
        ("read_github_file", {"repo": PAY, "path": "no/such.py"}),
        ("read_github_file", {"repo": PAY, "path": "charges/retry.py", "ref": "v7"}),
        ("read_github_file", {"repo": PAY, "path": "charges/retry.py", "ref": "main~1"}),
        ("read_github_file", {"repo": PAY, "path": "charges/retry.py", "ref": sha("other")}),
        ("read_github_file", {"repo": PAY, "path": "charges/retry.py", "ref": sha(CLOSED)}),
    ):
        with pytest.raises(SourceNotFound) as caught:
            await run_tool(source, tool, **arguments)
        told.add(str(caught.value))
    assert len(told) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_what_github_refuses_reads_as_what_it_does_not_have(status: int) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"message": "no"}, status=status)

    async with github_behind(refuse) as source:
        for tool, arguments in (
            ("read_github_issue", {"number": 7}),
            ("read_github_file", {"path": "a.md", "ref": FORKED}),
        ):
            with pytest.raises(SourceNotFound, match="no such document, or none that may be shown"):
                await run_tool(source, tool, repo="acme/pay", **arguments)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read_github_issue", {"repo": "acme/pay", "number": 0}),
        ("read_github_issue", {"repo": "acme/pay/..", "number": 1}),
        ("read_github_issue", {"repo": "acme/pay\n", "number": 1}),
        ("read_github_issue", {"repo": "acme/pay", "number": "1/../2"}),
        ("read_github_file", {"repo": "acme/pay", "path": "../../user"}),
        ("read_github_file", {"repo": "acme/pay", "path": "/etc/passwd"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a\x00b"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "ref": ""}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "ref": "a\nb"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "lines": "0-5"}),
        ("read_github_file", {"repo": "acme/pay", "path": "a", "lines": "all"}),
    ],
)
async def test_bad_arguments_are_refused(tool: str, arguments: dict[str, object]) -> None:
    assert (await run_tool(github_at("http://127.0.0.1:9"), tool, **arguments)).is_error


async def test_only_what_the_operator_wants_searched_is_read(api: str) -> None:
    source = github_at(api, search=ISSUES_ONLY)
    assert (await run_tool(source, "read_github_issue", repo=PAY, number=238)).found
    with pytest.raises(SourceNotFound):
        await run_tool(source, "read_github_issue", repo=PAY, number=241)
    await source.aclose()


async def test_what_was_moved_elsewhere_is_denied() -> None:
    """A redirect within GitHub may lead to a repository that the list does not admit."""
    _, handler = answering(
        {
            "/repos/acme/pay/issues/7": issue_json("acme/secret"),
            "/repos/acme/pay/contents/a.md": file_json("acme/secret"),
            "/repos/acme/pay/issues/8": issue_json(number=8, pull_request={}),
            "/repos/acme/pay/issues/8/comments": [],
            "/repos/acme/pay/pulls/8": pull_json("acme/secret"),
            "/repos/acme/pay/pulls/8/reviews": [],
            "/repos/acme/pay/pulls/8/comments": [],
            "/repos/acme/pay/pulls/8/files": [],
        }
    )
    async with github_behind(handler) as source:
        for tool, arguments in (
            ("read_github_issue", {"number": 7}),
            ("read_github_issue", {"number": 8}),
            ("read_github_file", {"path": "a.md"}),
        ):
            with pytest.raises(SourceNotFound):
                await run_tool(source, tool, repo="acme/pay", **arguments)


async def test_each_object_beneath_an_issue_is_checked() -> None:
    secret = "acme/secret"
    pull = "/repos/acme/pay/pulls/7"
    _, handler = answering(
        {
            "/repos/acme/pay/issues/7": issue_json(pull_request={}),
            "/repos/acme/pay/issues/7/comments": [
                comment_json(),
                comment_json(secret, body=CANARY),
            ],
            pull: pull_json(),
            f"{pull}/reviews": [review_json(), review_json(secret, body=CANARY)],
            f"{pull}/comments": [remark_json(secret, body=CANARY), remark_json()],
            f"{pull}/files": [changed_json(), changed_json(secret, patch=CANARY)],
        }
    )
    async with github_behind(handler) as source:
        told = await run_tool(source, "read_github_issue", repo="acme/pay", number=7)
    text = told.found[0].content
    assert CANARY not in text
    for shown in ("Hm.", "Good.", "Why?", "+b"):
        assert text.count(shown) == 1


async def test_what_was_moved_within_the_list_is_shown_where_it_is_now() -> None:
    requests, handler = answering(
        {
            "/repos/acme/old/issues/1": issue_json(
                "acme/new", 9, user=None, labels=["a", {"name": "b"}]
            ),
            "/repos/acme/new/issues/9/comments": [],
        }
    )
    async with github_behind(handler, "acme/*") as source:
        told = await run_tool(source, "read_github_issue", repo="acme/old", number=1)
    assert told.found[0].url.endswith("/acme/new/issues/9")
    assert "Opened by somebody" in told.found[0].content
    assert "- Labels: a, b" in told.found[0].content
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("count", "pages", "left_out"), [(0, {"1"}, 0), (50, {"1"}, 0), (101, {"2", "3"}, 50)]
)
async def test_of_many_comments_the_last_two_pages_are_read(
    count: int, pages: set[str], left_out: int
) -> None:
    asked: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        if not request.path.endswith("/comments"):
            return web.json_response(issue_json(comments=count))
        asked.append(request)
        start = (int(request.query["page"]) - 1) * 50
        bodies = range(start + 1, min(count, start + 50) + 1)
        return web.json_response([comment_json(body=f"No. {number}.") for number in bodies])

    async with github_behind(handler) as source:
        told = await run_tool(source, "read_github_issue", repo="acme/pay", number=7)
    assert {request.query["page"] for request in asked} == pages
    text = told.found[0].content
    shown = [number for number in range(1, count + 1) if f"No. {number}.\n" in f"{text}\n"]
    assert shown == list(range(left_out + 1, count + 1))
    assert (f"Left out: {left_out} earlier." in text) == bool(left_out)


async def test_a_long_issue_is_cut_and_says_how_to_read_the_rest() -> None:
    body = "\n".join(f"### Part {number}\n\n{'word ' * 300}" for number in range(40))
    _, handler = answering(
        {
            "/repos/acme/pay/issues/7": issue_json(body=body, comments=1),
            "/repos/acme/pay/issues/7/comments": [comment_json()],
        }
    )
    async with github_behind(handler) as source:
        told = await run_tool(source, "read_github_issue", repo="acme/pay", number=7)
        section = await run_tool(
            source, "read_github_issue", repo="acme/pay", number=7, section="Part 39"
        )
    assert len(told.found[0].content) <= 16_000
    assert told.found[0].content.endswith("Hm.")
    assert "ask for a section" in told.content
    assert "41. Part 39; 42. Comments" in told.found[0].content
    assert section.found[0].content == f"### Part 39\n\n{'word ' * 300}".rstrip()


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "submodule"},
        {"type": "dir", "entries": []},
        {"encoding": "none", "content": ""},
        {"content": base64.b64encode(b"\xff\xfe\x00").decode()},
        {"content": base64.b64encode(b"a\x00b").decode()},
        {"content": "a"},
    ],
    ids=["submodule", "empty folder", "large", "binary", "nul", "no base64"],
)
async def test_what_is_no_text_is_told_so(changes: Json) -> None:
    _, handler = answering({"/repos/acme/pay/contents/a.md": file_json(**changes)})
    async with github_behind(handler) as source:
        told = await run_tool(source, "read_github_file", repo="acme/pay", path="a.md")
    assert told.is_error


async def test_a_tag_is_read_where_there_is_no_such_branch() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["ref"])
        if request.query["ref"] == "refs/tags/v1":
            return web.json_response(file_json(text=b"as it was"))
        return web.json_response({}, status=404)

    async with github_behind(handler) as source:
        told = await run_tool(source, "read_github_file", repo="acme/pay", path="a.md", ref="v1")
    assert told.found[0].content == "as it was"
    assert asked == ["refs/heads/v1", "refs/tags/v1"]


@pytest.mark.parametrize(
    "found",
    [
        [],
        [commit_json(FORKED, "acme/fork")],
        [commit_json(FORKED, "acme/secret")],
        [commit_json(FORKED[:-1] + "3")],
    ],
    ids=["nothing", "a fork", "not admitted", "another commit"],
)
async def test_a_commit_that_only_a_fork_has_is_not_read(found: list[Json]) -> None:
    """GitHub serves it by its hash from here, too, as both share one store of commits."""
    served: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/search/commits":
            assert request.query["q"] == f"hash:{FORKED} repo:acme/pay"
            return web.json_response({"items": found})
        served.append(request)
        return web.json_response(file_json(text=CANARY.encode()))

    async with github_behind(handler, "acme/pay", "acme/fork") as source:
        with pytest.raises(SourceNotFound):
            await run_tool(source, "read_github_file", repo="acme/pay", path="a.md", ref=FORKED)
    assert served == []


async def test_a_commit_of_a_repository_that_github_does_not_know_is_not_found() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.json_response({}, status=422)

    async with github_behind(handler) as source:
        with pytest.raises(SourceNotFound):
            await run_tool(source, "read_github_file", repo="acme/pay", path="a.md", ref=FORKED)


async def test_a_source_that_fails_in_the_middle_says_so() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/7"):
            return web.json_response(issue_json())
        return web.json_response({}, status=500)

    async with github_behind(handler) as source:
        with pytest.raises(SourceUnavailable):
            await run_tool(source, "read_github_issue", repo="acme/pay", number=7)
