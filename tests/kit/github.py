"""GitHub's JSON, as little of it as is read, and a source that asks for it."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kit.knowledge import IMPATIENT, retrying_at_once
from kit.loopback import serving
from slackbot.demo.company.repositories import OPEN_REPOSITORIES
from slackbot.knowledge.github import GitHubSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

    from kit.knowledge import Handler
    from slackbot.knowledge.github.source import Searchable
    from slackbot.resilience.retry import Retrier

Json = dict[str, Any]

TOKEN = "token"
PAY = "parcelwick/payments-api"
CLOSED = "parcelwick/acquisition-model"
ALL: tuple[Searchable, ...] = ("issues", "pull_requests", "code")
ISSUES_ONLY: tuple[Searchable, ...] = ("issues",)
CODE_ONLY: tuple[Searchable, ...] = ("code",)

API = "https://api.example"
MARCH = "2026-03-02T09:00:00Z"
ANA = {"login": "ana"}


def github_at(
    api: str,
    repos: Sequence[str] = OPEN_REPOSITORIES,
    *,
    search: Collection[Searchable] = ALL,
    limit: int = 10,
    retrier: Retrier | None = None,
) -> GitHubSource:
    """The source at an address; what fails is not asked for long."""
    return GitHubSource(
        TOKEN,
        repos,
        api_url=api,
        search=search,
        limit=limit,
        timeouts=IMPATIENT,
        retrier=retrier or retrying_at_once(),
    )


@asynccontextmanager
async def github_behind(
    handler: Handler,
    *repos: str,
    search: Collection[Searchable] = ALL,
    retrier: Retrier | None = None,
) -> AsyncIterator[GitHubSource]:
    """The source before a server of the test's own."""
    async with serving(handler) as origin:
        source = github_at(origin, repos or ("acme/pay",), search=search, retrier=retrier)
        try:
            yield source
        finally:
            await source.aclose()


def answering(answers: Mapping[str, object]) -> tuple[list[web.Request], Handler]:
    """Answer by path, and with 404 where there is none; return the requests, too."""
    requests: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        requests.append(request)
        if request.path in answers:
            return web.json_response(answers[request.path])
        return web.json_response({"message": "Not Found"}, status=404)

    return requests, handler


def issue_json(repository: str = "acme/pay", number: int = 7, /, **changes: object) -> Json:
    """An issue."""
    return {
        "number": number,
        "title": "Slow",
        "state": "open",
        "body": "It is slow.",
        "user": ANA,
        "created_at": MARCH,
        "updated_at": MARCH,
        "repository_url": f"{API}/repos/{repository}",
    } | changes


def pull_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """A pull request."""
    return {
        "url": f"{API}/repos/{repository}/pulls/7",
        "head": {"ref": "fix"},
        "base": {"ref": "main"},
    } | changes


def comment_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """A comment beneath an issue."""
    return {
        "issue_url": f"{API}/repos/{repository}/issues/7",
        "user": ANA,
        "body": "Hm.",
        "created_at": MARCH,
    } | changes


def review_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """A review of a pull request."""
    return {
        "id": 1,
        "pull_request_url": f"{API}/repos/{repository}/pulls/7",
        "user": ANA,
        "state": "APPROVED",
        "body": "Good.",
        "submitted_at": MARCH,
    } | changes


def remark_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """What a reviewer said of a line."""
    return {
        "pull_request_review_id": 1,
        "pull_request_url": f"{API}/repos/{repository}/pulls/7",
        "user": ANA,
        "path": "a.py",
        "line": 3,
        "body": "Why?",
        "created_at": MARCH,
    } | changes


def changed_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """A file that a pull request changes."""
    return {
        "filename": "a.py",
        "status": "modified",
        "additions": 1,
        "deletions": 1,
        "patch": "@@ -1 +1 @@\n-a\n+b",
        "contents_url": f"{API}/repos/{repository}/contents/a.py?ref=0123",
    } | changes


def file_json(repository: str = "acme/pay", /, text: bytes = b"text", **changes: object) -> Json:
    """A file with its content."""
    return {
        "type": "file",
        "path": "a.md",
        "url": f"{API}/repos/{repository}/contents/a.md?ref=main",
        "encoding": "base64",
        "content": base64.encodebytes(text).decode(),
    } | changes


def code_json(repository: str = "acme/pay", /, **changes: object) -> Json:
    """A file that a search found."""
    return {"path": "a.md", "repository": {"full_name": repository}} | changes


def commit_json(sha: str, repository: str = "acme/pay") -> Json:
    """A commit that a search found."""
    return {"sha": sha, "repository": {"full_name": repository}}
