"""Reads from GitHub behind the operator's list: nothing leaves here that was not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from slackbot.errors import SourceNotFound
from slackbot.knowledge.github.discussion import (
    ChangedFiles,
    Comment,
    Comments,
    Discussion,
    PullRequest,
    Remarks,
    Reviews,
)
from slackbot.knowledge.github.query import commit_query
from slackbot.knowledge.github.refs import DEFAULT, full_names, is_hash
from slackbot.knowledge.github.wire import CommitHit, Contents, Hits, Issue
from slackbot.resilience.http import RequestRejected
from slackbot.resilience.together import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slackbot.knowledge.github.allow_list import AllowList
    from slackbot.resilience.http import SourceClient

PER_PAGE: Final = 100
COMMENTS_PER_PAGE: Final = 50
"""A comment can have 64 KiB, and an answer must not be longer than 5 MiB."""

NOT_FOUND: Final = "GitHub has no such document, or none that may be shown"

_JSON = "application/vnd.github+json"
_ALSO_FOLDERS = "application/vnd.github.object+json"


class _Placed(Protocol):
    @property
    def repository(self) -> str: ...


Answer = TypeVar("Answer", bound=BaseModel)
Placed = TypeVar("Placed", bound=_Placed)


class GitHubReader:
    """Reads from the repositories that the list admits, and checks what comes back against it."""

    def __init__(self, client: SourceClient, allowed: AllowList) -> None:
        self._client = client
        self._allowed = allowed

    async def issue(self, repository: str, number: int) -> Issue:
        """Return an issue or a pull request.

        Raises:
            SourceNotFound: there is none, or none that may be shown.
        """
        path = f"/repos/{quote(repository)}/issues/{number}"
        return self._checked(await self._read(repository, path, Issue))

    async def discussion(self, issue: Issue) -> Discussion:
        """Return what stands beneath an issue or a pull request.

        Raises:
            SourceNotFound: it is not there any more, or may not be shown.
        """
        if issue.kind == "issue":
            return Discussion(issue, await self._comments(issue))
        name = issue.repository
        pull = f"/repos/{quote(name)}/pulls/{issue.number}"
        whole: dict[str, str | int] = {"per_page": PER_PAGE}
        latest = whole | {"sort": "created", "direction": "desc"}
        async with together() as tasks:
            comments = tasks.create_task(self._comments(issue))
            change = tasks.create_task(self._read(name, pull, PullRequest))
            reviews = tasks.create_task(self._read(name, f"{pull}/reviews", Reviews, whole))
            remarks = tasks.create_task(self._read(name, f"{pull}/comments", Remarks, latest))
            files = tasks.create_task(self._read(name, f"{pull}/files", ChangedFiles, whole))
        return Discussion(
            issue,
            comments.result(),
            self._checked(change.result()),
            self._admitted(reviews.result().root),
            self._admitted(reversed(remarks.result().root)),
            self._admitted(files.result().root),
        )

    async def contents(self, repository: str, path: str, ref: str) -> Contents:
        """Return what lies at a path: as JSON, which names the repository that it is in.

        Raises:
            SourceNotFound: there is nothing, or nothing that may be shown.
        """
        if ref == DEFAULT:
            return await self._contents(repository, path, {})
        if is_hash(ref):
            commit = await self._commit(repository, ref.lower())
            return await self._contents(repository, path, {"ref": commit})
        for name in full_names(ref):
            try:
                return await self._contents(repository, path, {"ref": name})
            except SourceNotFound:
                continue
        raise SourceNotFound(NOT_FOUND)

    async def _contents(self, repository: str, path: str, at: Mapping[str, str]) -> Contents:
        address = f"/repos/{quote(repository)}/contents/{quote(path)}"
        return self._checked(
            await self._read(repository, address, Contents, at, accept=_ALSO_FOLDERS)
        )

    async def _commit(self, repository: str, commit: str) -> str:
        """Return the hash of a commit that is on the default branch of the repository itself."""
        params = {"q": commit_query(repository, commit)}
        try:
            found = await self._read(repository, "/search/commits", Hits[CommitHit], params)
        except RequestRejected:  # GitHub says so of repositories that it does not know
            raise SourceNotFound(NOT_FOUND) from None
        for hit in self._admitted(found.items):
            if hit.sha == commit and hit.repository.lower() == repository.lower():
                return commit
        raise SourceNotFound(NOT_FOUND)

    async def _comments(self, issue: Issue) -> tuple[Comment, ...]:
        """Return the latest comments: of the last page, which may be short, and the one before."""
        path = f"/repos/{quote(issue.repository)}/issues/{issue.number}/comments"
        last = max(1, -(-issue.comments // COMMENTS_PER_PAGE))
        async with together() as tasks:
            pages = [
                tasks.create_task(
                    self._read(
                        issue.repository,
                        path,
                        Comments,
                        {"per_page": COMMENTS_PER_PAGE, "page": page},
                    )
                )
                for page in range(max(1, last - 1), last + 1)
            ]
        return self._admitted(comment for page in pages for comment in page.result().root)

    def _checked(self, found: Placed) -> Placed:
        """Return what may be shown; after a transfer it may be elsewhere than was asked for."""
        if not self._allowed.admits(found.repository):
            raise SourceNotFound(NOT_FOUND)
        return found

    def _admitted(self, found: Iterable[Placed]) -> tuple[Placed, ...]:
        return tuple(one for one in found if self._allowed.admits(one.repository))

    async def _read(
        self,
        repository: str,
        path: str,
        answer: type[Answer],
        params: Mapping[str, str | int] | None = None,
        *,
        accept: str = _JSON,
    ) -> Answer:
        """Return what GitHub has of a repository that may be shown."""
        if self._allowed.admits(repository):
            try:
                return await self._client.get(path, answer, params, accept=accept)
            except SourceNotFound:
                pass
        raise SourceNotFound(NOT_FOUND)
