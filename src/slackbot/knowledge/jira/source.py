"""The source: searches and reads Jira, shows nothing but the operator's projects."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slackbot.errors import (
    ConfigurationError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.allowed_keys import AllowedKeys
from slackbot.knowledge.atlassian import GATEWAY, Account
from slackbot.knowledge.found import found_note, scored_by_rank
from slackbot.knowledge.jira.api import JiraApi
from slackbot.knowledge.jira.arguments import MAX_KEYWORDS, NOBODY, ReadJiraIssue, SearchJira
from slackbot.knowledge.jira.documents import issue_excerpt, issue_markdown
from slackbot.knowledge.jira.jql import keys_jql, scope_jql, search_jql
from slackbot.knowledge.jira.keys import named_keys, project_of
from slackbot.knowledge.jira.projects import SearchedProjects
from slackbot.knowledge.text.excerpt import title
from slackbot.knowledge.text.outline import shorten
from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import RequestRejected
from slackbot.resilience.together import together
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slackbot.knowledge.jira.wire import Issue, Project
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

MAX_ISSUE_CHARACTERS: Final = 16_000
MAX_NAMED_KEYS: Final = 5

_NOT_FOUND = "Jira has no such issue, or none that may be shown"
_NOTHING_FOUND = "Nothing found; other words or fewer conditions may match."
_UNKNOWN_NAME = "Jira may not know that status, assignee, type or project: search without it."
_CUT = "The issue is longer: its older comments are left out, and can be read in Jira, at its link."


class JiraSource:
    """One Jira site, seen through one account and a list of projects.

    Args:
        url: the site's root.
        token: an API token, or a personal access token of Data Center.
        projects: keys of the projects that may be shown; `("*",)` is all that the account sees.
        email: the address that goes with an API token; Data Center needs none.
        scoped: the API token has scopes: Jira is asked through Atlassian's gateway.
        limit: how many results a search returns at most.
        clock: in seconds since the epoch.
    """

    source_name = "Jira"

    def __init__(
        self,
        url: str,
        token: str,
        projects: Sequence[str],
        *,
        email: str | None = None,
        scoped: bool = False,
        limit: int = 10,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        clock: Callable[[], float] = time.time,
        gateway: str = GATEWAY,
    ) -> None:
        if not projects:
            raise ConfigurationError("JIRA_PROJECTS is empty")
        account = Account(token=token, email=email, scoped=scoped)
        self._api = JiraApi(url, account, timeouts=timeouts, retrier=retrier, gateway=gateway)
        self._allowed = AllowedKeys(tuple(projects))
        self._projects = SearchedProjects(self._allowed, self._api.has_project, clock)
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

    async def check(self) -> None:
        """Ask whether the account sees a project.

        Jira lets anybody ask, and takes whoever signs in with a bad token for anybody.
        """
        if not await self._api.may_browse():
            raise SourceUnauthorized("Jira lets the account see no project")

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether Jira is up."""
        return self._api.breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _run_search(self, arguments: SearchJira, _context: RunContext) -> ToolResult:
        try:
            found = await self._search(arguments)
        except RequestRejected:
            if arguments.status or arguments.assignee or arguments.type or arguments.projects:
                return ToolResult(_UNKNOWN_NAME, is_error=True)
            raise
        return ToolResult(found_note(len(found), _NOTHING_FOUND), tuple(found))

    async def _run_read(self, arguments: ReadJiraIssue, _context: RunContext) -> ToolResult:
        issue, project = await self._issue(arguments.key)
        comments = await self._api.latest_comments(issue.key)
        whole = await asyncio.to_thread(issue_markdown, issue.fields, comments, self._allowed)
        shown = shorten(whole, MAX_ISSUE_CHARACTERS)
        note = "" if shown == whole else _CUT
        return ToolResult(note, (replace(self._result(issue, project, shown), read_more=None),))

    async def _search(self, wanted: SearchJira) -> list[KnowledgeResult]:
        """Search the projects; if Jira refuses that, then those of them that it has."""
        projects = self._projects.within(wanted.projects)
        try:
            return await self._search_in(projects, wanted)
        except RequestRejected:
            await self._projects.look_for_missing()
            left = self._projects.within(wanted.projects)
            if left == projects:
                raise
        return await self._search_in(left, wanted)

    async def _search_in(
        self, projects: Sequence[str], wanted: SearchJira
    ) -> list[KnowledgeResult]:
        """Search in one way after the other, until one finds something that may be shown."""
        if not projects:
            if not wanted.projects:
                raise SourceUnavailable("Jira has none of the projects in JIRA_PROJECTS")
            return []
        scope = scope_jql(wanted, projects, await self._assignees(wanted.assignee))
        found = await self._search_by_key(wanted.keywords or "", scope)
        for jql in () if found else search_jql(wanted, scope):
            if found := await self._found(jql):
                break
        return found

    async def _assignees(self, name: str | None) -> tuple[str, ...]:
        """Return who goes by a name: JQL knows people by all of it only."""
        if name is None or name.casefold() == NOBODY:
            return ()
        return await self._api.people(name)

    async def _search_by_key(self, keywords: str, scope: str) -> list[KnowledgeResult]:
        """Return the issues whose keys stand among the keywords: full text does not hold keys.

        Jira refuses a query with a key that no issue has; the others are then asked for alone.
        """
        named = [key for key in named_keys(keywords) if self._allowed.admits(project_of(key))]
        named = named[:MAX_NAMED_KEYS]
        try:
            return await self._found(keys_jql(named, scope)) if named else []
        except RequestRejected:
            if len(named) < 2:
                return []
        async with together() as tasks:
            each = [tasks.create_task(self._search_by_key(key, scope)) for key in named]
        return [found for one in each for found in one.result()]

    async def _found(self, jql: str) -> list[KnowledgeResult]:
        """Return what a query finds, without the issues that may not be shown."""
        return scored_by_rank(
            self._result(issue, project, issue_excerpt(issue.fields))
            for issue in await self._api.issues(jql, self._limit)
            if (project := self._shown_project(issue)) is not None
        )

    async def _issue(self, key: str) -> tuple[Issue, Project]:
        """Return an issue and its project. What is denied looks like what does not exist.

        An issue that was moved counts by its new key.
        """
        try:
            issue = await self._api.issue(key)
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
        return project if self._allowed.admits(project_of(issue.key)) else None

    def _result(self, issue: Issue, project: Project, content: str) -> KnowledgeResult:
        return KnowledgeResult(
            title=f"{issue.key}: {title(issue.fields.summary)}",
            content=content,
            url=self._api.address(issue.key),
            source=self.source_name,
            relevance_score=1.0,
            updated_at=issue.fields.updated,
            container=title(project.name) or project.key,
            read_more=ReadMore("read_jira_issue", {"key": issue.key}),
        )
