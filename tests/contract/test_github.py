"""GitHub's OpenAPI description knows each request of the source, and the source its answers."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.descriptions import Description
from kit.github import (
    ALL,
    answering,
    changed_json,
    code_json,
    comment_json,
    commit_json,
    file_json,
    github_at,
    issue_json,
    pull_json,
    remark_json,
    review_json,
)
from kit.knowledge import on_a_loop, run_tool
from kit.loopback import serving
from slackbot.errors import SourceNotFound
from slackbot.knowledge.github.discussion import (
    ChangedFiles,
    Comments,
    Discussion,
    PullRequest,
    Remarks,
    Reviews,
)
from slackbot.knowledge.github.issue_document import issue_document
from slackbot.knowledge.github.wire import (
    CodeHit,
    CommitHit,
    Contents,
    Hits,
    Issue,
    Meta,
    RateLimits,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator

OWNED = "/repos/{owner}/{repo}"
HASH = "0123456789abcdef0123456789abcdef01234567"

REPOS = st.sampled_from(["acme/pay", "acme/Track.js", "ops/tools", "acme/secret", "a/b"])
LISTS = st.sampled_from(
    [("*",), ("acme/*", "!acme/secret"), ("acme/pay", "ops/tools"), ("ops/*", "acme/pay", "a/b")]
)
WORDS = st.text(min_size=1, max_size=60) | st.sampled_from(["key", "roll back payments"])
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,39}", fullmatch=True)
PATHS = st.sampled_from(["a.md", "docs/why not.md", "src/f/ü+%2f?.py", "a#b", "src"])
FILTERED = {
    "kind": st.sampled_from(["issue", "pull_request", "both"]),
    "repos": st.lists(REPOS, max_size=10),
    "state": st.sampled_from(["open", "closed", "merged"]),
    "author": NAMES | NAMES.map("{}[bot]".format),
    "labels": st.lists(st.text(min_size=1, max_size=50), max_size=3),
    "updated_after": st.dates().map(str),
}
CALLS = st.one_of(
    st.tuples(
        st.just("search_github_issues"),
        st.fixed_dictionaries({"keywords": WORDS}, optional=FILTERED),
    ),
    st.tuples(
        st.just("search_github_code"),
        st.fixed_dictionaries(
            {"keywords": WORDS},
            optional={
                "repos": st.lists(REPOS, max_size=10),
                "language": st.sampled_from(["Python", "Jupyter Notebook", "C++"]),
                "path": PATHS,
            },
        ),
    ),
    st.tuples(
        st.just("read_github_issue"),
        st.fixed_dictionaries(
            {"repo": REPOS, "number": st.integers(1, 2**31)},
            optional={"section": st.text(max_size=20)},
        ),
    ),
    st.tuples(
        st.just("read_github_file"),
        st.fixed_dictionaries(
            {"repo": REPOS, "path": PATHS},
            optional={
                "ref": st.sampled_from(["main", "feature/ü", "v1", HASH, "refs/tags/v1", "x~1"]),
                "lines": st.sampled_from(["1", "1-2"]),
            },
        ),
    ),
)


@pytest.fixture(scope="module")
def github() -> Description:
    return Description.of("github-rest")


class Recorder:
    """Answers whatever is asked for with as much as leads to all further requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path))
        return web.json_response(self._answer(request))

    def _answer(self, request: web.Request) -> object:
        _, first, *rest = request.path.split("/")
        if first == "rate_limit":
            return {"resources": {}}
        if first == "search":  # what the list leaves out, for further pages to be asked for
            hits = {"issues": [issue_json("acme/secret")] * 30, "code": [code_json("acme/secret")]}
            return {"items": hits.get(rest[0], [commit_json(HASH, "acme/pay")])}
        name, kind, last = "/".join(rest[:2]), rest[2], rest[-1]
        match kind, last:
            case "contents", _:
                return file_json(name)
            case "issues", "comments":
                return [comment_json(name)]
            case "issues", number:
                return issue_json(name, int(number), pull_request={}, comments=120)
            case _, "reviews":
                return [review_json(name)]
            case _, "comments":
                return [remark_json(name)]
            case _, "files":
                return [changed_json(name)]
            case _:
                return pull_json(name)


@asynccontextmanager
async def recording() -> AsyncIterator[tuple[str, Recorder]]:
    recorder = Recorder()
    async with serving(recorder.handle) as origin:
        yield origin, recorder


@pytest.fixture(scope="module")
def recorded() -> Iterator[tuple[asyncio.Runner, tuple[str, Recorder]]]:
    with on_a_loop(recording()) as held:
        yield held


