"""Jira as a source, end to end over loopback against the sample company's server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.loopback import serving
from kit.openapi import OpenApi
from slackbot.demo.company.tickets import OPEN_PROJECTS, Link, Ticket, tickets
from slackbot.demo.jira.search import JiraIndex
from slackbot.demo.jira.server import JiraServer
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.jira import JiraSource
from slackbot.knowledge.jira.arguments import SearchJira
from slackbot.knowledge.jira.documents import MAX_COMMENT_CHARACTERS, MAX_DESCRIPTION_CHARACTERS
from slackbot.knowledge.jira.jql import keys_jql, scope_jql, search_jql
from slackbot.knowledge.jira.keys import AllowList, named_keys
from slackbot.knowledge.jira.source import MAX_COMMENTS, MAX_ISSUE_CHARACTERS
from slackbot.messages import ReadMore
from slackbot.resilience.http import Timeouts
from slackbot.resilience.retry import Retrier
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from slackbot.messages import ToolResult

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Json = dict[str, Any]

EMAIL, TOKEN = "bot@parcelwick.example", "token"
CANARY = "canary-heron-4471"
TICKETS = {ticket.key: ticket for ticket in tickets()}
INDEX = JiraIndex(TICKETS.values())
CONTEXT = RunContext(
    run_id="r", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=time.time() + 60
)


def source_of(site: str, projects: Sequence[str] = OPEN_PROJECTS, *, limit: int = 10) -> JiraSource:
    async def no_wait(_seconds: float) -> None:
        await asyncio.sleep(0)

    return JiraSource(
        site,
        TOKEN,
        projects,
        email=EMAIL,
        limit=limit,
        timeouts=Timeouts(connect=1, read=0.5, total=3),
        retrier=Retrier(sleep=no_wait),
    )


async def run(source: JiraSource, tool: str, **arguments: object) -> ToolResult:
    tools = {one.spec.name: one for one in source.tools()}
    return await tools[tool].run(arguments, CONTEXT)


async def keys(source: JiraSource, **arguments: object) -> list[str]:
    told = await run(source, "search_jira", **arguments)
    assert not told.is_error
    return [one.url.rpartition("/")[2] for one in told.found]


@pytest.fixture
async def site() -> AsyncIterator[str]:
    server = JiraServer(TICKETS.values(), email=EMAIL, token=TOKEN)
    yield await server.start()
    await server.stop()


@pytest.fixture
async def source(site: str) -> AsyncIterator[JiraSource]:
    source = source_of(site)
    yield source
    await source.aclose()


async def test_finds_the_issue_that_answers(source: JiraSource, site: str) -> None:
    found = await source.search("customers charged twice")
    best = found[0]
    assert best.title == "PAY-312: Orders charged twice when Northline answers slowly"
    assert best.url == f"{site}/browse/PAY-312"
    assert best.source == source.source_name == "Jira"
    assert best.container == "Payments"
    assert best.updated_at == TICKETS["PAY-312"].updated
    assert best.read_more == ReadMore("read_jira_issue", {"key": "PAY-312"})
    assert best.content.startswith("Bug · Done · Highest · Ana Ruiz\nSince release **2026.37.2**")
    assert len(best.content) < 400
    scores = [one.relevance_score for one in found]
    assert scores == sorted(scores, reverse=True)


async def test_all_words_together_come_before_any_of_them(source: JiraSource) -> None:
    together = await keys(source, keywords="idempotency keys")
    assert together == [one.key for one in INDEX.search('text ~ "idempotency keys"')]
    assert "TRK-214" in await keys(source, keywords="zebra clocks Monday")
    assert await keys(source, keywords="zebra clocks Monday", order="updated") == []
    assert await keys(source, keywords="zebra") == []


async def test_an_issue_is_found_by_its_key(source: JiraSource) -> None:
    assert await keys(source, keywords="what about pay-312 and TRK-214?") == ["TRK-214", "PAY-312"]
    assert "PLAT-164" in await keys(source, keywords="PAY-999999 glyphs")
    assert "LEGAL-7" not in await keys(source, keywords="LEGAL-7")


async def test_follows_pages_of_results_up_to_its_limit(site: str) -> None:
    for limit in (1, 3, 7):
        source = source_of(site, limit=limit)
        assert len(await source.search("zebra orders ledger northline")) == limit
        await source.aclose()


async def test_the_search_tool_narrows_by_its_fields(source: JiraSource) -> None:
    assert set(await keys(source, projects=["TRK"])) <= {
        key for key in TICKETS if key.startswith("TRK-")
    }
    assert set(await keys(source, assignee="Ana Ruiz", type="bug", status="Done")) == {
        key
        for key, one in TICKETS.items()
        if (one.assignee, one.type, one.status) == ("ana", "Bug", "Done")
    }
    assert set(await keys(source, labels=["incident", "nowhere"])) == {
        key for key, one in TICKETS.items() if "incident" in one.labels
    }
    latest = await keys(source, updated_after="2026-11-01")
    assert latest == sorted(latest, key=lambda key: TICKETS[key].updated, reverse=True)
    assert min(TICKETS[key].updated for key in latest).isoformat() >= "2026-11-01"
    by_date = await keys(source, keywords="Northline", order="updated")
    assert by_date == sorted(by_date, key=lambda key: TICKETS[key].updated, reverse=True)


async def test_a_status_that_jira_does_not_know_is_told(source: JiraSource) -> None:
    told = await run(source, "search_jira", keywords="refund", status="Half done")
    assert told.is_error
    assert "status" in told.content


@pytest.mark.parametrize(
    "arguments",
    [
        {"keywords": ""},
        {"keywords": "x" * 257},
        {"keywords": "x", "projects": ['PAY") OR (project = LEGAL']},
        {"keywords": "x", "projects": ["*"]},
        {"keywords": "x", "updated_after": '2026" OR project = "LEGAL'},
        {"keywords": "x", "order": "updated DESC, key"},
        {"keywords": "x", "status": ""},
        {"keywords": "x", "jql": "project = LEGAL"},
        {"keywords": "x", "labels": ["y" * 101]},
    ],
)
async def test_the_search_tool_refuses_bad_arguments(
    source: JiraSource, arguments: dict[str, object]
) -> None:
    assert (await run(source, "search_jira", **arguments)).is_error


async def test_reads_an_issue_as_markdown(source: JiraSource, site: str) -> None:
    told = await run(source, "read_jira_issue", key="plat-164")
    (issue,) = told.found
    assert (told.content, issue.read_more) == ("", None)
    assert issue.title == "PLAT-164: label-printer: glyphs missing in image 2026.42.2"
    assert issue.url == f"{site}/browse/PLAT-164"
    assert issue.container == "Platform"
    lines = issue.content.split("\n")
    assert lines[:7] == [
        "- Type: Bug",
        "- Status: Done",
        "- Priority: High",
        "- Assignee: Ben Okafor",
        "- Reporter: Ben Okafor",
        "- Labels: label-printer, images",
        "- Created: 2026-10-22",
    ]
    assert [line for line in lines if line.startswith("#")] == [
        "## Description",
        "## Comments, the latest first",
        "### Ben Okafor, 2026-10-27",
        "### Lena Brandt, 2026-10-22",
        "### Ben Okafor, 2026-10-22",
    ]
    assert "The slim one comes without `fonts-noto-core`." in issue.content


async def test_links_are_told_but_for_those_that_are_closed() -> None:
    links = (Link("causes", "PAY-319"), Link("is blocked by", "LEGAL-7"))
    linked = replace(TICKETS["PAY-312"], links=links)
    server = JiraServer({**TICKETS, "PAY-312": linked}.values(), email=EMAIL, token=TOKEN)
    source = source_of(await server.start())
    told = await run(source, "read_jira_issue", key="PAY-312")
    assert "- causes PAY-319: Alert when one order has two charges" in told.found[0].content
    assert "LEGAL" not in told.found[0].content
    await source.aclose()
    await server.stop()


def long_ticket(paragraphs: int, comments: int) -> Ticket:
    template = TICKETS["PAY-312"]
    comment, words = template.comments[0], "x " * 2000
    return replace(
        template,
        links=(),
        description="\n\n".join(f"paragraph {n} {'word ' * 100}" for n in range(paragraphs)),
        comments=tuple(replace(comment, body=f"comment {n} {words}") for n in range(comments)),
    )


async def test_a_long_issue_is_capped_and_says_so() -> None:
    server = JiraServer([long_ticket(60, MAX_COMMENTS + 5)], email=EMAIL, token=TOKEN)
    source = source_of(await server.start())
    told = await run(source, "read_jira_issue", key="PAY-312")
    content = told.found[0].content
    assert len(content) <= MAX_ISSUE_CHARACTERS
    assert "older comments are left out" in told.content
    description, comments = content.split("## Comments, the latest first (5 older ones left out)")
    assert MAX_DESCRIPTION_CHARACTERS / 2 < len(description) < MAX_DESCRIPTION_CHARACTERS + 500
    assert "characters.)*" in description
    assert 1_000 < len(comments.split("### ")[1]) < MAX_COMMENT_CHARACTERS + 200
    await source.aclose()
    await server.stop()


@pytest.mark.parametrize(
    "key", ["", "PAY", "PAY-", "PAY-x", "PAY-1/..", "PAY-1\n", "12", "-1", None]
)
async def test_a_key_is_a_key(source: JiraSource, key: str | None) -> None:
    assert (await run(source, "read_jira_issue", key=key)).is_error


async def test_a_closed_issue_cannot_be_told_from_one_that_is_missing(source: JiraSource) -> None:
    texts = set()
    for key in ("LEGAL-7", "LEGAL-999", "PAY-999"):
        with pytest.raises(SourceNotFound) as caught:
            await run(source, "read_jira_issue", key=key)
        texts.add((str(caught.value), type(caught.value)))
    assert len(texts) == 1


@pytest.mark.parametrize("projects", [("PAY",), ("pay",), ("PAY", "TRK")])
async def test_only_allowed_projects_are_searched_and_read(
    site: str, projects: tuple[str, ...]
) -> None:
    source = source_of(site, projects, limit=50)
    allowed = {key.casefold() for key in projects}
    for query in ("orders", "canary heron", "LEGAL-7", "the customers northline"):
        for key in await keys(source, keywords=query):
            assert TICKETS[key].project.key.casefold() in allowed
    assert {TICKETS[key].project.key.casefold() for key in await keys(source)} == allowed
    for key, ticket in TICKETS.items():
        if ticket.project.key.casefold() not in allowed:
            with pytest.raises(SourceNotFound):
                await run(source, "read_jira_issue", key=key)
    await source.aclose()


async def test_a_star_allows_all_that_the_account_sees(site: str) -> None:
    source = source_of(site, ("*",), limit=50)
    assert "LEGAL-7" in await keys(source, keywords="canary heron")
    assert set(await keys(source)) == set(TICKETS)
    assert {key.partition("-")[0] for key in await keys(source, projects=["TRK"])} == {"TRK"}
    await source.aclose()


async def test_projects_that_are_not_allowed_are_not_even_asked_for() -> None:
    source = source_of("http://127.0.0.1:9")
    assert await keys(source, keywords="x", projects=["LEGAL", "OTHER"]) == []


HOSTILE = st.text(
    alphabet=st.sampled_from("\"\\()[]{}~*?:^+-&|!,=<> \n\x00\u200b'")
    | st.characters(categories=["L", "N"]),
    max_size=40,
)
INJECTIONS = st.sampled_from(
    [
        'x" OR project = "LEGAL',
        'x") OR (project = LEGAL) OR (text ~ "x',
        'x\\" OR project = LEGAL OR text ~ "x',
        "x\\",
        '\\" || project IS NOT EMPTY || text ~ "',
        'canary" AND project in ("LEGAL") ORDER BY updated',
        'x" OR !(project in ("PAY")) && text ~ "heron',
        "LEGAL-7 PAY-312",
        "x' OR project = 'Legal matters",
    ]
)
QUERIES = (
    st.lists(HOSTILE | INJECTIONS | st.just("canary heron"), min_size=1, max_size=4)
    .map(" ".join)
    .filter(bool)
)
NAMES = QUERIES.map(lambda query: query[:100])
SEARCHES = st.fixed_dictionaries(
    {"keywords": QUERIES.map(lambda query: query[:256])},
    optional={
        "labels": st.lists(NAMES, min_size=1, max_size=3),
        "order": st.sampled_from(["relevance", "updated"]),
        "updated_after": st.just("2020-01-01"),
    },
)


@settings(max_examples=300, deadline=None)
@given(SEARCHES)
def test_no_fields_leave_the_allowed_projects(arguments: dict[str, object]) -> None:
    """The queries alone, without the check of results, against a language that honours OR."""
    wanted = SearchJira.model_validate(arguments)
    for jql in search_jql(wanted, OPEN_PROJECTS):
        assert not any(ticket.project.closed for ticket in INDEX.search(jql))


@settings(max_examples=200, deadline=None)
@given(NAMES, st.sampled_from(["status", "assignee", "type"]))
def test_names_are_values_whatever_they_hold(name: str, field: str) -> None:
    """Jira refuses a name that it does not know; as more than a name it would find something."""
    wanted = SearchJira.model_validate({field: name})
    (jql,) = search_jql(wanted, OPEN_PROJECTS)
    with pytest.raises(ValueError, match="does not exist for the field"):
        INDEX.search(jql)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arguments=SEARCHES)
def test_no_search_shows_what_is_closed(
    arguments: dict[str, object], running_site: tuple[asyncio.AbstractEventLoop, JiraSource]
) -> None:
    """Over HTTP, through the tool, as a hostile model would call it."""
    loop, source = running_site
    told = loop.run_until_complete(run(source, "search_jira", **arguments))
    assert not told.is_error
    shown = f"{told.content} {told.found}"
    assert CANARY not in shown
    assert "Legal" not in shown


@pytest.fixture(scope="module")
def running_site() -> Any:
    """A loop, a server and a source that outlive the single example of a property."""
    loop = asyncio.new_event_loop()
    server = JiraServer(TICKETS.values(), email=EMAIL, token=TOKEN)
    source = source_of(loop.run_until_complete(server.start()))
    yield loop, source
    loop.run_until_complete(source.aclose())
    loop.run_until_complete(server.stop())
    loop.close()


def issue(key: str = "PAY-1", **fields: object) -> Json:
    project = {"key": key.partition("-")[0], "name": "Payments"}
    return {"id": "1", "key": key, "fields": {"summary": "S", "project": project} | fields}


def page(*issues: Json, **following: object) -> Json:
    return {"issues": list(issues), "isLast": not following, **following}


async def search_of(*answers: Json, limit: int = 10) -> tuple[list[str], list[web.Request]]:
    """Search a server that gives these answers in turn; return the URLs and the requests."""
    requests: list[web.Request] = []
    left = iter(answers)

    async def handler(request: web.Request) -> web.Response:
        requests.append(request)
        return web.json_response(next(left))

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",), limit=limit)
        found = await source.search("x")
        await source.aclose()
    return [one.url.removeprefix(origin) for one in found], requests


async def test_a_server_that_ignores_the_query_is_filtered() -> None:
    """The allow-list holds on what comes back, whatever was asked."""
    found, _ = await search_of(
        page(
            issue("PAY-1"),
            issue("LEGAL-2"),
            issue("PAY-3", project={"key": "LEGAL"}),
            issue("LEGAL-4", project={"key": "PAY"}),
            issue("PAY-5", project=None),
            issue("PAY-6"),
        )
    )
    assert found == ["/browse/PAY-1", "/browse/PAY-6"]


async def test_tokens_are_followed_with_the_same_query() -> None:
    found, requests = await search_of(page(issue("PAY-1"), nextPageToken="T"), page(issue("PAY-2")))
    assert found == ["/browse/PAY-1", "/browse/PAY-2"]
    assert [request.query.get("nextPageToken") for request in requests] == [None, "T"]
    assert len({request.query["jql"] for request in requests}) == 1


async def test_endless_empty_pages_end() -> None:
    found, requests = await search_of(page(nextPageToken="T"))
    assert (found, len(requests)) == ([], 1)


async def test_more_than_the_limit_is_cut() -> None:
    found, _ = await search_of(page(*(issue(f"PAY-{n}") for n in range(1, 9))), limit=3)
    assert len(found) == 3


async def test_an_issue_with_hardly_any_field_is_shown() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/comment"):
            return web.json_response({"comments": []})
        bare = issue(summary="S\u202e\nT", description="h1. Old", assignee={})
        return web.json_response(page(bare) if "search" in request.path else bare)

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        (hit,) = await source.search("x")
        told = await run(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert (hit.title, hit.content) == ("PAY-1: S T", "Unassigned\nh1. Old")
    assert (
        told.found[0].content
        == "- Assignee: nobody\n- Reporter: unknown\n\n## Description\n\nh1. Old"
    )


async def test_subtasks_and_comments_are_told_as_far_as_they_may_be() -> None:
    def related(key: str, summary: str) -> Json:
        return {"key": key, "fields": {"summary": summary, "status": {"name": "Done"}}}

    subtasks = [related("PAY-2", "Part"), related("LEGAL-3", CANARY), {"key": "PAY-4"}]
    body = {"type": "doc", "content": [{"type": "text", "text": "Seen."}]}
    comments = [
        {"author": {"displayName": "Ana\n# Ruiz"}, "created": "2026-10-19T08:40:00.000+0000",
         "body": body},
        {"author": None, "body": body},
        {"author": {"displayName": "Sam"}, "body": CANARY, "visibility": {"type": "role"}},
    ]  # fmt: skip

    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/comment"):
            return web.json_response({"comments": comments, "total": 3})
        return web.json_response(issue(subtasks=subtasks))

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        told = await run(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert told.found[0].content == snapshot("""\
- Assignee: nobody
- Reporter: unknown

