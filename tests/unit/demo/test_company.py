"""The sample company's documents are whole, and ship with the package."""

from __future__ import annotations

import re
from xml.parsers import expat

import pytest

from slackbot.demo.company.wiki import OPEN_SPACES, SPACES, Page, confluence_pages
from slackbot.knowledge.text.storage import storage_to_markdown

PAGES = confluence_pages()
CANARY = "canary-heron-4471"


def test_there_is_something_to_find_in_every_space() -> None:
    assert len(PAGES) >= 16
    assert {page.space for page in PAGES} == set(SPACES)
    assert len({page.id for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    assert OPEN_SPACES == ("OPS", "ENG", "PEOPLE")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_each_page_is_well_formed_and_converts(page: Page) -> None:
    entities = '<!DOCTYPE p [<!ENTITY nbsp "&#160;">]>'
    expat.ParserCreate().Parse(f"{entities}<p>{page.body}</p>", True)
    markdown = storage_to_markdown(page.body)
    assert len(markdown) > 200
    assert not re.search(r"</?(?:ac|ri):", markdown)
    assert page.updated.tzinfo is not None


def test_links_between_pages_lead_somewhere() -> None:
    titles = {page.title for page in PAGES}
    linked = {
        title for page in PAGES for title in re.findall(r'ri:content-title="([^"]+)"', page.body)
    }
    assert linked <= titles


def test_the_canary_lives_in_the_closed_space_only() -> None:
    assert {page.space.closed for page in PAGES if CANARY in page.body} == {True}
    assert all(CANARY in page.body for page in PAGES if page.space.closed)
