"""GitHub's REST API behind the operator's list: nothing leaves here that was not checked."""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from slackbot.errors import SourceNotFound, SourceUnavailable
from slackbot.knowledge.github.allow_list import repository_scopes
from slackbot.knowledge.github.query import (
    Wanted,
    alternative_queries,
    code_queries,
    issue_queries,
    words_of,
)
from slackbot.knowledge.github.wire import (
    ChangedFiles,
    CodeHit,
    CodeHits,
    Comments,
    Contents,
    Issue,
    Issues,
    PullRequest,
    Reviews,
    Thread,
)
from slackbot.resilience.http import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slackbot.knowledge.github.allow_list import AllowList
    from slackbot.resilience.http import SourceClient

API_VERSION: Final = "2022-11-28"
MAX_PAGE: Final = 100

_JSON = "application/vnd.github+json"
_WITH_FRAGMENTS = "application/vnd.github.text-match+json"
_ALSO_FOLDERS = "application/vnd.github.object+json"
NOT_FOUND = "GitHub has no such document, or none that may be shown"

Answer = TypeVar("Answer", bound=BaseModel)
Entry = TypeVar("Entry")
Hits = TypeVar("Hits", Issues, CodeHits)


class GitHubApi:
    """Asks for what the list of repositories admits, and checks what comes back against it.

    `hits` is how many to ask for in a search.
    """

    def __init__(self, client: SourceClient, allowed: AllowList, hits: int) -> None:
        self._client = client
        self._allowed = allowed
        self._hits = min(hits, MAX_PAGE)

    async def search_issues(
        self,
        keywords: str,
        qualifiers: Sequence[str],
        repos: Sequence[str],
        *,
        any_word: bool = False,
    ) -> list[Issue]:
        """Return what has all of the words, or any of them; of one word, any is all: nothing new.

        Raises:
            TooManyFilters: the qualifiers leave no room for a word.
        """
        wanted = self._wanted(keywords, qualifiers, repos)
        if wanted is None or (any_word and len(wanted.words) == 1):
            return []
        queries = alternative_queries(wanted) if any_word else issue_queries(wanted)
        asked = ({"q": query, "advanced_search": "true"} for query in queries)
        pages = await asyncio.gather(
            *(self._search("/search/issues", Issues, params, repos) for params in asked)
        )
        hits = taking_turns([page.items for page in pages])
        return [issue for issue in hits if self._allowed.admits(issue.repository)]

    async def search_code(
        self, keywords: str, qualifiers: Sequence[str], repos: Sequence[str]
    ) -> list[CodeHit]:
        """Return files that have all of the words.

        Raises:
            TooManyFilters: the qualifiers leave no room for a word.
        """
        wanted = self._wanted(keywords, qualifiers, repos)
        if wanted is None:
            return []
        queries = code_queries(wanted)
        pages = await asyncio.gather(
            *(self._search("/search/code", CodeHits, {"q": query}, repos) for query in queries)
        )
        hits = taking_turns([page.items for page in pages])
        return [hit for hit in hits if self._allowed.admits(hit.repository.full_name)]

    async def issue(self, repository: str, number: int) -> Issue:
        """Return an issue or a pull request.

        Raises:
            SourceNotFound: there is none, or none that may be shown.
        """
        path = f"/repos/{repository}/issues/{number}"
        issue = await self._read(repository, path, Issue)
        if not self._allowed.admits(issue.repository):
            raise SourceNotFound(NOT_FOUND)
        return issue

    async def thread(self, issue: Issue) -> Thread:
        """Return what stands beneath an issue or a pull request."""
        repository = issue.repository
        numbered = f"/repos/{quote(repository)}/{{}}/{issue.number}"
        pull = numbered.format("pulls")
        whole: dict[str, str | int] = {"per_page": MAX_PAGE}
        latest = whole | {"page": max(1, -(-issue.comments // MAX_PAGE))}
        comments = self._read(repository, f"{numbered.format('issues')}/comments", Comments, latest)
        if issue.kind == "issue":
            return Thread(issue, tuple((await comments).root))
        said, change, reviews, files = await asyncio.gather(
            comments,
            self._read(repository, pull, PullRequest),
            self._read(repository, f"{pull}/reviews", Reviews, whole),
            self._read(repository, f"{pull}/files", ChangedFiles, whole),
        )
        return Thread(issue, tuple(said.root), change, tuple(reviews.root), tuple(files.root))

    async def contents(self, repository: str, path: str, ref: str | None) -> Contents:
        """Return what lies at a path: as JSON, which names the repository that it is in.

        Raises:
            SourceNotFound: there is nothing, or nothing that may be shown.
        """
        address = f"/repos/{repository}/contents/{quote(path)}"
        at = {} if ref is None else {"ref": ref}
        found = await self._read(repository, address, Contents, at, accept=_ALSO_FOLDERS)
        if not self._allowed.admits(found.repository):
            raise SourceNotFound(NOT_FOUND)
        return found

    def _wanted(
        self, keywords: str, qualifiers: Sequence[str], repos: Sequence[str]
    ) -> Wanted | None:
        """Return what to search for; nothing if there is no word, or nowhere to search."""
        words = words_of(keywords)
        scopes = self._allowed.scopes()
        if repos:
            scopes = repository_scopes(repo for repo in repos if self._allowed.admits(repo))
        if not words or (repos and not scopes):
            return None
        return Wanted(words, tuple(qualifiers), scopes)

    async def _search(
        self, path: str, hits: type[Hits], params: Mapping[str, str], repos: Sequence[str]
    ) -> Hits:
        """Return the hits of one query. Repositories that a model named need not exist."""
        try:
            return await self._client.get(
                path, hits, {**params, "per_page": self._hits}, accept=_WITH_FRAGMENTS
            )
        except SourceNotFound as error:
            raise SourceUnavailable("GitHub's search is not there, or not for us") from error
        except RequestRejected:
            if not repos:
                raise
            return hits(items=[])

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


def taking_turns(rankings: Iterable[Iterable[Entry]]) -> list[Entry]:
    """Return the first of each ranking, then the second of each, and so on."""
    cells = ([(entry,) for entry in ranking] for ranking in rankings)
    return [entry for row in zip_longest(*cells, fillvalue=()) for cell in row for entry in cell]
