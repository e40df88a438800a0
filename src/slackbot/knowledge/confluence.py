"""Confluence Cloud as a knowledge source: CQL search (REST v1) and pages (REST v2).

The model gives typed fields, never CQL. The operator's list of spaces is part of each query, and
each object that comes back is checked against it again; what has no known space is not shown.
"""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from slackbot.errors import ConfigurationError, SourceNotFound, SourceUnavailable
from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.keywords import clean_keywords, string_literal
from slackbot.knowledge.text.outline import contents, part_of
from slackbot.knowledge.text.storage import storage_to_markdown
from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import Credentials, RequestRejected, SourceClient
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

ALL_SPACES: Final = "*"
MAX_PAGE_CHARACTERS: Final = 16_000
MAX_KEYWORDS: Final = 256
MAX_FRAGMENT: Final = 2_000  # characters; html.unescape fails on references of over 4,300 digits
CONVERT_IN_THREAD_FROM: Final = 50_000  # characters; below that a thread costs more than it saves

_ID: Final = r"^[0-9]{1,19}$"
_SPACE_KEY: Final = r"^~?[A-Za-z0-9_.:@-]{1,255}$"
_NOT_FOUND = "Confluence has no such page, or none that may be shown"
_HIGHLIGHT = re.compile(r"@@@(?:end)?hl@@@")
_TAG = re.compile(r"<[^<>]*>")
_CONTAINER_URL = re.compile(r"/(?:spaces|display)/([^/?#]+)")


class SearchConfluence(BaseModel):
    """The arguments of `search_confluence`."""

    keywords: str = Field(
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="Two to six words that a matching page contains, not a whole question.",
    )
    spaces: list[Annotated[str, Field(pattern=_SPACE_KEY)]] = Field(
        default_factory=list, max_length=20, description="Keys of the only spaces to search."
    )
    title_only: bool = Field(default=False, description="Match page titles, not their text.")
    updated_after: date | None = Field(
        default=None, description="Leave out pages that were last changed before this day."
    )


