"""Confluence as a source, end to end over loopback against the sample company's site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from kit.confluence import site_of, source_at
from kit.knowledge import CANARY, run_tool
from slackbot.demo.company.wiki import Page, confluence_pages
from slackbot.errors import ConfigurationError, SourceNotFound
from slackbot.knowledge.confluence import ConfluenceSource
from slackbot.knowledge.confluence.documents import MAX_PAGE_CHARACTERS
from slackbot.messages import ReadMore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = {page.id: page for page in confluence_pages()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[str]:
    async with site_of() as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def source(site: str) -> AsyncIterator[ConfluenceSource]:
    async with source_at(site) as source:
        yield source


async def test_finds_the_page_that_answers(source: ConfluenceSource, site: str) -> None:
    found = await source.search("how do we roll back payments?")
    best = found[0]
    assert best.title == "Roll back the payments service"
    assert best.url == f"{site}/wiki/spaces/OPS/pages/1001"
    assert best.source == source.source_name == "Confluence"
    assert best.container == "Operations"
    assert best.updated_at is not None
    assert best.updated_at.isoformat() == "2026-10-19T08:40:00+00:00"
    assert best.read_more == ReadMore("read_confluence_page", {"page_id": "1001"})
    assert "rolling back" in best.content
    assert "@@@" not in best.content
    scores = [one.relevance_score for one in found]
    assert scores == sorted(scores, reverse=True)


async def test_follows_pages_of_results_up_to_its_limit(site: str) -> None:
    for limit in (1, 3, 7):
        async with source_at(site, limit=limit) as source:
            assert len(await source.search("payments release on call")) == limit


async def test_the_search_tool_narrows_by_its_fields(source: ConfluenceSource) -> None:
    async def titles(**arguments: object) -> set[str]:
        told = await run_tool(source, "search_confluence", **arguments)
        assert told.content
        return {one.title for one in told.found}

    everywhere = await titles(keywords="holiday")
    assert {"Holidays and time off", "Holiday policy 2024"} <= everywhere
    assert "Holiday policy 2024" not in await titles(keywords="holiday", updated_after="2026-01-01")
    assert await titles(keywords="expenses", title_only=True) == {"Expenses"}
    assert "Expenses" not in await titles(keywords="expenses", spaces=["OPS"])
    assert await titles(keywords="zebra") == set()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"keywords": ""},
        {"keywords": "x" * 257},
        {"keywords": "x", "spaces": ['OPS") OR (type = page']},
        {"keywords": "x", "updated_after": '2026" OR space = "BOARD'},
    ],
)
async def test_the_search_tool_refuses_bad_arguments(
    source: ConfluenceSource, arguments: dict[str, object]
) -> None:
    assert (await run_tool(source, "search_confluence", **arguments)).is_error


async def test_reads_a_page_as_markdown(source: ConfluenceSource, site: str) -> None:
    told = await run_tool(source, "read_confluence_page", page_id="1001")
    (page,) = told.found
    assert page.title == "Roll back the payments service"
    assert page.url == f"{site}/wiki/spaces/OPS/pages/1001"
    assert page.container == "Operations"
    assert "```bash\n   payctl rollback payments-api --to <release>" in page.content
    assert told.content == ""
    assert page.read_more is None


async def test_names_what_is_attached_to_a_page_and_where_the_page_speaks_of_it(
    source: ConfluenceSource,
) -> None:
    told = await run_tool(source, "read_confluence_page", page_id="1005")
    assert "[file: attachment “hand-over.docx”]" in told.found[0].content
    attached = await run_tool(source, "read_confluence_page", page_id="1005", section="attachments")
    assert attached.found[0].content == "# Attachments\n\n- hand-over.docx"


async def test_reads_one_section(source: ConfluenceSource) -> None:
    told = await run_tool(source, "read_confluence_page", page_id=1001, section="who may roll back")
    assert told.found[0].content.startswith("## Who may roll back\n\nAnyone who is on call")
    other = await run_tool(source, "read_confluence_page", page_id=1001, section="weather")
    assert "no such section" in other.content
    assert "2. Steps" in other.found[0].content


async def test_a_long_page_comes_with_its_contents_first_and_says_how_to_read_the_rest() -> None:
    paragraph = "<p>" + "word " * 400 + "</p>"
    body = "".join(f"<h2>Chapter {number}</h2>{paragraph}" for number in range(40))
    template = PAGES["1001"]
    long = Page("7", template.space, "Long", template.updated, template.author, body, ("a.pdf",))
    async with site_of([long]) as site, source_at(site) as source:
        whole = await run_tool(source, "read_confluence_page", page_id="7")
        last = await run_tool(source, "read_confluence_page", page_id="7", section="40")
    shown = whole.found[0].content
    assert len(shown) <= MAX_PAGE_CHARACTERS
    assert shown.startswith("Sections: 1. Chapter 0; 2. Chapter 1;")
    assert "40. Chapter 39; 41. Attachments.\n\n## Chapter 0\n\nword" in shown
    assert whole.content.endswith("ask for a section to read more.")
    assert last.found[0].content.startswith("## Chapter 39")
    assert last.content == ""


@pytest.mark.parametrize("page_id", ["", "x", "1/../2", "1?x=1", "٣", "1\n", "1" * 19, "-1", None])
async def test_a_page_id_is_digits(source: ConfluenceSource, page_id: str | None) -> None:
    assert (await run_tool(source, "read_confluence_page", page_id=page_id)).is_error


async def test_a_closed_page_cannot_be_told_from_one_that_is_missing(
    source: ConfluenceSource,
) -> None:
    texts = set()
    for page_id in ("9001", "4040404"):
        with pytest.raises(SourceNotFound) as caught:
            await run_tool(source, "read_confluence_page", page_id=page_id)
        texts.add((str(caught.value), type(caught.value)))
    assert len(texts) == 1


@pytest.mark.parametrize("spaces", [("OPS",), ("ops",), ("OPS", "PEOPLE"), ("NOPE",)])
async def test_only_allowed_spaces_are_searched_and_read(
    site: str, spaces: tuple[str, ...]
) -> None:
    allowed = {key.casefold() for key in spaces}
    async with source_at(site, spaces, limit=50) as source:
        for query in ("payments", "holiday", "on call", "canary heron", "board"):
            for found in await source.search(query):
                page = PAGES[found.url.rsplit("/", 1)[1]]
                assert page.space.key.casefold() in allowed
        for page in PAGES.values():
            if page.space.key.casefold() not in allowed:
                with pytest.raises(SourceNotFound):
                    await run_tool(source, "read_confluence_page", page_id=page.id)


async def test_a_star_allows_all_that_the_account_sees(site: str) -> None:
    async with source_at(site, ("*",)) as source:
        assert any(CANARY in found.content for found in await source.search("canary heron"))
        narrowed = await run_tool(source, "search_confluence", keywords="payments", spaces=["ENG"])
    assert {found.container for found in narrowed.found} == {"Engineering"}


async def test_spaces_that_are_not_allowed_are_not_even_asked_for(
    source: ConfluenceSource,
) -> None:
    for spaces in (["BOARD"], ["BOARD", "*x"], ["~other"]):
        told = await run_tool(source, "search_confluence", keywords="payments", spaces=spaces)
        assert told.found == ()


@pytest.mark.parametrize("suffix", ["", "/", "/wiki", "/wiki/"])
async def test_a_site_of_the_cloud_may_be_named_with_or_without_wiki(
    site: str, suffix: str
) -> None:
    async with source_at(site + suffix) as source:
        assert (await source.search("payments"))[0].url.startswith(f"{site}/wiki/spaces/")


@pytest.mark.parametrize(("url", "spaces"), [("https://x.example", ()), ("x.example", ("OPS",))])
async def test_a_wrong_configuration_is_refused(url: str, spaces: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        ConfluenceSource(url, "token", spaces)


async def test_the_tools_say_when_to_use_them(source: ConfluenceSource) -> None:
    for tool in source.tools():
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert tool.spec.input_schema["type"] == "object"
        assert "Confluence" in tool.spec.activity
