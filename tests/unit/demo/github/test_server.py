"""The sample GitHub speaks the wire format of GitHub's REST API."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from contract.descriptions import Description
from slackbot.demo.company.repositories import (
    Change,
    ChangedFile,
    Issue,
    Remark,
    Repository,
    Review,
    SourceFile,
)
from slackbot.demo.company.tickets import Comment
from slackbot.demo.github.documents import commit_document, file_document, issue_document
from slackbot.demo.github.query import MAX_QUERY, QueryError
from slackbot.demo.github.search import SearchIndex
from slackbot.demo.github.server import GitHubServer
from slackbot.demo.github.wire import head_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = "token"
PAY = Repository(1, "acme/pay", "Payments", "Python")
OPS = Repository(2, "ops/tools", "Tools", "Shell")
SECRET = Repository(3, "acme/secret", "Closed", "Python", closed=True)
MARCH, JUNE = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)


def issue(repository: Repository, number: int, title: str, body: str, **changes: Any) -> Issue:
    fields: dict[str, Any] = {
        "state": "open",
        "author": "ana",
        "labels": (),
        "created": MARCH,
        "updated": MARCH,
        "comments": (),
        "change": None,
    }
    return Issue(repository=repository, number=number, title=title, body=body, **fields | changes)


ISSUES = (
    issue(PAY, 1, "Customers are charged twice", "A retry makes a second charge.",
          labels=("bug", "good first issue"), state="closed", updated=JUNE,
          comments=(Comment("ben", MARCH, "Seen on Friday, too."), Comment("mei", JUNE, "Gone.")),
          assignees=("ana", "ben"), milestone="June", reason="completed"),
    issue(PAY, 2, "Keep one key", "Fixes the second charge.", author="ben", state="closed",
          change=Change("one-key", JUNE,
                        (Review("mei", JUNE, "APPROVED", "Good.",
                                (Remark("charges/keys.py", 1, "Why b?"),
                                 Remark("charges/keys.py", 2, "And c?"))),),
                        (ChangedFile("charges/keys.py", "modified", "@@ -1 +1 @@\n-a\n+b\n+c"),
                         ChangedFile("new.py", "renamed", "", "old.py")))),
    issue(PAY, 3, "Draw a picture", "Of the charge.", author="mei",
          change=Change("picture", None, (), (), draft=True)),
    issue(OPS, 1, "Rotate the tokens", "Each spring."),
    issue(SECRET, 1, "Buy them", "heron"),
)  # fmt: skip
FILES = (
    SourceFile(PAY, "charges/retry.py", "def retry(charge):\n    return charge()\n" + "\n" * 400),
    SourceFile(PAY, "docs/why not.md", "# Why we do not retry\n"),
    SourceFile(OPS, "rotate", "rotate tokens\n"),
    SourceFile(SECRET, "price.py", "heron = 1\n"),
)
NAMES = {one.repository.name for one in (*ISSUES, *FILES)}
ISSUE_INDEX = SearchIndex(
    {f"{one.repository.name}#{one.number}": issue_document(one) for one in ISSUES},
    NAMES,
    kind="issues",
)
CODE_INDEX = SearchIndex({one.path: file_document(one) for one in FILES}, NAMES, kind="code")
COMMITS = SearchIndex({one.name: commit_document(one) for one in (PAY, OPS)}, NAMES, kind="commits")


def issues_found(query: str) -> list[str]:
    return [key for key, _ in ISSUE_INDEX.search(query)]


def code_found(query: str) -> list[str]:
    return [key for key, _ in CODE_INDEX.search(query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("charge is:issue", {"acme/pay#1"}),
        ("charge is:pull-request", {"acme/pay#2", "acme/pay#3"}),
        ("charge is:pr is:merged", {"acme/pay#2"}),
        ("charge type:pr -is:merged", {"acme/pay#3"}),
        ("friday is:issue", {"acme/pay#1"}),
        ("charge friday is:issue", {"acme/pay#1"}),
        ("charge zebra is:issue", set()),
        ("(zebra OR charge) is:issue", {"acme/pay#1"}),
        ("zebra OR is:issue state:open", {"ops/tools#1", "acme/secret#1"}),
        ('"second charge" is:issue', {"acme/pay#1"}),
        ('"charge second" is:issue', set()),
        ('""is:issue state:closed', {"acme/pay#1"}),
        ("charge NOT friday is:issue", set()),
        ("is:issue NOT (repo:acme/pay OR repo:acme/secret)", {"ops/tools#1"}),
        ("is:issue repo:ACME/pay", {"acme/pay#1"}),
        ("is:issue user:acme", {"acme/pay#1", "acme/secret#1"}),
        ("is:issue org:ops", {"ops/tools#1"}),
        ("is:issue repo:acme/pay repo:ops/tools", set()),
        ("is:issue (repo:acme/pay OR repo:ops/tools)", {"acme/pay#1", "ops/tools#1"}),
        ("is:issue AND repo:acme/pay", {"acme/pay#1"}),
        ("is:issue -repo:acme/pay", {"ops/tools#1", "acme/secret#1"}),
        ("is:pr author:mei", {"acme/pay#3"}),
        ('is:issue label:bug label:"good first issue"', {"acme/pay#1"}),
        ("is:issue label:good", set()),
        ("is:issue updated:>=2026-06-01", {"acme/pay#1"}),
        ("is:issue updated:2026-06-01", {"acme/pay#1"}),
        ("is:issue repo:acme/pay updated:>2026-06-01", set()),
        ("is:issue created:<2026-03-02", set()),
        ("is:issue repo:acme/pay created:<=2026-03-02", {"acme/pay#1"}),
        ("the is:issue state:closed", {"acme/pay#1"}),
        ("re:charge is:issue", set()),
        ('charge" is:issue', {"acme/pay#1"}),
        ("charge\n is:issue", {"acme/pay#1"}),
        ("IS:issue repo:acme/pay", {"acme/pay#1"}),
        ("charge", {"acme/pay#1", "acme/pay#2", "acme/pay#3"}),
        ("charge state:closed repo:acme/pay", {"acme/pay#1", "acme/pay#2"}),
    ],
)
def test_issues_are_found_by_words_and_qualifiers(query: str, found: set[str]) -> None:
    assert set(issues_found(query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("retry", {"charges/retry.py", "docs/why not.md"}),
        ("retry language:markdown", {"docs/why not.md"}),
        ('retry path:"charges"', {"charges/retry.py"}),
        ("retry path:/charges/", {"charges/retry.py"}),
        ("retry path:char", set()),
        ("tokens language:shell", {"rotate"}),
        ("retry repo:ops/tools repo:acme/pay", {"charges/retry.py", "docs/why not.md"}),
        ("retry user:ops repo:acme/pay", {"charges/retry.py", "docs/why not.md"}),
        ("heron repo:ops/tools OR repo:acme/secret", {"price.py"}),
        ("tokens repo:ops/tools", {"rotate"}),
    ],
)
def test_code_is_found_by_words_and_qualifiers(query: str, found: set[str]) -> None:
    assert set(code_found(query)) == found


def test_the_most_relevant_comes_first() -> None:
    assert issues_found("(charged OR twice OR charge) (is:issue OR is:pr)")[0] == "acme/pay#1"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "could not be parsed"),
        ("is:issue (", "could not be parsed"),
        ("is:issue )", "could not be parsed"),
        ("is:issue (charge", "could not be parsed"),
        ("is:issue OR", "could not be parsed"),
        ("is:issue NOT", "could not be parsed"),
        ("is:issue " + "(" * 30 + "x" + ")" * 30, "could not be parsed"),
        ("is:issue " + "x" * MAX_QUERY, "longer than 256"),
        ("is:issue a OR b OR c OR d OR e OR f OR g", "More than five"),
        ("is:issue repo:acme/none", "cannot be searched"),
        ("is:issue updated:yesterday", "date"),
    ],
)
def test_a_search_of_issues_that_github_would_not_take_is_refused(query: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        ISSUE_INDEX.search(query)


def test_some_tokens_must_say_whether_they_want_issues_or_pull_requests() -> None:
    apart = SearchIndex(
        {"1": issue_document(ISSUES[0]), "2": issue_document(ISSUES[1])},
        NAMES,
        kind="issues",
        apart=True,
    )
    assert [key for key, _ in apart.search("charge is:pull-request")] == ["2"]
    with pytest.raises(QueryError, match="must include 'is:issue'"):
        apart.search("charge")


def test_a_commit_is_found_by_its_whole_hash() -> None:
    def found(query: str) -> list[str]:
        return [key for key, _ in COMMITS.search(query)]

    assert found(f"hash:{head_of(PAY)}") == ["acme/pay"]
    assert found(f"hash:{head_of(PAY)} repo:ops/tools") == []
    assert found(f"hash:{head_of(PAY)[:8]}") == []


def test_a_search_of_code_needs_a_word() -> None:
    with pytest.raises(QueryError, match="search term"):
        CODE_INDEX.search("language:python")


def test_fragments_show_what_matched() -> None:
    query = '"second charge" friday is:issue'
    fragments = list(ISSUE_INDEX.fragments("acme/pay#1", query))
    assert [(one.part.property, one.part.of) for one in fragments] == [
        ("title", "Issue"),
        ("body", "Issue"),
        ("body", "IssueComment"),
    ]
    body = fragments[1]
    assert [body.text[start:end] for start, end in body.matches] == ["second", "charge"]


def test_a_fragment_of_a_long_text_is_short_and_ends_between_words() -> None:
    text = "lorem ipsum " * 100 + "the heron " + "dolor sit " * 100
    document = file_document(SourceFile(PAY, "a.txt", text))
    (fragment,) = SearchIndex({"a": document}, NAMES, kind="code").fragments("a", "heron")
    assert len(fragment.text) <= 240
    assert text.split()[0] in fragment.text.split()
    assert [fragment.text[slice(*span)] for span in fragment.matches] == ["heron"]


@pytest.fixture
async def api() -> AsyncIterator[str]:
    server = GitHubServer(ISSUES, FILES, token=TOKEN)
    yield await server.start()
    await server.stop()


async def get(
    url: str, *, token: str = TOKEN, accept: str = "application/json", **params: str
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(url, params=params) as response,
    ):
        return response.status, json.loads(await response.text())


async def test_answers_are_as_the_published_description_says(api: str) -> None:
    github = Description.of("github-rest")
    owned = "/repos/{owner}/{repo}"
    for path, described, params in (
        ("/search/issues", "/search/issues", {"q": "charge is:issue"}),
        ("/search/issues", "/search/issues", {"q": "charge is:pr"}),
        ("/search/code", "/search/code", {"q": "retry"}),
        ("/repos/acme/pay", owned, {}),
        ("/repos/acme/pay/issues/1", f"{owned}/issues/{{issue_number}}", {}),
        ("/repos/acme/pay/issues/2", f"{owned}/issues/{{issue_number}}", {}),
        ("/repos/acme/pay/issues/1/comments", f"{owned}/issues/{{issue_number}}/comments", {}),
        ("/repos/acme/pay/pulls/2", f"{owned}/pulls/{{pull_number}}", {}),
        ("/repos/acme/pay/pulls/3", f"{owned}/pulls/{{pull_number}}", {}),
        ("/repos/acme/pay/pulls/2/reviews", f"{owned}/pulls/{{pull_number}}/reviews", {}),
        ("/repos/acme/pay/pulls/2/comments", f"{owned}/pulls/{{pull_number}}/comments", {}),
        ("/search/commits", "/search/commits", {"q": f"hash:{head_of(PAY)}"}),
        ("/repos/acme/pay/pulls/2/files", f"{owned}/pulls/{{pull_number}}/files", {}),
        ("/repos/acme/pay/contents/charges/retry.py", f"{owned}/contents/{{path}}", {}),
    ):
        accept = "application/vnd.github.text-match+json"
        status, answer = await get(f"{api}{path}", accept=accept, **params)
        assert status == 200
        github.check_answer(described, answer)
        if described.endswith("{path}"):
            github.check_schema("content-file", answer)


async def test_fragments_come_only_when_asked_for(api: str) -> None:
    _, plain = await get(f"{api}/search/code", q="retry path:charges")
    assert "text_matches" not in plain["items"][0]
    accept = "application/vnd.github.text-match+json"
    _, found = await get(f"{api}/search/code", accept=accept, q="retry path:charges")
    (match,) = found["items"][0]["text_matches"]
    assert match["property"] == "content"
    assert match["matches"][0] == {"text": "retry", "indices": [4, 9]}


async def test_results_come_in_pages(api: str) -> None:
    query = "(is:issue OR is:pr) repo:acme/pay"
    seen = []
    for page in ("1", "2", "3"):
        _, found = await get(f"{api}/search/issues", q=query, per_page="2", page=page)
        assert found["total_count"] == 3
        seen.append(len(found["items"]))
    assert seen == [2, 1, 0]
    _, comments = await get(f"{api}/repos/acme/pay/issues/1/comments", per_page="1", page="2")
    assert [one["body"] for one in comments] == ["Gone."]
    for direction, first in (("asc", "Why b?"), ("desc", "And c?")):
        _, remarks = await get(
            f"{api}/repos/acme/pay/pulls/2/comments", per_page="1", direction=direction
        )
        assert [one["body"] for one in remarks] == [first]
    _, all_of_them = await get(f"{api}/repos/acme/pay/issues/1/comments", per_page="x", page="-1")
    assert len(all_of_them) == 2


async def test_a_bad_search_is_answered_as_github_does(api: str) -> None:
    status, answer = await get(f"{api}/search/issues", q="is:issue (")
    assert (status, answer["message"]) == (422, "Validation Failed")
    assert "could not be parsed" in answer["errors"][0]["message"]
    assert (await get(f"{api}/search/code"))[0] == 422


async def test_a_wrong_token_is_refused(api: str) -> None:
    status, answer = await get(f"{api}/search/code", token="wrong", q="retry")
    assert (status, answer["message"]) == (401, "Bad credentials")


@pytest.mark.parametrize(
    "path",
    [
        "/repos/acme/none",
        "/repos/acme/pay/issues/77",
        "/repos/acme/pay/issues/x",
        "/repos/acme/pay/issues/77/comments",
        "/repos/acme/pay/pulls/1",
        "/repos/acme/pay/pulls/1/files",
        "/repos/acme/pay/contents/charge",
        "/repos/acme/pay/contents/charges/retry.py?ref=v7",
        f"/repos/acme/pay/contents/charges/retry.py?ref={head_of(OPS)}",
        "/repos/acme/none/contents/charges/retry.py",
        "/nothing",
    ],
)
async def test_what_is_missing_is_told_as_github_does(api: str, path: str) -> None:
    status, answer = await get(f"{api}{path}")
    assert (status, answer["status"]) == (404, "404")


async def test_files_come_as_json_or_raw(api: str) -> None:
    url = f"{api}/repos/ACME/pay/contents/docs/why%20not.md?ref=main"
    _, told = await get(url)
    assert base64.b64decode(told["content"]).decode() == "# Why we do not retry\n"
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.github.raw+json"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        assert await response.text() == "# Why we do not retry\n"


async def test_a_folder_is_a_list_or_an_object() -> None:
    nested = (*FILES, SourceFile(PAY, "charges/old/retry.py", "pass\n"))
    server = GitHubServer((), nested, token=TOKEN)
    url = f"{await server.start()}/repos/acme/pay/contents/charges?ref={head_of(PAY)}"
    _, listed = await get(url)
    _, folder = await get(url, accept="application/vnd.github.object+json")
    await server.stop()
    Description.of("github-rest").check_schema("content-directory", listed)
    assert [(one["name"], one["type"]) for one in listed] == [("retry.py", "file"), ("old", "dir")]
    assert (folder["type"], folder["entries"]) == ("dir", listed)


async def test_limits_are_told_and_kept_for_each_kind_of_request() -> None:
    now = 1_000.0
    limits = {"search": 2, "core": 1}
    server = GitHubServer(ISSUES, FILES, token=TOKEN, limits=limits, clock=lambda: now)
    api = await server.start()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    seen = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for path, ahead in (
            ("/search/issues?q=is:issue", 0),
            ("/search/issues?q=is:issue", 0),
            ("/search/issues?q=is:issue", 0),
            ("/search/code?q=retry", 0),
            ("/repos/acme/pay", 0),
            ("/repos/acme/pay", 61),
            ("/search/issues?q=is:issue", 61),
        ):
            now = 1_000.0 + ahead
            async with session.get(f"{api}{path}") as response:
                left = response.headers.get("X-RateLimit-Remaining")
                seen.append((response.status, left, response.headers.get("X-RateLimit-Reset")))
    await server.stop()
    assert seen == [
        (200, "1", "1060"),
        (200, "0", "1060"),
        (403, "0", "1060"),
        (200, None, None),
        (200, "0", "4600"),
        (403, "0", "4600"),
        (200, "1", "1121"),
    ]


async def test_people_can_open_what_the_bot_links_to(api: str) -> None:
    site = api.removesuffix("/api/v3")
    async with aiohttp.ClientSession() as session:
        for path, text in (
            ("acme/pay/issues/1", "Seen on Friday, too."),
            ("acme/pay/issues/1", "assigned to ana, ben · June"),
            ("acme/pay/pull/2", "mei, 01 June:\nGood.\ncharges/keys.py, line 1: Why b?"),
            ("acme/pay/pull/2", "renamed new.py (was old.py)"),
            ("acme/pay/pull/2", "merged"),
            ("acme/pay/pull/3", "draft"),
            ("acme/pay/blob/HEAD/charges/retry.py", "def retry(charge):"),
        ):
            async with session.get(f"{site}/{path}") as response:
                assert response.status == 200
                assert text in await response.text()
        for hidden in (
            "acme/secret/issues/1",
            "acme/secret/blob/HEAD/price.py",
            "acme/pay/issues/77",
            "acme/pay/blob/v7/charges/retry.py",
            "acme/pay/blob/HEAD/nothing.py",
        ):
            async with session.get(f"{site}/{hidden}") as response:
                assert response.status == 404


async def test_stopping_before_starting_does_nothing() -> None:
    await GitHubServer((), (), token=TOKEN).stop()