@settings(max_examples=25, deadline=None)
@given(repos=LISTS, calls=st.lists(CALLS, min_size=1, max_size=5))
def test_every_request_is_described(
    repos: tuple[str, ...],
    calls: list[tuple[str, dict[str, Any]]],
    github: Description,
    recorded: tuple[asyncio.Runner, tuple[str, Recorder]],
) -> None:
    runner, (origin, recorder) = recorded

    async def make() -> None:
        source = github_at(origin, repos, search=ALL)
        await source.search(calls[0][1].get("keywords", "key"))
        for tool, arguments in calls:
            with suppress(SourceNotFound):  # of what the list does not admit
                await run_tool(source, tool, **arguments)
        await source.aclose()

    recorder.requests.clear()
    runner.run(make())
    for method, url in recorder.requests:
        github.check_request(method, url)


async def test_all_kinds_of_requests_are_made_and_described(github: Description) -> None:
    """The property above can fail: what it holds against the description is all that there is."""
    async with recording() as (origin, recorder):
        source = github_at(origin, ("acme/pay",))
        await source.search("two words")
        await run_tool(source, "read_github_issue", repo="acme/pay", number=7)
        await run_tool(source, "read_github_file", repo="acme/pay", path="a/b.md", ref=HASH)
        await source.check()
        await source.aclose()
    made = {urlsplit(url).path for _, url in recorder.requests}
    own = "/repos/acme/pay"
    assert made == {
        "/search/issues",
        "/search/code",
        "/search/commits",
        f"{own}/issues/7",
        f"{own}/issues/7/comments",
        f"{own}/pulls/7",
        f"{own}/pulls/7/reviews",
        f"{own}/pulls/7/comments",
        f"{own}/pulls/7/files",
        f"{own}/contents/a/b.md",
        "/rate_limit",
    }
    for method, url in recorder.requests:
        github.check_request(method, url)
    with pytest.raises(AssertionError):
        github.check_request("GET", "/search/issues?q=x&anything=else")


def test_the_described_answers_of_searches_are_read(github: Description) -> None:
    issues = Hits[Issue].model_validate(github.example("/search/issues"))
    code = Hits[CodeHit].model_validate(github.example("/search/code"))
    commits = Hits[CommitHit].model_validate(github.example("/search/commits"))
    for hits in (issues, code, commits):
        assert hits.items
        assert all("/" in hit.repository for hit in hits.items)


def test_the_described_answers_to_a_check_are_read(github: Description) -> None:
    assert RateLimits.model_validate(github.example("/rate_limit")).resources
    assert Meta.model_validate(github.example("/meta")).verifiable_password_authentication


async def test_a_check_without_rate_limits_is_described(github: Description) -> None:
    requests, handler = answering({"/meta": github.example("/meta")})
    async with serving(handler) as origin:
        source = github_at(origin)
        await source.check()
        await source.aclose()
    for request in requests:
        github.check_request(request.method, request.raw_path)


def test_the_described_answers_beneath_an_issue_are_read(github: Description) -> None:
    def example(path: str) -> str:
        return json.dumps(github.example(f"{OWNED}/{path}"))

    pull = "pulls/{pull_number}"
    found = Discussion(
        Issue.model_validate_json(example("issues/{issue_number}")),
        tuple(Comments.model_validate_json(example("issues/{issue_number}/comments")).root),
        PullRequest.model_validate_json(example(pull)),
        tuple(Reviews.model_validate_json(example(f"{pull}/reviews")).root),
        tuple(Remarks.model_validate_json(example(f"{pull}/comments")).root),
        tuple(ChangedFiles.model_validate_json(example(f"{pull}/files")).root),
    )
    beneath = (*found.comments, found.change, *found.reviews, *found.remarks, *found.files)
    repositories = {one.repository for one in (found.issue, *beneath) if one is not None}
    assert repositories == {"octocat/Hello-World"}
    text = issue_document(found)
    for heading in ("## Description", "## Reviews", "#### ", "## Comments", "## Changed files"):
        assert heading in text


@pytest.mark.parametrize(
    ("media", "kind", "repository", "names"),
    [
        ("application/vnd.github.object", "file-github-object", "octokit/octokit.rb", []),
        (
            "application/vnd.github.object",
            "directory-github-object",
            "octocat/octorepo",
            ["app.js", "images/"],
        ),
        ("application/json", "symlink", "octokit/octokit.rb", []),
        ("application/json", "submodule", "jquery/jquery", []),
    ],
)
def test_the_described_contents_are_read(
    github: Description, media: str, kind: str, repository: str, names: list[str]
) -> None:
    answers = github.content["paths"][f"{OWNED}/contents/{{path}}"]["get"]["responses"]["200"]
    named = answers["content"][media]["examples"][f"response-if-content-is-a-{kind}"]["$ref"]
    example = github.content["components"]["examples"][named.rsplit("/", 1)[1]]["value"]
    found = Contents.model_validate(example)
    assert (found.repository, found.names) == (repository, names)
    assert (found.encoding == "base64") == kind.startswith("file")
