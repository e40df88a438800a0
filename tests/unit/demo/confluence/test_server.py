"""The sample Confluence speaks Confluence Cloud's wire format."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from contract.descriptions import Description
from slackbot.demo.company.wiki import confluence_pages
from slackbot.demo.confluence.search import ConfluenceIndex
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.demo.query import QueryError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EMAIL, TOKEN = "bot@parcelwick.example", "token"
INDEX = ConfluenceIndex(confluence_pages())

Json = dict[str, Any]


@pytest.fixture
async def site() -> AsyncIterator[str]:
    server = ConfluenceServer(confluence_pages(), email=EMAIL, token=TOKEN)
    yield await server.start()
    await server.stop()


async def get(url: str, *, token: str = TOKEN, **params: str) -> tuple[int, Json]:
    account = base64.b64encode(f"{EMAIL}:{token}".encode()).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {account}"}) as session,
        session.get(url, params=params) as response,
    ):
        return response.status, json.loads(await response.text())


def titles(cql: str) -> list[str]:
    return [page.title for page in INDEX.search(cql)]


@pytest.mark.parametrize(
    ("cql", "first"),
    [
        ('siteSearch ~ "how do we roll back payments"', "Roll back the payments service"),
        ('siteSearch ~ "database failover"', "Ledger database failover"),
        ('siteSearch ~ "certificate rotation"', "Rotate TLS certificates"),
        ('siteSearch ~ "poison message"', "Queue backlog: labels and settlement"),
        ('siteSearch ~ "parental leave"', "Holidays and time off"),
        ('siteSearch ~ "hotfix"', "Release process"),
        ('title ~ "expense"', "Expenses"),
        (r'text ~ "\"replay lag\" failover"', "Ledger database failover"),
        ('title = "expenses"', "Expenses"),
        ("id = 1004", "Ledger database failover"),
    ],
)
def test_the_most_relevant_page_comes_first(cql: str, first: str) -> None:
    assert first in titles(cql)[:2]


def test_text_needs_every_word_and_the_search_box_does_not() -> None:
    assert titles('text ~ "rollback zebra"') == []
    assert titles('siteSearch ~ "payments zebra"')


@pytest.mark.parametrize(
    ("cql", "spaces"),
    [
        ("space = OPS", {"OPS"}),
        ('space in ("ops", ENG)', {"OPS", "ENG"}),
        ("space not in (OPS, ENG)", {"PEOPLE", "BOARD"}),
        ('siteSearch ~ "payments" AND space = BOARD', {"BOARD"}),
        ('siteSearch ~ "zebra" OR space = BOARD', {"BOARD"}),
        ("type = page AND NOT space != PEOPLE", {"PEOPLE"}),
        ("type = blogpost", set()),
    ],
)
def test_clauses_narrow_and_widen(cql: str, spaces: set[str]) -> None:
    assert {page.space.key for page in INDEX.search(cql)} == spaces


@pytest.mark.parametrize(
    ("operator", "count"), [(">", 0), (">=", 0), ("<", len(INDEX.pages)), ("<=", len(INDEX.pages))]
)
def test_dates_compare(operator: str, count: int) -> None:
    assert len(INDEX.search(f'lastmodified {operator} "2026/12/01"')) == count


def test_results_can_be_ordered() -> None:
    newest = INDEX.search("type = page ORDER BY lastmodified DESC")
    assert newest == sorted(newest, key=lambda page: page.updated, reverse=True)
    by_title = INDEX.search("type = page ORDER BY title")
    assert by_title == sorted(by_title, key=lambda page: page.title)
    both = INDEX.search("type = page ORDER BY lastmodified DESC, title")
    assert both == sorted(by_title, key=lambda page: page.updated, reverse=True)


@pytest.mark.parametrize(
    "cql",
    [
        "",
        'siteSearch ~ "a" AND',
        'siteSearch = "a"',
        'nonsense ~ "a"',
        'space = X AND colour = "red"',
        'lastmodified > "yesterday"',
        'lastmodified = "2026-01-01"',
        "space > A",
        "type = page ORDER BY mood",
        r'text ~ "\"open"',
    ],
)
def test_what_is_no_query_is_refused(cql: str) -> None:
    with pytest.raises(QueryError):
        INDEX.search(cql)


def test_an_excerpt_marks_the_words_that_matched() -> None:
    cql = 'siteSearch ~ "reconcile" AND NOT title ~ "zebra"'
    (page,) = INDEX.search(cql)
    excerpt = INDEX.excerpt(page, cql)
    assert "@@@hl@@@reconcile@@@endhl@@@ --since &lt;time of release&gt;" in excerpt
    assert INDEX.excerpt(page, "type = page").startswith("How to return payments-api")


async def test_pages_of_results_follow_their_links(site: str) -> None:
    seen: list[str] = []
    url = f"{site}/wiki/rest/api/search"
    params = {"cql": 'siteSearch ~ "payments"', "limit": "4", "expand": "content.space"}
    while True:
        status, body = await get(url, **params)
        assert status == 200
        seen += [hit["content"]["id"] for hit in body["results"]]
        assert body["size"] == len(body["results"])
        if "next" not in body["_links"]:
            break
        url, params = f"{site}/wiki{body['_links']['next']}", {}
    assert len(seen) == len(set(seen)) == body["totalSize"] > 8


@pytest.mark.parametrize(
    "params",
    [{"cql": "nonsense"}, {"limit": "many"}, {"cursor": "_sa_x"}, {"cursor": "_sa_eHg="}, {}],
)
async def test_a_bad_search_is_answered_as_confluence_does(
    site: str, params: dict[str, str]
) -> None:
    query = {"cql": "type = page", **params} if params else {}
    status, body = await get(f"{site}/wiki/rest/api/search", **query)
    assert status == 400
    assert body["statusCode"] == 400
    assert "BadRequestException" in body["message"]


@pytest.mark.parametrize(
    "path",
    ["/wiki/rest/api/search?cql=type=page", "/wiki/api/v2/pages/1001", "/wiki/api/v2/spaces/101"],
)
async def test_a_wrong_token_is_refused(site: str, path: str) -> None:
    assert (await get(f"{site}{path}", token="wrong"))[0] == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("pages/1", 404),
        ("pages/x", 400),
        ("pages/%C2%B2", 400),
        ("pages/1/attachments", 404),
        ("pages/x/attachments", 400),
        ("spaces/1", 404),
        ("spaces/x", 404),
    ],
)
async def test_what_is_missing_is_told_as_v2_does(site: str, path: str, status: int) -> None:
    answered, body = await get(f"{site}/wiki/api/v2/{path}")
    assert answered == status
    assert body["errors"][0]["status"] == status


async def test_bodies_and_spaces_come_only_when_asked_for(site: str) -> None:
    _, found = await get(f"{site}/wiki/rest/api/search", cql="type = page", limit="1")
    assert "space" not in found["results"][0]["content"]
    assert (await get(f"{site}/wiki/api/v2/pages/1001"))[1]["body"] == {}


async def test_the_files_on_a_page_come_with_a_link_to_the_rest_of_them(site: str) -> None:
    url = f"{site}/wiki/api/v2/pages/2007/attachments"
    _, whole = await get(url)
    assert [one["title"] for one in whole["results"]] == ["service-map.drawio", "service-map.png"]
    assert "next" not in whole["_links"]
    _, first = await get(url, limit="1")
    assert len(first["results"]) == 1
    _, second = await get(f"{site}{first['_links']['next']}")
    assert first["results"] + second["results"] == whole["results"]
    assert (await get(url, limit="many"))[0] == 400


async def test_answers_are_as_the_published_description_says(site: str) -> None:
    v1, v2 = Description.of("confluence-cloud-v1"), Description.of("confluence-cloud-v2")
    _, found = await get(
        f"{site}/wiki/rest/api/search", cql='siteSearch ~ "payments"', expand="content.space"
    )
    v1.check_answer("/wiki/rest/api/search", found)
    _, page = await get(f"{site}/wiki/api/v2/pages/1001", **{"body-format": "storage"})
    v2.check_answer("/pages/{id}", page)
    _, files = await get(f"{site}/wiki/api/v2/pages/2007/attachments")
    v2.check_answer("/pages/{id}/attachments", files)
    _, space = await get(f"{site}/wiki/api/v2/spaces/101")
    v2.check_answer("/spaces/{id}", space)


async def test_people_can_open_what_the_bot_links_to(site: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{site}/wiki/spaces/OPS/pages/1001/Roll+back") as response:
            assert response.status == 200
            assert "payctl rollback" in await response.text()
        async with session.get(f"{site}/wiki/spaces/ENG/pages/2007") as response:
            assert "# Attachments\n\n- service-map.drawio" in await response.text()
        for hidden in ("BOARD/pages/9001", "OPS/pages/7"):
            async with session.get(f"{site}/wiki/spaces/{hidden}") as response:
                assert response.status == 404


async def test_stopping_before_starting_does_nothing() -> None:
    await ConfluenceServer([], email=EMAIL, token=TOKEN).stop()