## Subtasks

- PAY-2: Part (Done)
- PAY-4: \n\
\n\
## Comments, the latest first

### Ana # Ruiz, 2026-10-19

Seen.

### Someone

Seen.\
""")


async def test_comments_for_one_role_alone_leave_no_heading() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/comment"):
            hidden = {"body": CANARY, "visibility": {"type": "role", "value": "Administrators"}}
            return web.json_response({"comments": [hidden], "total": 1})
        return web.json_response(issue())

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        told = await run(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert told.found[0].content == "- Assignee: nobody\n- Reporter: unknown"


async def test_an_issue_that_was_moved_counts_where_it_is_now() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response(issue("LEGAL-9", summary=CANARY))

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        with pytest.raises(SourceNotFound, match="no such issue"):
            await run(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert asked == ["/rest/api/3/issue/PAY-1"]


async def test_nothing_to_search_for_asks_nobody() -> None:
    source = source_of("http://127.0.0.1:9")
    assert await source.search(" ?!* ") == []
    assert await source.search("") == []


def answer(status: int, body: object = None, **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    return handler


async def hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (answer(400), SourceUnavailable),
        (answer(401), SourceUnauthorized),
        (answer(403), SourceUnavailable),
        (answer(404), SourceUnavailable),
        (answer(410), SourceUnavailable),
        (answer(500), SourceUnavailable),
        (answer(503), SourceUnavailable),
        (answer(429, **{"Retry-After": "3600"}), SourceUnavailable),
        (answer(200, []), SourceUnavailable),
        (answer(200, {"issues": [{"key": "PAY-1"}]}), SourceUnavailable),
        (answer(200, page(issue("../x"))), SourceUnavailable),
        (answer(302, Location="https://login.example/"), SourceUnavailable),
        (hang, SourceUnavailable),
    ],
)
async def test_a_search_that_fails_says_how(handler: Handler, error: type[SourceError]) -> None:
    async with serving(handler) as origin:
        source = source_of(origin)
        with pytest.raises(error):
            await run(source, "search_jira", keywords="x")
        await source.aclose()


async def test_without_an_email_the_token_is_a_bearer_token() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.json_response(page())

    async with serving(handler) as origin:
        source = JiraSource(f"{origin}/", "pat", ("PAY",))
        await source.search("x")
        await source.aclose()
    assert seen == ["Bearer pat"]


@pytest.mark.parametrize(("url", "projects"), [("https://x.example", ()), ("x.example", ("PAY",))])
def test_a_wrong_configuration_is_refused(url: str, projects: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        JiraSource(url, "token", projects)


async def test_requests_are_such_as_the_published_description_knows() -> None:
    v3 = OpenApi.of("jira-cloud-v3")
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        if "/search" in request.path:
            return web.json_response(page(issue(), nextPageToken="T"))
        return web.json_response({"comments": []} if "/comment" in request.path else issue())

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",), limit=2)
        await source.search("PAY-1 x")
        await run(source, "search_jira", projects=["PAY"], status="Done", order="updated")
        await run(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert len(asked) == 6
    for request in asked:
        path, query = urlsplit(request).path, parse_qs(urlsplit(request).query)
        v3.check_request(path.replace("/PAY-1", "/{issueIdOrKey}"), query)


def test_the_tools_say_when_to_use_them() -> None:
    for tool in source_of("http://127.0.0.1:9").tools():
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert tool.spec.input_schema["type"] == "object"
        assert "required" not in tool.spec.input_schema or tool.spec.name == "read_jira_issue"
        assert "Jira" in tool.spec.activity


def test_each_field_is_a_clause_of_its_own() -> None:
    wanted = SearchJira.model_validate(
        {
            "keywords": 'label "on call" \\ printer',
            "status": 'In "Progress',
            "assignee": "Ana\nRuiz",
            "type": "Bug",
            "labels": ["a", "b\\"],
            "updated_after": "2026-03-01",
        }
    )
    scope = (
        r'project in ("PAY","TRK") AND status = "In \"Progress" AND assignee = "Ana Ruiz"'
        r' AND issuetype = "Bug" AND labels in ("a","b\\") AND updated >= "2026-03-01"'
    )
    assert scope_jql(wanted, ("PAY", "TRK")) == scope
    assert search_jql(wanted, ("PAY", "TRK")) == (
        rf'text ~ "label \"on call\" printer" AND {scope}',
        rf'(text ~ "label" OR text ~ "\"on call\"" OR text ~ "printer") AND {scope}',
    )


def test_every_query_is_bounded() -> None:
    nothing = SearchJira()
    assert search_jql(nothing, ("*",)) == ('created >= "1970-01-01" ORDER BY updated DESC',)
    assert search_jql(nothing, ("PAY",)) == ('project in ("PAY") ORDER BY updated DESC',)
    assert keys_jql(["PAY-1"], nothing, ("PAY",)) == 'issuekey in ("PAY-1") AND project in ("PAY")'


def test_keys_are_told_from_other_words() -> None:
    text = "pay-12, TRK-3 (and PAY-12) in x-y-1-2 a-1 2026-10-19 payments-api#233 PLAT_X-9."
    assert named_keys(text) == ("PAY-12", "TRK-3", "PLAT_X-9")


def test_an_allow_list_goes_by_whole_keys() -> None:
    allowed = AllowList(("PAY",))
    assert allowed.admits_issue("pay-1")
    assert not any(map(allowed.admits, ("PA", "PAYX", "*", "")))
    assert not allowed.admits_issue("PAY")
