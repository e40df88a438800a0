"""Searches GitHub behind the operator's list: nothing leaves here that was not checked.

GitHub admits 30 searches a minute, and of code 9 or 10: so issues and pull requests are asked for
together, and several repositories at once, wherever GitHub lets us.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slackbot.errors import SourceError, SourceNotFound, SourceUnavailable
from slackbot.knowledge.github.allow_list import repository_scopes
from slackbot.knowledge.github.answers import Answers
from slackbot.knowledge.github.query import (
    Wanted,
    alternative_queries,
    code_qualifiers,
    code_queries,
    issue_qualifiers,
    issue_queries,
    words_of,
)
from slackbot.knowledge.github.wire import CodeHit, Hit, Hits, Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slackbot.knowledge.github.allow_list import AllowList
    from slackbot.knowledge.github.arguments import IssueKind, SearchGitHubCode, SearchGitHubIssues
    from slackbot.resilience.http import SourceClient

MAX_PAGES: Final = 3
PAGE: Final = 30
MAX_PAGE: Final = 100

_WITH_FRAGMENTS = "application/vnd.github.text-match+json"


class GitHubSearch:
    """Asks for what the list of repositories admits, and checks what comes back against it.

    `limit` is how many hits are enough: of what the list leaves out, more is asked for.
    """

    def __init__(self, client: SourceClient, allowed: AllowList, limit: int) -> None:
        self._client = client
        self._allowed = allowed
        self._limit = limit
        self._per_page = min(max(limit, PAGE), MAX_PAGE)
        self._finds_kinds_together: bool | None = None
        """Whether GitHub finds both kinds by one query: that depends on the token, and shows."""

    async def issues(
        self, wanted: SearchGitHubIssues, kinds: Sequence[IssueKind]
    ) -> Answers[Issue]:
        """Search for all the words; where nothing has them all, for any of them.

        Raises:
            TooManyFilters: the filters leave no room for a word.
        """
        exact = await self._issues(wanted, kinds, any_word=False)
        if exact.hits or exact.failures or len(words_of(wanted.keywords)) < 2:
            return exact
        return await self._issues(wanted, kinds, any_word=True)

    async def code(self, wanted: SearchGitHubCode) -> Answers[CodeHit]:
        """Search for files that have all of the words.

        Raises:
            TooManyFilters: the filters leave no room for a word.
        """
        search = self._wanted(wanted.keywords, code_qualifiers(wanted), wanted.repos)
        queries = () if search is None else code_queries(search)
        found = await self._answers("/search/code", Hits[CodeHit], queries)
        return _unless_named(found, wanted.repos)

    async def _issues(
        self, wanted: SearchGitHubIssues, kinds: Sequence[IssueKind], *, any_word: bool
    ) -> Answers[Issue]:
        several = len(kinds) > 1
        if several and self._finds_kinds_together is not False:
            found = await self._of_kind(wanted, None, any_word=any_word)
            if found.rankings:
                self._finds_kinds_together = True
            if self._finds_kinds_together or not found.is_rejected:
                return _unless_named(found, wanted.repos)
        parts = [self._of_kind(wanted, kind, any_word=any_word) for kind in kinds]
        found = sum(await asyncio.gather(*parts), start=Answers[Issue]())
        if several and found.rankings:
            self._finds_kinds_together = False
        return _unless_named(found, wanted.repos)

    async def _of_kind(
        self, wanted: SearchGitHubIssues, kind: IssueKind | None, *, any_word: bool
    ) -> Answers[Issue]:
        search = self._wanted(wanted.keywords, issue_qualifiers(wanted, kind), wanted.repos)
        write = alternative_queries if any_word else issue_queries
        found = await self._answers(
            "/search/issues",
            Hits[Issue],
            () if search is None else write(search),
            advanced_search="true",
        )
        if kind is None:
            return found
        rankings = (tuple(hit for hit in hits if hit.kind == kind) for hits in found.rankings)
        return Answers(tuple(rankings), found.failures, found.is_complete)

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

    async def _answers(
        self, path: str, page: type[Hits[Hit]], queries: Iterable[str], **more: str
    ) -> Answers[Hit]:
        """Ask queries side by side; one that fails leaves the others alone."""
        asked = (self._answer(path, page, {"q": query, **more}) for query in queries)
        return sum(await asyncio.gather(*asked), start=Answers[Hit]())

    async def _answer(
        self, path: str, page: type[Hits[Hit]], params: Mapping[str, str]
    ) -> Answers[Hit]:
        """Ask a query; read on where the list leaves out so much that too little is left."""
        found = Answers[Hit]()
        hits: tuple[Hit, ...] = ()
        for number in range(1, MAX_PAGES + 1):
            where = {"per_page": self._per_page} | ({"page": number} if number > 1 else {})
            try:
                answer = await self._client.get(
                    path, page, {**params, **where}, accept=_WITH_FRAGMENTS
                )
            except SourceNotFound:
                failure = SourceUnavailable("GitHub's search is not there, or not for us")
                return replace(found, failures=(failure,))
            except SourceError as failure:
                return replace(found, failures=(failure,))
            hits += tuple(hit for hit in answer.items if self._allowed.admits(hit.repository))
            is_complete = found.is_complete and not answer.incomplete_results
            found = Answers((hits,), is_complete=is_complete)
            if len(hits) >= self._limit or len(answer.items) < self._per_page:
                break
        return found


def _unless_named(found: Answers[Hit], repos: Sequence[str]) -> Answers[Hit]:
    """Return nothing where a model named repositories that do not exist: GitHub rejects these."""
    return Answers() if repos and found.is_rejected else found
