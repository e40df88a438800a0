"""The source: searches and reads Confluence, shows nothing but the operator's spaces."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slackbot.errors import ConfigurationError, SourceError, SourceNotFound, SourceUnauthorized
from slackbot.knowledge.allowed_keys import AllowedKeys
from slackbot.knowledge.atlassian import GATEWAY, Account
from slackbot.knowledge.confluence.api import NOT_FOUND, ConfluenceApi
from slackbot.knowledge.confluence.arguments import (
    MAX_KEYWORDS,
    ReadConfluencePage,
    SearchConfluence,
)
from slackbot.knowledge.confluence.cql import scope_cql, search_cql
from slackbot.knowledge.confluence.documents import Files, page_part
from slackbot.knowledge.found import found_note, scored_by_rank
from slackbot.knowledge.text.excerpt import excerpt, title
from slackbot.messages import KnowledgeResult, ReadMore, ToolResult
from slackbot.resilience.http import RequestRejected
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from slackbot.knowledge.confluence.wire import Hit, Space
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier
    from slackbot.tools import RunContext, Tool

MAX_FRAGMENT: Final = 2_000  # characters; html.unescape fails on references of over 4,300 digits
CONVERT_IN_THREAD_FROM: Final = 50_000  # characters; below that a thread costs more than it saves

# Of Data Center, which answers 400 where it knows none of the spaces (CONFSERVER-101465).
_UNKNOWN_SPACE = "Confluence may not know those spaces: search without them."
_NO_FILES = "Which files are attached to the page could not be asked."
_HIGHLIGHT = re.compile(r"@@@(?:end)?hl@@@")
_TAG = re.compile(r"<[^<>]*>")


class ConfluenceSource:
    """One Confluence site, seen through one account and a list of spaces.

    Args:
        url: the site's root; in the cloud with or without `/wiki`.
        token: an API token, or a personal access token of Data Center.
        spaces: keys of the spaces that may be shown; `("*",)` is all that the account sees.
        email: the address that goes with an API token; Data Center needs none.
        scoped: the API token has scopes: Confluence is asked through Atlassian's gateway.
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
        scoped: bool = False,
        limit: int = 10,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        gateway: str = GATEWAY,
    ) -> None:
        if not spaces:
            raise ConfigurationError("CONFLUENCE_SPACES is empty")
        account = Account(token=token, email=email, scoped=scoped)
        self._api = ConfluenceApi(url, account, timeouts=timeouts, retrier=retrier, gateway=gateway)
        self._allowed = AllowedKeys(tuple(spaces))
        self._limit = limit
        self._may_ask_for_files = True

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

    async def check(self) -> None:
        """Search for any one page of the spaces: what a token with scopes must be good for."""
        await self._api.hits(scope_cql(self._allowed.keys), 1)

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether Confluence is up."""
        return self._api.breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _run_search(self, arguments: SearchConfluence, _context: RunContext) -> ToolResult:
        try:
            found = await self._search(arguments)
        except RequestRejected:
            if not arguments.spaces:
                raise
            return ToolResult(_UNKNOWN_SPACE, is_error=True)
        return ToolResult(found_note(len(found)), tuple(found))

    async def _run_read(self, arguments: ReadConfluencePage, _context: RunContext) -> ToolResult:
        page = await self._api.page(arguments.page_id)
        if not self._allowed.admits(page.space.key):
            raise SourceNotFound(NOT_FOUND)
        named = await self._files(page.id)
        files = named or Files()
        if len(page.storage) < CONVERT_IN_THREAD_FROM:
            part = page_part(page.storage, files, arguments.section)
        else:
            part = await asyncio.to_thread(page_part, page.storage, files, arguments.section)
        result = self._result(page.id, page.space, page.title, part.text, page.updated_at)
        notes = (part.note, "" if named else _NO_FILES)
        return ToolResult(" ".join(filter(None, notes)), (replace(result, read_more=None),))

    async def _files(self, page_id: str) -> Files | None:
        """Return the files on a page, or nothing: worth a request, but not worth the page."""
        if not self._may_ask_for_files:
            return None
        try:
            return await self._api.files(page_id)
        except SourceUnauthorized:  # the token has scopes, and is good for pages only
            self._may_ask_for_files = False
        except SourceError:
            pass
        return None

    async def _search(self, wanted: SearchConfluence) -> list[KnowledgeResult]:
        queries = search_cql(wanted, self._allowed.narrowed(wanted.spaces))
        hits = await self._hits(*queries) if queries else []
        return scored_by_rank(
            self._result(
                hit.content.id, space, _plain(hit.title), excerpt(_plain(hit.excerpt)),
                hit.updated_at,
            )
            for hit in hits
            if (space := hit.space) is not None and self._allowed.admits(space.key)
        )  # fmt: skip

    async def _hits(self, preferred: str, *others: str) -> list[Hit]:
        try:
            return await self._api.hits(preferred, self._limit)
        except RequestRejected:
            if not others:
                raise
            return await self._hits(*others)

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
            url=self._api.address(page_id, space),
            source=self.source_name,
            relevance_score=1.0,
            updated_at=updated_at,
            container=title(space.name) or title(space.key),
            read_more=ReadMore("read_confluence_page", {"page_id": page_id}),
        )


def _plain(fragment: str) -> str:
    """Return a title or excerpt without highlight marks and markup."""
    return html.unescape(_TAG.sub("", _HIGHLIGHT.sub("", fragment[:MAX_FRAGMENT])))
