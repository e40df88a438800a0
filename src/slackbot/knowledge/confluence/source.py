"""The source: searches and reads Confluence, shows nothing but the operator's spaces."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlsplit

from slackbot.errors import ConfigurationError, SourceNotFound, SourceUnavailable
from slackbot.knowledge.confluence.arguments import (
    MAX_KEYWORDS,
    ReadConfluencePage,
    SearchConfluence,
)
from slackbot.knowledge.confluence.cql import ALL_SPACES, scope_cql, text_cql, title_cql
from slackbot.knowledge.confluence.wire import Hit, Hits, Page, Space
from slackbot.knowledge.text.excerpt import excerpt, title
from slackbot.knowledge.text.keywords import clean_keywords
from slackbot.knowledge.text.outline import contents, part_of
from slackbot.knowledge.text.storage import storage_to_markdown
from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import Credentials, RequestRejected, SourceClient
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

MAX_PAGE_CHARACTERS: Final = 16_000
MAX_FRAGMENT: Final = 2_000  # characters; html.unescape fails on references of over 4,300 digits
CONVERT_IN_THREAD_FROM: Final = 50_000  # characters; below that a thread costs more than it saves

_NOT_FOUND = "Confluence has no such page, or none that may be shown"
_HIGHLIGHT = re.compile(r"@@@(?:end)?hl@@@")
_TAG = re.compile(r"<[^<>]*>")


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
        self._known_spaces: dict[str, Space] = {}

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
                "Read a whole Confluence page, or one section of it, when somebody gives a link to "
                "it or an excerpt that a search returned is not enough to answer.",
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
            hits = await self._hits(title_cql(keywords, scope))
        else:
            hits = await self._full_text_hits(*text_cql(keywords, scope))
        results: list[KnowledgeResult] = []
        for hit in hits:
            space, text = hit.space, excerpt(_plain(hit.excerpt))
            if space is not None and self._may_show(space.key):
                name = _plain(hit.title)
                result = self._result(hit.content.id, space, name, text, hit.updated_at)
                results.append(replace(result, relevance_score=1 / (len(results) + 1)))
        return results

    async def _full_text_hits(self, preferred: str, otherwise: str) -> list[Hit]:
        """Not every site lets CQL search as its own search box does."""
        try:
            return await self._hits(preferred)
        except RequestRejected:
            return await self._hits(otherwise)

    async def _hits(self, cql: str) -> list[Hit]:
        """Return up to the limit of hits, following the links from page to page of them."""
        params: dict[str, str | int] = {
            "cql": cql, "limit": self._limit, "expand": "content.space"
        }  # fmt: skip
        hits: list[Hit] = []
        while len(hits) < self._limit:
            try:
                page = await self._client.get("/rest/api/search", Hits, params)
            except SourceNotFound as error:
                raise SourceUnavailable(
                    "Confluence's search is not there, or not for us"
                ) from error
            hits += page.results
            if not page.results or not page.links.next:
                break
            params |= dict(parse_qsl(urlsplit(page.links.next).query)) | {"cql": cql}
        return hits[: self._limit]

    async def _read(self, page_id: str) -> tuple[Page, Space]:
        """Return a page and its space. What is denied looks like what does not exist."""
        try:
            page = await self._client.get(
                f"/api/v2/pages/{page_id}", Page, {"body-format": "storage"}
            )
            space = await self._space(page.space_id)
        except SourceNotFound:
            raise SourceNotFound(_NOT_FOUND) from None
        if not (page.is_published and self._may_show(space.key)):
            raise SourceNotFound(_NOT_FOUND)
        return page, space

    async def _space(self, space_id: str) -> Space:
        """Return the space of an id; keys never change, so each is asked for once."""
        if space_id not in self._known_spaces:
            space = await self._client.get(f"/api/v2/spaces/{space_id}", Space)
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
        space: Space,
        name: str,
        content: str,
        updated_at: datetime | None,
    ) -> KnowledgeResult:
        return KnowledgeResult(
            title=title(name),
            content=content,
            url=f"{self._client.base_url}/spaces/{quote(space.key, safe='~')}/pages/{page_id}",
            source=self.source_name,
            relevance_score=1.0,
            updated_at=updated_at,
            container=title(space.name) or title(space.key),
            read_more=ReadMore("read_confluence_page", {"page_id": page_id}),
        )


def _plain(fragment: str) -> str:
    """Return a title or excerpt without highlight marks and markup."""
    return html.unescape(_TAG.sub("", _HIGHLIGHT.sub("", fragment[:MAX_FRAGMENT])))
