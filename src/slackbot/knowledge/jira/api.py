"""What the source asks of Jira, request by request: REST v3 in the cloud, v2 of Data Center."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from pydantic import BaseModel

from slackbot.errors import SourceError, SourceNotFound, SourceUnavailable
from slackbot.knowledge.atlassian import AtlassianClient
from slackbot.knowledge.jira.wire import (
    READ_FIELDS,
    SEARCH_FIELDS,
    Comments,
    Issue,
    Issues,
    Permissions,
    Project,
    Users,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slackbot.knowledge.atlassian import Account
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier

MAX_PAGES: Final = 5
MAX_COMMENTS: Final = 20
MAX_NAMESAKES: Final = 10
BROWSE: Final = "BROWSE_PROJECTS"

Answer = TypeVar("Answer", bound=BaseModel)
Params: TypeAlias = "Mapping[str, str | int]"


class JiraApi:
    """One Jira site. Errors are those of `SourceClient.get`, but where a method says otherwise."""

    def __init__(
        self,
        site: str,
        account: Account,
        *,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        gateway: str,
    ) -> None:
        self._client = AtlassianClient(
            "Jira", site, account, timeouts=timeouts, retrier=retrier, gateway=gateway
        )
        self._is_cloud = account.is_of_cloud(self._client.site)

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether the site is up."""
        return self._client.breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def address(self, key: str) -> str:
        """Return where people find an issue."""
        return f"{self._client.site}/browse/{key}"

    async def issues(self, jql: str, limit: int) -> list[Issue]:
        """Return up to the limit of issues that match, from a bounded number of pages.

        Raises:
            SourceUnavailable: also where there is no such search, which is no document missing.
        """
        path = "/search/jql" if self._is_cloud else "/search"
        params: Params = {"jql": jql, "maxResults": limit, "fields": SEARCH_FIELDS}
        issues: list[Issue] = []
        for _ in range(MAX_PAGES):
            try:
                page = await self._get(path, Issues, params)
            except SourceNotFound as error:
                raise SourceUnavailable("Jira's search is not there, or not for us") from error
            issues += page.issues
            following = page.following(len(issues))
            if len(issues) >= limit or following is None:
                break
            params = {**params, **following}
        return issues[:limit]

    async def issue(self, key: str) -> Issue:
        """Return an issue; one that was moved comes back under its new key."""
        return await self._get(f"/issue/{key}", Issue, {"fields": READ_FIELDS})

    async def latest_comments(self, key: str) -> Comments:
        """Return the comments on an issue, the latest first, as many as are worth reading."""
        params: Params = {"orderBy": "-created", "maxResults": MAX_COMMENTS}
        return await self._get(f"/issue/{key}/comment", Comments, params)

    async def has_project(self, key: str) -> bool:
        """Whether there is a project of this key that the account sees."""
        try:
            await self._get(f"/project/{key}", Project)
        except SourceNotFound:
            return False
        return True

    async def may_browse(self) -> bool:
        """Whether the account may see issues, in whichever project.

        Source: Jira Cloud REST v3, "Get my permissions", which needs the scope of reading alone.
        """
        params: Params = {"permissions": BROWSE}
        mine = await self._get("/mypermissions", Permissions, params)
        browse = mine.permissions.get(BROWSE)
        return browse is not None and browse.granted

    async def people(self, name: str) -> tuple[str, ...]:
        """Return the people of a name, as JQL knows them; nobody where that may not be asked."""
        by = "query" if self._is_cloud else "username"
        params: Params = {by: name, "maxResults": MAX_NAMESAKES}
        try:
            users = await self._get("/user/search", Users, params)
        except SourceError:
            return ()
        ids = (user.account_id if self._is_cloud else user.name for user in users.root)
        return tuple(one for one in ids if one)[:MAX_NAMESAKES]

    async def _get(self, path: str, answer: type[Answer], params: Params | None = None) -> Answer:
        version = 3 if self._is_cloud else 2
        return await self._client.get(f"/rest/api/{version}{path}", answer, params)
