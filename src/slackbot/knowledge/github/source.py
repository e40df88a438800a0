"""The source itself: its tools, and what they find as results."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

import structlog

from slackbot.errors import ConfigurationError, SourceNotFound, SourceUnavailable
from slackbot.knowledge.base import Findings
from slackbot.knowledge.found import found_note, scored_by_rank
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.knowledge.github.answers import Answers
from slackbot.knowledge.github.arguments import (
    MAX_KEYWORDS,
    ReadGitHubFile,
    ReadGitHubIssue,
    SearchGitHubCode,
    SearchGitHubIssues,
)
from slackbot.knowledge.github.documents import file_document, folder_document
from slackbot.knowledge.github.issue_document import issue_part
from slackbot.knowledge.github.query import TooManyFilters
from slackbot.knowledge.github.reading import NOT_FOUND, GitHubReader
from slackbot.knowledge.github.refs import DEFAULT
from slackbot.knowledge.github.results import SOURCE, Results, site_of
from slackbot.knowledge.github.search import GitHubSearch
from slackbot.knowledge.github.wire import Meta, RateLimits
from slackbot.messages import ToolResult
from slackbot.resilience.http import Credentials, SourceClient
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Iterable, Sequence

    from slackbot.knowledge.github.arguments import IssueKind
    from slackbot.messages import KnowledgeResult
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

_log = structlog.get_logger()

API_VERSION: Final = "2022-11-28"

Searchable = Literal["issues", "pull_requests", "code"]

_SEARCHABLE_AS: Final[dict[IssueKind, Searchable]] = {
    "issue": "issues",
    "pull_request": "pull_requests",
}


class GitHubSource:
    """What one token sees of GitHub, as far as a list of repositories admits it.

    Args:
        token: an access token of a person or an app.
        repos: `owner/name`, `owner/*` and `*` admit; `!owner/name` leaves one out.
        api_url: of GitHub Enterprise Server it ends in `/api/v3`.
        search: what may be searched and read.
        limit: how many results a search returns at most.
    """

    source_name = SOURCE

    def __init__(
        self,
        token: str,
        repos: Iterable[str],
        *,
        api_url: str = "https://api.github.com",
        search: Collection[Searchable] = ("issues", "pull_requests", "code"),
        limit: int = 10,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
    ) -> None:
        if not search:
            raise ConfigurationError("GITHUB_SEARCH is empty")
        self._client = SourceClient(
            self.source_name,
            api_url,
            Credentials.bearer(token),
            headers={"X-GitHub-Api-Version": API_VERSION},
            timeouts=timeouts,
            retrier=retrier,
        )
        allowed = AllowList.of(repos)
        self._search = GitHubSearch(self._client, allowed, limit)
        self._reader = GitHubReader(self._client, allowed)
        self._results = Results(site_of(self._client.base_url))
        self._searchable = frozenset(search)
        self._limit = limit

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return issues, pull requests and files that match the keywords, the best of each first.

        Raises:
            SourceError: no kind of them could be searched.
        """
        return list((await self.search_parts(query)).results)

    async def search_parts(self, query: str) -> Findings:
        """Return the same, and whether a kind of them could not be searched."""
        keywords = query[:MAX_KEYWORDS]
        issues, code = await asyncio.gather(
            self._issues(SearchGitHubIssues.model_construct(keywords=keywords)),
            self._code(SearchGitHubCode.model_construct(keywords=keywords)),
        )
        found = issues + code
        self._require_some(found)
        return Findings(self._best(found), is_partial=bool(found.failures))

    def tools(self) -> Sequence[Tool]:
        """Return the tools that search and read what may be searched."""
        has_issues = not self._searchable.isdisjoint(_SEARCHABLE_AS.values())
        return (
            *(self._issue_tools() if has_issues else ()),
            *(self._code_tools() if "code" in self._searchable else ()),
        )

    async def check(self) -> None:
        """Ask what is left of the rate limits, which counts against none of them.

        An Enterprise Server without limits has nothing there, no more than what is no API at all:
        the former tells of itself instead.
        """
        with suppress(SourceNotFound):
            await self._client.get("/rate_limit", RateLimits)
            return
        try:
            await self._client.get("/meta", Meta)
        except SourceNotFound as error:
            raise SourceUnavailable(
                "GitHub has no API there, or none for this token. Is GITHUB_API_URL right (of "
                "Enterprise Server it ends in /api/v3), and is the token's account in order?"
            ) from error

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether GitHub is up."""
        return self._client.breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _issue_tools(self) -> tuple[Tool, ...]:
        return (
            TypedTool(
                "search_github_issues",
                "Search GitHub issues and pull requests when the answer may stand in a bug report, "
                "a change or its review.",
                SearchGitHubIssues,
                self._run_search_issues,
                "searching GitHub",
            ),
            TypedTool(
                "read_github_issue",
                "Read a whole GitHub issue or pull request with comments, reviews and changed "
                "files, when somebody names its number or an excerpt that a search returned is not "
                "enough to answer.",
                ReadGitHubIssue,
                self._run_read_issue,
                "reading GitHub",
            ),
        )

    def _code_tools(self) -> tuple[Tool, ...]:
        return (
            TypedTool(
                "search_github_code",
                "Search GitHub code when the question is how something is built, named or "
                "configured.",
                SearchGitHubCode,
                self._run_search_code,
                "searching GitHub code",
            ),
            TypedTool(
                "read_github_file",
                "Read a file on GitHub, or some of its lines, when somebody gives a link to it or "
                "an excerpt that a search returned is not enough to answer.",
                ReadGitHubFile,
                self._run_read_file,
                "reading GitHub code",
            ),
        )

    async def _run_search_issues(
        self, arguments: SearchGitHubIssues, _context: RunContext
    ) -> ToolResult:
        return await self._told(self._issues(arguments))

    async def _run_search_code(
        self, arguments: SearchGitHubCode, _context: RunContext
    ) -> ToolResult:
        return await self._told(self._code(arguments))

    async def _run_read_issue(self, arguments: ReadGitHubIssue, _context: RunContext) -> ToolResult:
        issue = await self._reader.issue(arguments.repo, arguments.number)
        if _SEARCHABLE_AS[issue.kind] not in self._searchable:
            raise SourceNotFound(NOT_FOUND)
        discussion = await self._reader.discussion(issue)
        # In a thread: what people wrote beneath one issue can be megabytes.
        part = await asyncio.to_thread(issue_part, discussion, arguments.section)
        return ToolResult(part.note, (self._results.issue(issue, part.text),))

    async def _run_read_file(self, arguments: ReadGitHubFile, _context: RunContext) -> ToolResult:
        at = arguments.ref or DEFAULT
        found = await self._reader.contents(arguments.repo, arguments.path, at)
        if names := found.names:
            listed = folder_document(names)
            return ToolResult(
                "", (self._results.folder(found.repository, found.path, listed, at=at),)
            )
        if found.text is None:
            return ToolResult("This is no text, or too large.", is_error=True)
        lines = file_document(found.path, found.text, arguments.lines)
        if lines is None:
            return ToolResult("The file has no such lines.", is_error=True)
        anchor = "" if arguments.lines is None else lines.anchor
        file = self._results.file(found.repository, found.path, lines.text, at=at, anchor=anchor)
        return ToolResult(lines.note, (file,))

    async def _issues(self, wanted: SearchGitHubIssues) -> Answers[KnowledgeResult]:
        may_be = ("pull_request",) if wanted.state == "merged" else ("issue", "pull_request")
        kinds = [
            kind
            for kind, searchable in _SEARCHABLE_AS.items()
            if wanted.kind in (kind, "both") and kind in may_be and searchable in self._searchable
        ]
        found = await self._search.issues(wanted, kinds)
        return found.shown_as(self._results.issue_hit)

    async def _code(self, wanted: SearchGitHubCode) -> Answers[KnowledgeResult]:
        if "code" not in self._searchable:
            return Answers()
        found = await self._search.code(wanted)
        return found.shown_as(self._results.code_hit)

    async def _told(self, search: Awaitable[Answers[KnowledgeResult]]) -> ToolResult:
        try:
            answers = await search
        except TooManyFilters:
            return ToolResult("The filters are too long for GitHub; leave some out.", is_error=True)
        self._require_some(answers)
        found = self._best(answers)
        notes = [found_note(len(found))]
        if len(found) < len(answers.hits):
            notes.append("More match; filters may help to find what fits best.")
        if not answers.is_complete:
            notes.append("GitHub ran out of time, so there may be more.")
        if answers.failures:
            notes.append("A part of GitHub could not be asked.")
        unreached = (self.source_name,) if answers.failures else ()
        return ToolResult(" ".join(notes), tuple(found), unreached=unreached)

    def _require_some(self, answers: Answers[KnowledgeResult]) -> None:
        """Raise why nothing could be asked, if that is so; else only log what failed."""
        if answers.failures and not answers.rankings:
            raise answers.failures[0]
        for failure in answers.failures:
            _log.warning("source.partly_failed", source=self.source_name, error=str(failure))

    def _best(self, answers: Answers[KnowledgeResult]) -> list[KnowledgeResult]:
        """Return the best of each ranking, then the second of each, up to the limit."""
        return scored_by_rank(answers.hits[: self._limit])
