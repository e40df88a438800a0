"""What the source asks of Confluence, request by request.

CQL is searched for by REST v1. Pages are read by v2 in the cloud, where v1 is on its way out, and
by v1 of Data Center, which has no v2 and does not lie under `/wiki`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlsplit

from slackbot.errors import SourceNotFound, SourceUnavailable
from slackbot.knowledge.atlassian import AtlassianClient
from slackbot.knowledge.confluence.documents import Files
from slackbot.knowledge.confluence.wire import Attachments, CloudPage, Content, Hit, Hits, Space

if TYPE_CHECKING:
    from datetime import datetime

    from slackbot.knowledge.atlassian import Account
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier

MAX_PAGES: Final = 5
MAX_ATTACHMENTS: Final = 50
NOT_FOUND: Final = "Confluence has no such page, or none that may be shown"

_POSITION: Final = frozenset({"cursor", "next", "start"})  # what a link to more results is read for


@dataclass(frozen=True, slots=True)
class Page:
    """A published page; `storage` is its body in storage format."""

    id: str
    title: str
    space: Space
    updated_at: datetime | None
    storage: str


class ConfluenceApi:
    """One Confluence site. Errors are those of `SourceClient.get`, but where a method says more."""

    def __init__(
        self,
        site: str,
        account: Account,
        *,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        gateway: str,
    ) -> None:
        root = site.strip().rstrip("/")
        self._is_cloud = account.is_of_cloud(root)
        self._client = AtlassianClient(
            "Confluence",
            root.removesuffix("/wiki") if self._is_cloud else root,
            account,
            timeouts=timeouts,
            retrier=retrier,
            gateway=gateway,
        )
        self._root = "/wiki" if self._is_cloud else ""
        self._spaces: dict[str, Space] = {}

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether the site is up."""
        return self._client.breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def address(self, page_id: str, space: Space) -> str:
        """Return where people find a page."""
        if self._is_cloud:
            key = quote(space.key, safe="~")
            return f"{self._client.site}/wiki/spaces/{key}/pages/{page_id}"
        return f"{self._client.site}/pages/viewpage.action?pageId={page_id}"

    async def hits(self, cql: str, limit: int) -> list[Hit]:
        """Return up to the limit of hits, from a bounded number of pages of them.

        Raises:
            SourceUnavailable: also where there is no such search, which is no document missing.
        """
        params: dict[str, str | int] = {"cql": cql, "limit": limit, "expand": "content.space"}
        hits: dict[str, Hit] = {}  # by id: what is changed meanwhile moves from page to page
        for _ in range(MAX_PAGES):
            try:
                page = await self._client.get(f"{self._root}/rest/api/search", Hits, params)
            except SourceNotFound as error:
                raise SourceUnavailable(
                    "Confluence's search is not there, or not for us"
                ) from error
            hits |= {hit.content.id: hit for hit in page.results if hit.content.id not in hits}
            if len(hits) >= limit or not page.results or not page.links.next:
                break
            following = dict(parse_qsl(urlsplit(page.links.next).query))
            params |= {name: following[name] for name in _POSITION & following.keys()}
        return list(hits.values())[:limit]

    async def page(self, page_id: str) -> Page:
        """Return a page.

        Raises:
            SourceNotFound: there is none, or it may not be seen, or it is not published.
        """
        try:
            found = await (self._page_v2(page_id) if self._is_cloud else self._page_v1(page_id))
        except SourceNotFound:
            found = None
        if found is None:
            raise SourceNotFound(NOT_FOUND)
        return found

    async def files(self, page_id: str) -> Files:
        """Return the files on a page, as many as are worth naming."""
        if self._is_cloud:
            path = f"/wiki/api/v2/pages/{page_id}/attachments"
        else:
            path = f"/rest/api/content/{page_id}/child/attachment"
        found = await self._client.get(path, Attachments, {"limit": MAX_ATTACHMENTS})
        own = [file.name for file in found.results if file.page_id in (None, page_id)]
        has_more = found.links.next is not None or len(own) > MAX_ATTACHMENTS
        return Files(tuple(own[:MAX_ATTACHMENTS]), has_more)

    async def _page_v2(self, page_id: str) -> Page | None:
        path = f"/wiki/api/v2/pages/{page_id}"
        page = await self._client.get(path, CloudPage, {"body-format": "storage"})
        space = await self._space(page.space_id)
        if not page.is_published:
            return None
        return Page(page_id, page.title, space, page.version.created_at, page.body.storage.value)

    async def _page_v1(self, page_id: str) -> Page | None:
        path, expand = f"/rest/api/content/{page_id}", "body.storage,space,version"
        page = await self._client.get(path, Content, {"expand": expand})
        if not page.is_published_page:
            return None
        return Page(page_id, page.title, page.space, page.version.when, page.body.storage.value)

    async def _space(self, space_id: str) -> Space:
        """Return the space of an id; keys never change, so each is asked for once."""
        if space_id not in self._spaces:
            path = f"/wiki/api/v2/spaces/{space_id}"
            self._spaces[space_id] = await self._client.get(path, Space)
        return self._spaces[space_id]
