"""The source itself: its tools, and what they find as results."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import structlog

from slackbot.errors import ConfigurationError, SourceError, SourceNotFound
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.knowledge.github.api import API_VERSION, NOT_FOUND, GitHubApi, taking_turns
from slackbot.knowledge.github.arguments import (
    MAX_KEYWORDS,
    ReadGitHubFile,
    ReadGitHubIssue,
    SearchGitHubCode,
    SearchGitHubIssues,
)
from slackbot.knowledge.github.documents import (
    code_excerpt,
    file_document,
    issue_document,
    issue_excerpt,
)
from slackbot.knowledge.github.query import TooManyFilters, code_qualifiers, issue_qualifiers
from slackbot.knowledge.github.results import SOURCE, Results, site_of
from slackbot.knowledge.text.outline import contents, part_of
from slackbot.messages import ToolResult
from slackbot.resilience.http import Credentials, SourceClient
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Iterable, Sequence

    from slackbot.messages import KnowledgeResult
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

_log = structlog.get_logger()

Searchable = Literal["issues", "pull_requests", "code"]

MAX_ISSUE_CHARACTERS: Final = 16_000
MIN_HITS: Final = 30
"""Asked for even where fewer are shown: the check of results may take some out."""

_SEARCHABLE_AS: Final[dict[str, Searchable]] = {"issue": "issues", "pull_request": "pull_requests"}


@dataclass(frozen=True, slots=True)
class _Answers:
    """What searches found, each ranked by itself, and why others failed."""

    rankings: tuple[list[KnowledgeResult], ...]
    failures: tuple[SourceError, ...]

    def __add__(self, other: _Answers) -> _Answers:
        return _Answers(self.rankings + other.rankings, self.failures + other.failures)


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
        self._api = GitHubApi(self._client, AllowList.of(repos), max(limit, MIN_HITS))
        self._results = Results(site_of(self._client.base_url))
        self._searchable = frozenset(search)
        self._limit = limit

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return issues, pull requests and files that match the keywords, the best of each first.

        Raises:
            SourceError: no kind of them could be searched.
        """
        keywords = query[:MAX_KEYWORDS]
        wanted_code = SearchGitHubCode.model_construct(keywords=keywords)
        issues, code = await asyncio.gather(
            self._search_issues(SearchGitHubIssues.model_construct(keywords=keywords)),
            self._answers([self._code(wanted_code)] if "code" in self._searchable else []),
        )
        return self._best(issues + code)

    def tools(self) -> Sequence[Tool]:
        """Return the tools that search and read what may be searched."""
        has_issues = not self._searchable.isdisjoint(_SEARCHABLE_AS.values())
        return (
            *(self._issue_tools() if has_issues else ()),
            *(self._code_tools() if "code" in self._searchable else ()),
        )

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
        return await self._told(self._search_issues(arguments))

    async def _run_search_code(
        self, arguments: SearchGitHubCode, _context: RunContext
    ) -> ToolResult:
        return await self._told(self._answers([self._code(arguments)]))

    async def _run_read_issue(self, arguments: ReadGitHubIssue, _context: RunContext) -> ToolResult:
        issue = await self._api.issue(arguments.repo, arguments.number)
        if _SEARCHABLE_AS[issue.kind] not in self._searchable:
            raise SourceNotFound(NOT_FOUND)
        # In a thread: what people wrote beneath one issue can be megabytes.
        markdown = await asyncio.to_thread(issue_document, await self._api.thread(issue))
        part = part_of(markdown, arguments.section, MAX_ISSUE_CHARACTERS)
        if part is None:
            return ToolResult(f"No such section. {contents(markdown)}", is_error=True)
        return ToolResult(part.note, (self._results.issue(issue, part.text),))

    async def _run_read_file(self, arguments: ReadGitHubFile, _context: RunContext) -> ToolResult:
        file = await self._api.contents(arguments.repo, arguments.path, arguments.ref)
        if file.text is None:
            return ToolResult("This is a folder, or no text, or too large.", is_error=True)
        part = file_document(file.path, file.text, arguments.lines)
        if part is None:
            return ToolResult("The file has no such lines.", is_error=True)
        found = self._results.file(file.repository, file.path, part.text, ref=arguments.ref)
        return ToolResult(part.note, (found,))

    async def _told(self, search: Awaitable[_Answers]) -> ToolResult:
        try:
            answers = await search
        except TooManyFilters:
            return ToolResult("The filters are too long for GitHub; leave some out.", is_error=True)
        found = self._best(answers)
        note = f"{len(found)} found." if found else "Nothing found; other words may match."
        missing = " A part of GitHub could not be asked." if answers.failures else ""
        return ToolResult(note + missing, tuple(found))

    def _best(self, answers: _Answers) -> list[KnowledgeResult]:
        """Return the best of each ranking, then the second of each, up to the limit.

        Raises:
            SourceError: nothing could be asked.
        """
        if answers.failures and not answers.rankings:
            raise answers.failures[0]
        for failure in answers.failures:
            _log.warning("source.partly_failed", source=self.source_name, error=str(failure))
        best = taking_turns(answers.rankings)[: self._limit]
        return [replace(one, relevance_score=1 / rank) for rank, one in enumerate(best, start=1)]

    async def _answers(self, searches: Sequence[Awaitable[list[KnowledgeResult]]]) -> _Answers:
        """Run searches side by side; one that fails leaves the others alone."""
        rankings: list[list[KnowledgeResult]] = []
        failures: list[SourceError] = []
        for answer in await asyncio.gather(*searches, return_exceptions=True):
            match answer:
                case list():
                    rankings.append(answer)
                case SourceError():
                    failures.append(answer)
                case _:
                    raise answer
        return _Answers(tuple(rankings), tuple(failures))

    async def _search_issues(self, wanted: SearchGitHubIssues) -> _Answers:
        """Search for all the words; where nothing has them all, for any of them.

        Issues and pull requests one by one: GitHub answers no query that asks for both.
        """
        kinds = [
            kind
            for kind, searchable in _SEARCHABLE_AS.items()
            if wanted.kind in (kind, "both") and searchable in self._searchable
        ]
        exact = await self._answers([self._issues(wanted, kind) for kind in kinds])
        if any(exact.rankings) or exact.failures:
            return exact
        return await self._answers([self._issues(wanted, kind, any_word=True) for kind in kinds])

    async def _issues(
        self, wanted: SearchGitHubIssues, kind: str, *, any_word: bool = False
    ) -> list[KnowledgeResult]:
        found = await self._api.search_issues(
            wanted.keywords, issue_qualifiers(wanted, kind), wanted.repos, any_word=any_word
        )
        return [
            self._results.issue(issue, issue_excerpt(issue), in_full=False)
            for issue in found
            if issue.kind == kind
        ]

    async def _code(self, wanted: SearchGitHubCode) -> list[KnowledgeResult]:
        found = await self._api.search_code(wanted.keywords, code_qualifiers(wanted), wanted.repos)
        return [
            self._results.file(hit.repository.full_name, hit.path, code_excerpt(hit), in_full=False)
            for hit in found
        ]
