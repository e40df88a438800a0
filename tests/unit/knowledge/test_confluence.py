"""Confluence as a source, end to end over loopback against the sample company's server."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.loopback import serving
from kit.openapi import OpenApi
from slackbot.demo.company.wiki import OPEN_SPACES, Page, confluence_pages
from slackbot.demo.confluence.search import ConfluenceIndex
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.confluence import ConfluenceSource
from slackbot.knowledge.confluence.arguments import SearchConfluence
from slackbot.knowledge.confluence.cql import scope_cql
from slackbot.knowledge.confluence.source import MAX_PAGE_CHARACTERS
from slackbot.knowledge.text.excerpt import MAX_TITLE
from slackbot.knowledge.text.keywords import clean_keywords, string_literal
from slackbot.messages import ReadMore
from slackbot.resilience.http import Timeouts
from slackbot.resilience.retry import Retrier
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from slackbot.messages import ToolResult

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

EMAIL, TOKEN = "bot@parcelwick.example", "token"
CANARY = "canary-heron-4471"
CONTEXT = RunContext(
    run_id="r", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=time.time() + 60
)


def source_of(
    site: str, spaces: Sequence[str] = OPEN_SPACES, *, token: str = TOKEN, limit: int = 10
) -> ConfluenceSource:
    async def no_wait(_seconds: float) -> None:
        await asyncio.sleep(0)

    return ConfluenceSource(
        site,
        token,
        spaces,
        email=EMAIL,
        limit=limit,
        timeouts=Timeouts(connect=1, read=0.5, total=3),
        retrier=Retrier(sleep=no_wait),
    )


async def run(source: ConfluenceSource, tool: str, **arguments: object) -> ToolResult:
    tools = {one.spec.name: one for one in source.tools()}
    return await tools[tool].run(arguments, CONTEXT)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    server = ConfluenceServer(confluence_pages(), email=EMAIL, token=TOKEN)
    yield await server.start()
    await server.stop()


@pytest.fixture
async def source(site: str) -> AsyncIterator[ConfluenceSource]:
    source = source_of(site)
    yield source
    await source.aclose()


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
        source = source_of(site, limit=limit)
        found = await source.search("payments release on call")
        assert len(found) == limit
        await source.aclose()


async def test_the_search_tool_narrows_by_its_fields(source: ConfluenceSource) -> None:
    async def titles(**arguments: object) -> set[str]:
        told = await run(source, "search_confluence", **arguments)
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
    assert (await run(source, "search_confluence", **arguments)).is_error


async def test_reads_a_page_as_markdown(source: ConfluenceSource, site: str) -> None:
    told = await run(source, "read_confluence_page", page_id="1001")
    (page,) = told.found
    assert page.title == "Roll back the payments service"
    assert page.url == f"{site}/wiki/spaces/OPS/pages/1001"
    assert page.container == "Operations"
    assert "```bash\n   payctl rollback payments-api --to <release>" in page.content
    assert told.content == ""
    assert page.read_more is None


async def test_reads_one_section(source: ConfluenceSource) -> None:
    told = await run(source, "read_confluence_page", page_id=1001, section="who may roll back")
    assert told.found[0].content.startswith("## Who may roll back\n\nAnyone who is on call")
    missing = await run(source, "read_confluence_page", page_id=1001, section="weather")
    assert missing.is_error
    assert "2. Steps" in missing.content


async def test_a_long_page_is_capped_and_says_how_to_read_the_rest() -> None:
    paragraph = "<p>" + "word " * 400 + "</p>"
    body = "".join(f"<h2>Chapter {number}</h2>{paragraph}" for number in range(40))
    template = confluence_pages()[0]
    page = Page("7", template.space, "Long", template.updated, template.author, body)
    server = ConfluenceServer([page], email=EMAIL, token=TOKEN)
    source = source_of(await server.start())
    whole = await run(source, "read_confluence_page", page_id="7")
    assert len(whole.found[0].content) <= MAX_PAGE_CHARACTERS
    assert "40. Chapter 39" in whole.content
    last = await run(source, "read_confluence_page", page_id="7", section="Chapter 39")
    assert last.found[0].content.startswith("## Chapter 39")
    assert last.content == ""
    await source.aclose()
    await server.stop()


@pytest.mark.parametrize("page_id", ["", "x", "1/../2", "1?x=1", "٣", "1\n", "1" * 20, "-1", None])
async def test_a_page_id_is_digits(source: ConfluenceSource, page_id: str | None) -> None:
    assert (await run(source, "read_confluence_page", page_id=page_id)).is_error


async def test_a_closed_page_cannot_be_told_from_one_that_is_missing(
    source: ConfluenceSource,
) -> None:
    texts = set()
    for page_id in ("9001", "4040404"):
        with pytest.raises(SourceNotFound) as caught:
            await run(source, "read_confluence_page", page_id=page_id)
        texts.add((str(caught.value), type(caught.value)))
    assert len(texts) == 1


@pytest.mark.parametrize("spaces", [("OPS",), ("ops",), ("OPS", "PEOPLE"), ("NOPE",)])
async def test_only_allowed_spaces_are_searched_and_read(
    site: str, spaces: tuple[str, ...]
) -> None:
    source = source_of(site, spaces, limit=50)
    index = ConfluenceIndex(confluence_pages())
    for query in ("payments", "holiday", "on call", "canary heron", "board"):
        for found in await source.search(query):
            page = index.pages[found.url.rsplit("/", 1)[1]]
            assert page.space.key.casefold() in {key.casefold() for key in spaces}
    for page in confluence_pages():
        if page.space.key.casefold() not in {key.casefold() for key in spaces}:
            with pytest.raises(SourceNotFound):
                await run(source, "read_confluence_page", page_id=page.id)
    await source.aclose()


async def test_a_star_allows_all_that_the_account_sees(site: str) -> None:
    source = source_of(site, ("*",))
    assert any(CANARY in found.content for found in await source.search("canary heron"))
    narrowed = await run(source, "search_confluence", keywords="payments", spaces=["ENG"])
    assert {found.container for found in narrowed.found} == {"Engineering"}
    await source.aclose()


async def test_spaces_that_are_not_allowed_are_not_even_asked_for(
    source: ConfluenceSource,
) -> None:
    for spaces in (["BOARD"], ["BOARD", "*x"], ["~other"]):
        told = await run(source, "search_confluence", keywords="payments", spaces=spaces)
        assert told.found == ()


HOSTILE = st.text(
    alphabet=st.sampled_from('"\\()[]{}~*?:^+-&|!,=<> \n\x00\u200b')
    | st.characters(categories=["L", "N"]),
    max_size=40,
)
INJECTIONS = st.sampled_from(
    [
        'x" OR space = "BOARD',
        'x") OR (space = BOARD) OR (title ~ "x',
        'x\\" OR space = BOARD OR title ~ "x',
        "x\\",
        '\\" OR type = page OR text ~ "',
        'canary" AND space in ("BOARD") ORDER BY title',
        'x" OR NOT (space in ("OPS")) AND text ~ "heron',
    ]
)
QUERIES = st.lists(HOSTILE | INJECTIONS | st.just("canary heron"), min_size=1, max_size=4).map(
    " ".join
)
INDEX = ConfluenceIndex(confluence_pages())


@settings(max_examples=200, deadline=None)
@given(QUERIES, st.booleans())
def test_no_keywords_leave_the_allowed_spaces(query: str, title_only: bool) -> None:
    """The query alone, without the check of results, against a language that honours OR."""
    keywords = string_literal(clean_keywords(query))
    scope = scope_cql(OPEN_SPACES)
    for cql in (
        f"siteSearch ~ {keywords} AND {scope}",
        f"(title ~ {keywords} OR text ~ {keywords}) AND {scope}",
        f"title ~ {keywords} AND {scope}",
    ):
        assert not any(page.space.closed for page in INDEX.search(cql))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=QUERIES, title_only=st.booleans())
def test_no_search_shows_what_is_closed(
    query: str, title_only: bool, running_site: tuple[asyncio.AbstractEventLoop, ConfluenceSource]
) -> None:
    """Over HTTP, through the tool, as a hostile model would call it."""
    loop, source = running_site
    arguments: dict[str, object] = {"keywords": query[:256], "title_only": title_only}
    told = loop.run_until_complete(run(source, "search_confluence", **arguments))
    shown = f"{told.content} {told.found}"
    assert CANARY not in shown
    assert "Board" not in shown


@pytest.fixture(scope="module")
def running_site() -> Any:
    """A loop, a server and a source that outlive the single example of a property."""
    loop = asyncio.new_event_loop()
    server = ConfluenceServer(confluence_pages(), email=EMAIL, token=TOKEN)
    source = source_of(loop.run_until_complete(server.start()))
    yield loop, source
    loop.run_until_complete(source.aclose())
    loop.run_until_complete(server.stop())
    loop.close()


def test_a_day_long_ago_is_written_with_four_digits_of_the_year() -> None:
    assert scope_cql(["OPS"], date(7, 1, 2)).endswith('lastmodified >= "0007-01-02"')


def hit(page_id: str = "1", **changes: object) -> dict[str, object]:
    content = {"id": page_id, "type": "page", "status": "current", "title": "T"}
    space = {"key": "OPS", "name": "Operations"}
    return {"content": content | {"space": space}, "title": "T", "excerpt": "x"} | changes


def hits(*results: dict[str, object], **links: str) -> dict[str, object]:
    return {"results": list(results), "_links": links}


async def search_of(
    *answers: dict[str, object], limit: int = 10
) -> tuple[list[str], list[web.Request]]:
    """Search a server that gives these answers in turn; return the URLs and the requests."""
    requests: list[web.Request] = []
    left = iter(answers)

    async def handler(request: web.Request) -> web.Response:
        requests.append(request)
        return web.json_response(next(left))

    async with serving(handler) as origin:
        source = source_of(origin, ("OPS",), limit=limit)
        found = await source.search("x")
        await source.aclose()
    return [one.url.removeprefix(origin) for one in found], requests


async def test_a_server_that_ignores_the_query_is_filtered() -> None:
    """The allow-list holds on what comes back, whatever was asked."""
    content = {"id": "2", "type": "page"}
    found, _ = await search_of(
        hits(
            hit("1"),
            hit("2", content=content | {"space": {"key": "BOARD"}}),
            hit("3", content=content | {"space": None}),
            hit("4", content=content, resultGlobalContainer={"displayUrl": "/spaces/BOARD"}),
            hit("5", content=content, resultGlobalContainer={"displayUrl": "//OPS/x"}),
            hit(
                "6",
                content={"id": "6"},
                resultGlobalContainer={"title": "Ops", "displayUrl": "/display/OPS"},
            ),
        )
    )
    assert found == ["/wiki/spaces/OPS/pages/1", "/wiki/spaces/OPS/pages/6"]


async def test_addresses_in_answers_are_not_believed() -> None:
    evil = "https://evil.example"
    first = hits(
        hit("1", url=f"{evil}/x"), base=evil, next=f"{evil}/rest/api/search?cursor=C&cql=x"
    )
    found, requests = await search_of(first, hits(hit("2")))
    assert found == ["/wiki/spaces/OPS/pages/1", "/wiki/spaces/OPS/pages/2"]
    assert [request.path for request in requests] == ["/wiki/rest/api/search"] * 2
    assert requests[1].query["cursor"] == "C"
    assert requests[1].query["cql"] == requests[0].query["cql"]


async def test_a_character_reference_without_end_harms_nobody() -> None:
    found, _ = await search_of(hits(hit(excerpt="up &#" + "9" * 5_000 + "; down")))
    assert len(found) == 1


async def test_endless_empty_pages_end() -> None:
    found, requests = await search_of(hits(next="/rest/api/search?cursor=C"))
    assert (found, len(requests)) == ([], 1)


async def test_more_than_the_limit_is_cut() -> None:
    found, _ = await search_of(hits(*(hit(str(number)) for number in range(9))), limit=3)
    assert len(found) == 3


async def test_falls_back_where_the_search_box_is_not_for_cql() -> None:
    queries: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        queries.append(request.query["cql"])
        if "siteSearch" in queries[-1]:
            return web.json_response({"statusCode": 400, "message": "no"}, status=400)
        return web.json_response(hits(hit()))

    async with serving(handler) as origin:
        source = source_of(origin, ("OPS",))
        assert len(await source.search("roll back")) == 1
        await source.aclose()
    assert queries == [
        'siteSearch ~ "roll back" AND type = page AND space in ("OPS")',
        '(title ~ "roll back" OR text ~ "roll back") AND type = page AND space in ("OPS")',
    ]


async def test_nothing_to_search_for_asks_nobody() -> None:
    source = source_of("http://127.0.0.1:9")
    assert await source.search(" ?!* ") == []


def answer(status: int, body: object = None, **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    return handler


async def hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def flood(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1600):
        await response.write(b" " * 65_536)
    return response


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answer(401), SourceUnauthorized),
        (answer(403), SourceUnavailable),
        (answer(404), SourceUnavailable),
        (answer(500), SourceUnavailable),
        (answer(503), SourceUnavailable),
        (answer(429, **{"Retry-After": "3600"}), SourceUnavailable),
        (answer(200, []), SourceUnavailable),
        (answer(200, {"results": [{"title": "no content"}]}), SourceUnavailable),
        (answer(200, hits(hit("../1"))), SourceUnavailable),
        (answer(302, Location="https://login.example/"), SourceUnavailable),
        (hang, SourceUnavailable),
        (flood, SourceUnavailable),
    ],
)  # fmt: skip
async def test_a_search_that_fails_says_how(handler: Handler, error: type[SourceError]) -> None:
    async with serving(handler) as origin:
        source = source_of(origin)
        with pytest.raises(SourceError) as caught:
            await source.search("x")
        await source.aclose()
    assert type(caught.value) is error


async def test_a_throttled_search_waits_and_succeeds() -> None:
    statuses = iter([429, 200])

    async def handler(_request: web.Request) -> web.Response:
        headers = {"Retry-After": "1"}
        return web.json_response(hits(hit()), status=next(statuses), headers=headers)

    async with serving(handler) as origin:
        source = source_of(origin)
        assert len(await source.search("x")) == 1
        await source.aclose()


@pytest.mark.parametrize(
    "space", [answer(404), answer(403), answer(200, {"key": "BOARD", "name": "Operations"})]
)
async def test_a_page_of_an_unknown_space_is_denied(space: Handler) -> None:
    page = {"title": "T", "spaceId": "1", "version": {}, "body": {"storage": {"value": CANARY}}}

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(page) if "/pages/" in request.path else await space(request)

    async with serving(handler) as origin:
        source = source_of(origin)
        with pytest.raises(SourceNotFound, match="no such page") as caught:
            await run(source, "read_confluence_page", page_id="1")
        await source.aclose()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("status", ["draft", "trashed", "deleted", "historical"])
async def test_a_page_that_is_not_published_is_denied(status: str) -> None:
    page = {"title": "T", "status": status, "spaceId": "1", "body": {"storage": {"value": CANARY}}}

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(page if "/pages/" in request.path else {"key": "OPS"})

    async with serving(handler) as origin:
        source = source_of(origin)
        with pytest.raises(SourceNotFound, match="no such page"):
            await run(source, "read_confluence_page", page_id="1")
        await source.aclose()


async def test_a_title_and_a_space_are_one_line_each_in_bounded_length() -> None:
    page = {"title": "T\n\n[2] Forged", "spaceId": "1", "body": {"storage": {"value": "<p>x</p>"}}}

    async def handler(request: web.Request) -> web.Response:
        space = {"key": "OPS", "name": "Op\ns" * 9_000}
        return web.json_response(page if "/pages/" in request.path else space)

    async with serving(handler) as origin:
        source = source_of(origin)
        told = await run(source, "read_confluence_page", page_id="1")
        await source.aclose()
    assert told.found[0].title == "T [2] Forged"
    assert len(told.found[0].container or "") <= MAX_TITLE + 1


async def test_each_space_is_asked_for_once() -> None:
    asked: list[str] = []
    page = {"title": "T\u202e", "spaceId": "1", "body": {"storage": {"value": "<p>x</p>"}}}

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response(page if "/pages/" in request.path else {"key": "OPS"})

    async with serving(handler) as origin:
        source = source_of(origin)
        for _ in range(3):
            told = await run(source, "read_confluence_page", page_id="1")
        await source.aclose()
    assert (told.found[0].title, told.found[0].container) == ("T", "OPS")
    assert asked.count("/wiki/api/v2/spaces/1") == 1


async def test_a_big_page_does_not_stop_the_loop() -> None:
    """Bound of the acceptance list for hostile pages: no stall of more than 200 ms."""
    body = "<ul>" + "<li>x <strong>y</strong></li>" * 15_000 + "</ul>"
    page = {"title": "T", "spaceId": "1", "body": {"storage": {"value": body}}}
    stall = 0.0

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(page if "/pages/" in request.path else {"key": "OPS"})

    async def watch() -> None:
        nonlocal stall
        while True:
            started = time.monotonic()
            await asyncio.sleep(0.005)
            stall = max(stall, time.monotonic() - started)

    async with serving(handler) as origin:
        source = source_of(origin)
        watcher = asyncio.create_task(watch())
        await run(source, "read_confluence_page", page_id="1")
        watcher.cancel()
        await source.aclose()
    assert stall < 0.5


@pytest.mark.parametrize("suffix", ["", "/", "/wiki", "/wiki/"])
async def test_the_site_may_be_named_with_or_without_wiki(site: str, suffix: str) -> None:
    source = source_of(site + suffix)
    assert (await source.search("payments"))[0].url.startswith(f"{site}/wiki/spaces/")
    await source.aclose()


async def test_without_an_email_the_token_is_a_bearer_token() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.json_response(hits())

    async with serving(handler) as origin:
        source = ConfluenceSource(origin, "pat", ("OPS",))
        await source.search("x")
        await source.aclose()
    assert seen == ["Bearer pat"]


@pytest.mark.parametrize(("url", "spaces"), [("https://x.example", ()), ("x.example", ("OPS",))])
def test_a_wrong_configuration_is_refused(url: str, spaces: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        ConfluenceSource(url, "token", spaces)


async def test_requests_are_such_as_the_published_descriptions_know() -> None:
    v1, v2 = OpenApi.of("confluence-cloud-v1"), OpenApi.of("confluence-cloud-v2")
    asked: list[str] = []
    page = {"title": "T", "spaceId": "1", "body": {"storage": {"value": "x"}}}

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        if "/search" in request.path:
            following = {"next": "/rest/api/search?next=true&cursor=C&limit=2&start=1&cql=x"}
            return web.json_response(hits(hit(), **following))
        return web.json_response(page if "/pages/" in request.path else {"key": "OPS"})

    async with serving(handler) as origin:
        source = source_of(origin, limit=2)
        await source.search("x")
        await run(source, "read_confluence_page", page_id="1")
        await source.aclose()
    assert len(asked) == 4
    for request in asked:
        path, query = urlsplit(request).path, parse_qs(urlsplit(request).query)
        if path == "/wiki/rest/api/search":
            v1.check_request(path, query)
        else:
            v2.check_request(path.removeprefix("/wiki/api/v2").replace("/1", "/{id}"), query)


def test_the_tools_say_when_to_use_them() -> None:
    for tool in source_of("http://127.0.0.1:9").tools():
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert tool.spec.input_schema["type"] == "object"
        assert "Confluence" in tool.spec.activity


def test_days_are_written_as_cql_wants_them() -> None:
    wanted = SearchConfluence.model_validate({"keywords": "x", "updated_after": "2026-03-01"})
    assert scope_cql(("A B", '"'), wanted.updated_after) == (
        r'type = page AND space in ("A B","\"") AND lastmodified >= "2026-03-01"'
    )
    assert scope_cql(("*",)) == "type = page"