class ReadConfluencePage(BaseModel):
    """The arguments of `read_confluence_page`."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    page_id: str = Field(pattern=_ID, description="The id that a search result gives.")
    section: str | None = Field(
        default=None, max_length=300, description="Heading or number of the one section to read."
    )


class _Space(BaseModel):
    key: str
    name: str = ""


class _Content(BaseModel):
    id: str = Field(pattern=_ID)
    space: _Space | None = None


class _Container(BaseModel):
    title: str = ""
    display_url: str = Field(default="", alias="displayUrl")


class _Hit(BaseModel):
    content: _Content
    title: str
    excerpt: str = ""
    updated_at: datetime | None = Field(default=None, alias="lastModified")
    container: _Container = Field(default_factory=_Container, alias="resultGlobalContainer")

    @property
    def space(self) -> _Space | None:
        """The space that the page lies in, if the answer says so."""
        if self.content.space is not None:
            return self.content.space
        found = _CONTAINER_URL.match(self.container.display_url)
        return _Space(key=found[1], name=self.container.title) if found else None


class _Links(BaseModel):
    next: str | None = None


class _Hits(BaseModel):
    results: list[_Hit]
    links: _Links = Field(default_factory=_Links, alias="_links")


class _Storage(BaseModel):
    value: str


class _Body(BaseModel):
    storage: _Storage


class _Version(BaseModel):
    created_at: datetime | None = Field(default=None, alias="createdAt")


class _Page(BaseModel):
    title: str
    space_id: str = Field(alias="spaceId", pattern=_ID)
    version: _Version = Field(default_factory=_Version)
    body: _Body


class ConfluenceSource:
    """One Confluence site, seen through one account and a list of spaces.

    Args:
        url: the site's root, with or without `/wiki`.
        spaces: keys of the spaces that may be shown; `("*",)` is all that the account sees.
        token: an API token; with an e-mail address it goes out as Basic, else as Bearer.
        limit: how many results a search returns at most.
    """

    source_name = "Confluence"

    def __init__(
        self,
        url: str,
        token: str,
        spaces: Sequence[str],
        *,
        email: str | None = None,
        limit: int = 10,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
    ) -> None:
        if not spaces:
            raise ConfigurationError("CONFLUENCE_SPACES is empty")
        credentials = Credentials.basic(email, token) if email else Credentials.bearer(token)
        site = url.strip().rstrip("/").removesuffix("/wiki")
        self._client = SourceClient(
            self.source_name, f"{site}/wiki", credentials, timeouts=timeouts, retrier=retrier
        )
        self._spaces = tuple(spaces)
        self._limit = limit
        self._known_spaces: dict[str, _Space] = {}

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return the pages that match the keywords, best first."""
        return await self._search(SearchConfluence.model_construct(keywords=query[:MAX_KEYWORDS]))

    def tools(self) -> Sequence[Tool]:
        """Return `search_confluence` and `read_confluence_page`."""
        return (
            TypedTool(
                "search_confluence",
                "Search the company's Confluence pages when the answer may stand in a runbook, "
                "guide, policy, decision or meeting note.",
                SearchConfluence,
                self._run_search,
                "searching Confluence",
            ),
            TypedTool(
                "read_confluence_page",
                "Read a whole Confluence page, or one section of it, when an excerpt that a search "
                "returned is not enough to answer.",
                ReadConfluencePage,
                self._run_read,
                "reading Confluence",
            ),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _run_search(self, arguments: SearchConfluence, _context: RunContext) -> ToolResult:
        found = await self._search(arguments)
        note = f"{len(found)} found." if found else "Nothing found; other words may match."
        return ToolResult(note, tuple(found))

    async def _run_read(self, arguments: ReadConfluencePage, _context: RunContext) -> ToolResult:
        page, space = await self._read(arguments.page_id)
        storage = page.body.storage.value
        if len(storage) < CONVERT_IN_THREAD_FROM:
            markdown = storage_to_markdown(storage)
        else:
            markdown = await asyncio.to_thread(storage_to_markdown, storage)
        part = part_of(markdown, arguments.section, MAX_PAGE_CHARACTERS)
        if part is None:
            return ToolResult(f"No such section. {contents(markdown)}", is_error=True)
        result = self._result(
            arguments.page_id, space, page.title, part.text, page.version.created_at
        )
        return ToolResult(part.note, (replace(result, read_more=None),))

    async def _search(self, wanted: SearchConfluence) -> list[KnowledgeResult]:
        keywords = clean_keywords(wanted.keywords)
        allowed = self._narrowed(wanted.spaces)
        if not keywords or not allowed:
            return []
        scope = scope_cql(allowed, wanted.updated_after)
        if wanted.title_only:
            hits = await self._hits(f"title ~ {string_literal(keywords)} AND {scope}")
        else:
            hits = await self._full_text_hits(string_literal(keywords), scope)
        results: list[KnowledgeResult] = []
        for hit in hits:
            space, excerpt = hit.space, _plain(hit.excerpt)
            if space is not None and self._may_show(space.key):
                result = self._result(
                    hit.content.id, space, _plain(hit.title), excerpt, hit.updated_at
                )
                results.append(replace(result, relevance_score=1 / (len(results) + 1)))
        return results

    async def _full_text_hits(self, keywords: str, scope: str) -> list[_Hit]:
        """Search as the site's own search box does; not every site lets CQL do that."""
        try:
            return await self._hits(f"siteSearch ~ {keywords} AND {scope}")
        except RequestRejected:
            return await self._hits(f"(title ~ {keywords} OR text ~ {keywords}) AND {scope}")

    async def _hits(self, cql: str) -> list[_Hit]:
        """Return up to the limit of hits, following the links from page to page of them."""
        params: dict[str, str | int] = {
            "cql": cql, "limit": self._limit, "expand": "content.space"
        }  # fmt: skip
        hits: list[_Hit] = []
        while len(hits) < self._limit:
            try:
                page = await self._client.get("/rest/api/search", _Hits, params)
            except SourceNotFound as error:
                raise SourceUnavailable(
                    "Confluence's search is not there, or not for us"
                ) from error
            hits += page.results
            if not page.results or not page.links.next:
                break
            params |= dict(parse_qsl(urlsplit(page.links.next).query)) | {"cql": cql}
        return hits[: self._limit]

    async def _read(self, page_id: str) -> tuple[_Page, _Space]:
        """Return a page and its space. What is denied looks like what does not exist."""
        try:
            page = await self._client.get(
                f"/api/v2/pages/{page_id}", _Page, {"body-format": "storage"}
            )
            space = await self._space(page.space_id)
        except SourceNotFound:
            raise SourceNotFound(_NOT_FOUND) from None
        if not self._may_show(space.key):
            raise SourceNotFound(_NOT_FOUND)
        return page, space

    async def _space(self, space_id: str) -> _Space:
        """Return the space of an id; keys never change, so each is asked for once."""
        if space_id not in self._known_spaces:
            space = await self._client.get(f"/api/v2/spaces/{space_id}", _Space)
            self._known_spaces[space_id] = space
        return self._known_spaces[space_id]

    def _may_show(self, space_key: str) -> bool:
        """Whether the operator's list admits a space. Confluence's keys ignore case."""
        keys = {key.casefold() for key in self._spaces}
        return ALL_SPACES in keys or space_key.casefold() in keys

    def _narrowed(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the spaces to search: those wanted that may be shown, else all of those."""
        if not wanted:
            return self._spaces
        return tuple(key for key in wanted if key != ALL_SPACES and self._may_show(key))

    def _result(
        self,
        page_id: str,
        space: _Space,
        title: str,
        content: str,
        updated_at: datetime | None,
    ) -> KnowledgeResult:
        return KnowledgeResult(
            title=strip_invisible(title),
            content=content,
            url=f"{self._client.base_url}/spaces/{quote(space.key, safe='~')}/pages/{page_id}",
            source=self.source_name,
            relevance_score=1.0,
            updated_at=updated_at,
            container=strip_invisible(space.name) or space.key,
            read_more=ReadMore("read_confluence_page", {"page_id": page_id}),
        )


def scope_cql(spaces: Sequence[str], updated_after: date | None = None) -> str:
    """Return the part of a query that says where to search: pages, of these spaces."""
    clauses = ["type = page"]
    if ALL_SPACES not in spaces:
        clauses.append(f"space in ({','.join(map(string_literal, spaces))})")
    if updated_after is not None:
        clauses.append(f'lastmodified >= "{updated_after:%Y-%m-%d}"')
    return " AND ".join(clauses)


def _plain(fragment: str) -> str:
    """Return a title or excerpt without highlight marks and markup, on one line."""
    text = html.unescape(_TAG.sub("", _HIGHLIGHT.sub("", fragment[:MAX_FRAGMENT])))
    return " ".join(strip_invisible(text).split())
