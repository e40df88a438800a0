"""The source: searches and reads Jira, shows nothing but the operator's projects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slackbot.errors import ConfigurationError, SourceNotFound, SourceUnavailable
from slackbot.knowledge.jira.arguments import MAX_KEYWORDS, ReadJiraIssue, SearchJira
from slackbot.knowledge.jira.documents import issue_excerpt, issue_markdown
from slackbot.knowledge.jira.jql import keys_jql, search_jql
from slackbot.knowledge.jira.keys import AllowList, named_keys
from slackbot.knowledge.jira.wire import READ_FIELDS, SEARCH_FIELDS, Comments, Issue, Issues
from slackbot.knowledge.text.excerpt import title
from slackbot.knowledge.text.outline import shorten
from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import Credentials, RequestRejected, SourceClient
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.knowledge.jira.wire import Project
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

MAX_ISSUE_CHARACTERS: Final = 16_000
MAX_COMMENTS: Final = 20
MAX_NAMED_KEYS: Final = 5

_NOT_FOUND = "Jira has no such issue, or none that may be shown"


class JiraSource:
    """One Jira site, seen through one account and a list of projects.

    Args:
        url: the site's root.
        projects: keys of the projects that may be shown; `("*",)` is all that the account sees.
        token: an API token; with an e-mail address it goes out as Basic, else as Bearer.
        limit: how many results a search returns at most.
    """

    source_name = "Jira"

    def __init__(
        self,
        url: str,
        token: str,
        projects: Sequence[str],
        *,
        email: str | None = None,
        limit: int = 10,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
    ) -> None:
        if not projects:
            raise ConfigurationError("JIRA_PROJECTS is empty")
        credentials = Credentials.basic(email, token) if email else Credentials.bearer(token)
        self._client = SourceClient(
            self.source_name, url, credentials, timeouts=timeouts, retrier=retrier
        )
        self._allowed = AllowList(tuple(projects))
        self._limit = limit

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return the issues that match the keywords, best first."""
        return await self._search(SearchJira.model_construct(keywords=query[:MAX_KEYWORDS]))

    def tools(self) -> Sequence[Tool]:
        """Return `search_jira` and `read_jira_issue`."""
        return (
            TypedTool(
                "search_jira",
                "Search the company's Jira issues when the answer may stand in a bug, task, story "
                "or incident, or when asked who works on what and how far it is.",
                SearchJira,
                self._run_search,
                "searching Jira",
            ),
            TypedTool(
                "read_jira_issue",
                "Read a whole Jira issue with its links and latest comments, when somebody names "
                "its key or an excerpt that a search returned is not enough to answer.",
                ReadJiraIssue,
                self._run_read,
                "reading Jira",
            ),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _run_search(self, arguments: SearchJira, _context: RunContext) -> ToolResult:
        try:
            found = await self._search(arguments)
        except RequestRejected:
            if arguments.status or arguments.assignee or arguments.type:
                note = "Jira may not know that status, assignee or type: search without it."
                return ToolResult(note, is_error=True)
            raise
        note = (
            f"{len(found)} found."
            if found
            else "Nothing found; other words or fewer conditions may match."
        )
        return ToolResult(note, tuple(found))

    async def _run_read(self, arguments: ReadJiraIssue, _context: RunContext) -> ToolResult:
        issue, project = await self._issue(arguments.key)
        latest = await self._client.get(
            f"/rest/api/3/issue/{issue.key}/comment",
            Comments,
            {"orderBy": "-created", "maxResults": MAX_COMMENTS},
        )
        whole = await asyncio.to_thread(issue_markdown, issue.fields, latest, self._allowed)
        shown = shorten(whole, MAX_ISSUE_CHARACTERS)
        note = "" if shown == whole else "The issue is longer: its older comments are left out."
        return ToolResult(note, (replace(self._result(issue, project, shown), read_more=None),))

    async def _search(self, wanted: SearchJira) -> list[KnowledgeResult]:
        """Search in one way after the other, until one finds something that may be shown."""
        projects = self._allowed.narrowed(wanted.projects)
        if not projects:
            return []
        found = await self._search_by_key(wanted, projects)
        for jql in () if found else search_jql(wanted, projects):
            if found := await self._found(jql):
                break
        return found

    async def _search_by_key(
        self, wanted: SearchJira, projects: Sequence[str]
    ) -> list[KnowledgeResult]:
        """Return the issues whose keys stand among the keywords: full text does not hold keys."""
        named = [
            key for key in named_keys(wanted.keywords or "") if self._allowed.admits_issue(key)
        ]
        if not named:
            return []
        try:
            return await self._found(keys_jql(named[:MAX_NAMED_KEYS], wanted, projects))
        except RequestRejected:  # so Jira answers when there is no issue of one of the keys
            return []

    async def _found(self, jql: str) -> list[KnowledgeResult]:
        """Return what a query finds, without the issues that may not be shown."""
        results: list[KnowledgeResult] = []
        for issue in await self._hits(jql):
            if (project := self._shown_project(issue)) is not None:
                result = self._result(issue, project, issue_excerpt(issue.fields))
                results.append(replace(result, relevance_score=1 / (len(results) + 1)))
        return results

    async def _hits(self, jql: str) -> list[Issue]:
        """Return up to the limit of issues, following the tokens from page to page of them."""
        params: dict[str, str | int] = {
            "jql": jql, "maxResults": self._limit, "fields": SEARCH_FIELDS
        }  # fmt: skip
        issues: list[Issue] = []
        while len(issues) < self._limit:
            try:
                page = await self._client.get("/rest/api/3/search/jql", Issues, params)
            except SourceNotFound as error:
                raise SourceUnavailable("Jira's search is not there, or not for us") from error
            issues += page.issues
            if not page.issues or page.is_last or not page.next_page:
                break
            params["nextPageToken"] = page.next_page
        return issues[: self._limit]

    async def _issue(self, key: str) -> tuple[Issue, Project]:
        """Return an issue and its project. What is denied looks like what does not exist.

        An issue that was moved comes back under its new key, which is the one that counts.
        """
        try:
            issue = await self._client.get(
                f"/rest/api/3/issue/{key}", Issue, {"fields": READ_FIELDS}
            )
        except SourceNotFound:
            raise SourceNotFound(_NOT_FOUND) from None
        project = self._shown_project(issue)
        if project is None:
            raise SourceNotFound(_NOT_FOUND)
        return issue, project

    def _shown_project(self, issue: Issue) -> Project | None:
        """Return the project of an issue if it may be shown, by all that the issue tells of it."""
        project = issue.fields.project
        if project is None or not self._allowed.admits(project.key):
            return None
        return project if self._allowed.admits_issue(issue.key) else None

    def _result(self, issue: Issue, project: Project, content: str) -> KnowledgeResult:
        return KnowledgeResult(
            title=f"{issue.key}: {title(issue.fields.summary)}",
            content=content,
            url=f"{self._client.base_url}/browse/{issue.key}",
            source=self.source_name,
            relevance_score=1.0,
            updated_at=issue.fields.updated,
            container=title(project.name) or project.key,
            read_more=ReadMore("read_jira_issue", {"key": issue.key}),
        )
