"""What the source asks Confluence for, whatever a hostile model writes into its fields."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from kit.confluence import site_of, source_at
from kit.knowledge import CANARY, hostile_batches, on_a_loop, run_tool
from kit.untraced import untraced
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence.search import ConfluenceIndex
from slackbot.knowledge.confluence.arguments import MAX_KEYWORDS, SearchConfluence
from slackbot.knowledge.confluence.cql import scope_cql, search_cql

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator

    from slackbot.knowledge.confluence import ConfluenceSource

PAGES = [page for page in confluence_pages() if page.space.closed or page.id in ("1001", "2001")]
CLOSED = ConfluenceIndex(page for page in PAGES if page.space.closed)

BATCHES = hostile_batches(
    'x" OR space = "BOARD',
    'x") OR (space = BOARD) OR (title ~ "x',
    'x\\" OR space = BOARD OR title ~ "x',
    "canary heron\\",
    '\\\\" OR type = page OR text ~ "canary',
    'canary" AND space in ("BOARD") ORDER BY title',
    'x" OR NOT (space in ("OPS")) AND text ~ "heron',
    "canary heron",
    'salary" OR space != "OPS" OR title ~ "',
)


@pytest.mark.parametrize(
    "cql", ['title ~ "x" OR space = "BOARD"', 'siteSearch ~ "canary heron"', "type = page"]
)
def test_a_query_that_leaves_the_spaces_would_find_what_is_closed(cql: str) -> None:
    assert CLOSED.search(cql)


@settings(max_examples=200, deadline=None)
@given(BATCHES)
@untraced()
def test_no_keywords_leave_the_allowed_spaces(batch: list[str]) -> None:
    """10,000 of them, without the check of results, against a language that honours OR."""
    for number, words in enumerate(batch):
        title_only = number % 2 == 0
        wanted = SearchConfluence.model_construct(keywords=words, title_only=title_only, spaces=[])
        for cql in search_cql(wanted, OPEN_SPACES):
            assert CLOSED.search(cql) == [], cql


@asynccontextmanager
async def sample_source() -> AsyncIterator[ConfluenceSource]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(site_of(PAGES))
        yield await stack.enter_async_context(source_at(site))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[asyncio.Runner, ConfluenceSource]]:
    with on_a_loop(sample_source()) as running:
        yield running


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batch=BATCHES)
def test_no_search_shows_what_is_closed(
    batch: list[str], running: tuple[asyncio.Runner, ConfluenceSource]
) -> None:
    """Over HTTP, through the tool, as a hostile model would call it."""
    runner, source = running

    async def search_all() -> None:
        for number, words in enumerate(batch):
            told = await run_tool(
                source,
                "search_confluence",
                keywords=words[:MAX_KEYWORDS],
                title_only=number % 2 == 0,
                spaces=[["BOARD"], ["OPS", "BOARD"], []][number % 3],
            )
            shown = f"{told.content} {told.found}"
            assert CANARY not in shown
            assert "Board" not in shown

    runner.run(search_all())


def test_a_day_long_ago_is_written_with_four_digits_of_the_year() -> None:
    assert scope_cql(["OPS"], date(7, 1, 2)).endswith('lastmodified >= "0007-01-02"')


def test_values_are_written_as_cql_wants_them() -> None:
    wanted = SearchConfluence.model_validate(
        {"keywords": 'He said "roll back" AND (left)', "updated_after": "2026-03-01"}
    )
    assert search_cql(wanted, ("A B", '"'))[0] == (
        r'siteSearch ~ "he said \"roll back\" and left" AND type = page '
        r'AND space in ("A B","\"") AND lastmodified >= "2026-03-01"'
    )
    assert scope_cql(("*",)) == "type = page"
