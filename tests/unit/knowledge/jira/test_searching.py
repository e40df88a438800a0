"""Searching Jira, over loopback, in the sample company's tickets and in answers of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.jira import TICKETS, Json, issue, jira_source, keys, page, source_of
from kit.knowledge import CANARY, answer, hang, hostile_batches, on_a_loop, run_tool
from kit.loopback import serving
from kit.untraced import untraced
from slackbot.demo.jira.search import JiraIndex
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.jira import JiraSource
from slackbot.knowledge.jira.api import MAX_PAGES
from slackbot.messages import ReadMore

if TYPE_CHECKING:
    from asyncio import Runner
    from collections.abc import Iterator

    from kit.knowledge import Handler

INDEX = JiraIndex(TICKETS.values())
CLOSED = [key for key, ticket in TICKETS.items() if ticket.project.closed]


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
    assert "LEGAL-7" not in await keys(source, keywords="LEGAL-7")


async def test_a_key_that_no_issue_has_hides_no_other(source: JiraSource) -> None:
    assert await keys(source, keywords="PAY-999999 or PAY-312") == ["PAY-312"]
    assert "PLAT-164" in await keys(source, keywords="PAY-999999 glyphs")


async def test_follows_pages_of_results_up_to_its_limit(site: str) -> None:
    for limit in (1, 7):
        source = source_of(site, limit=limit)
        assert len(await source.search("zebra orders ledger northline")) == limit
        await source.aclose()


async def test_the_search_tool_narrows_by_its_fields(source: JiraSource) -> None:
    assert set(await keys(source, projects=["TRK"])) <= {
        key for key in TICKETS if key.startswith("TRK-")
    }
    assert set(await keys(source, labels=["incident", "nowhere"])) == {
        key for key, one in TICKETS.items() if "incident" in one.labels
    }
    latest = await keys(source, updated_after="2026-11-01")
    assert latest == sorted(latest, key=lambda key: TICKETS[key].updated, reverse=True)
    assert min(TICKETS[key].updated for key in latest).isoformat() >= "2026-11-01"
    by_date = await keys(source, keywords="Northline", order="updated")
    assert by_date == sorted(by_date, key=lambda key: TICKETS[key].updated, reverse=True)


@pytest.mark.parametrize("name", ["Ana Ruiz", "ana", "RUIZ", "ana@parcelwick.example"])
async def test_people_are_found_by_any_of_their_names(source: JiraSource, name: str) -> None:
    found = await keys(source, assignee=name, type="bug", status="Done")
    assert set(found) == {
        key
        for key, one in TICKETS.items()
        if (one.assignee, one.type, one.status) == ("ana", "Bug", "Done")
    }


async def test_what_is_open_and_what_nobody_has_is_found(source: JiraSource) -> None:
    found = await keys(source, status="open", projects=["PAY"])
    assert set(found) == {
        key for key, one in TICKETS.items() if key[:3] == "PAY" and one.status != "Done"
    }
    unassigned = {key for key, one in TICKETS.items() if one.assignee is None} - set(CLOSED)
    assert set(await keys(source, assignee="nobody")) == unassigned


@pytest.mark.parametrize(
    "unknown", [{"status": "Half done"}, {"type": "Riddle"}, {"assignee": "Zoe"}]
)
async def test_a_name_that_jira_does_not_know_is_told(
    source: JiraSource, unknown: dict[str, str]
) -> None:
    told = await run_tool(source, "search_jira", keywords="refund", **unknown)
    assert told.is_error
    assert next(iter(unknown)) in told.content


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
async def test_the_search_tool_refuses_bad_arguments(arguments: dict[str, object]) -> None:
    source = source_of("http://127.0.0.1:9")
    assert (await run_tool(source, "search_jira", **arguments)).is_error


@pytest.mark.parametrize("projects", [("pay",), ("PAY", "TRK")])
async def test_only_allowed_projects_are_searched_and_read(
    site: str, projects: tuple[str, ...]
) -> None:
    source = source_of(site, projects, limit=50)
    allowed = {key.casefold() for key in projects}
    for query in ("orders", "canary heron LEGAL-7"):
        for key in await keys(source, keywords=query):
            assert TICKETS[key].project.key.casefold() in allowed
    assert {TICKETS[key].project.key.casefold() for key in await keys(source)} == allowed
    for key, ticket in TICKETS.items():
        if ticket.project.key.casefold() not in allowed:
            with pytest.raises(SourceNotFound):
                await run_tool(source, "read_jira_issue", key=key)
    await source.aclose()


async def test_a_star_allows_all_that_the_account_sees(site: str) -> None:
    source = source_of(site, ("*",), limit=50)
    assert "LEGAL-7" in await keys(source, keywords="canary heron")
    assert set(await keys(source)) == set(TICKETS)
    assert {key.partition("-")[0] for key in await keys(source, projects=["TRK"])} == {"TRK"}
    assert (await run_tool(source, "search_jira", projects=["NONE"])).is_error
    await source.aclose()


async def test_what_cannot_be_found_asks_nobody() -> None:
    source = source_of("http://127.0.0.1:9")
    assert await keys(source, keywords="x", projects=["LEGAL", "OTHER"]) == []
    assert await source.search(" ?!* ") == []
    assert await source.search("") == []


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Runner, JiraSource]]:
    """A server and a source that outlive the single example of a property."""
    with on_a_loop(jira_source()) as held:
        yield held


SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(["relevance", "updated"]),
        "updated_after": st.just("2020-01-01"),
    },
)


@settings(max_examples=3)
@given(hostile_batches('x") OR (project = LEGAL) OR (text ~ "x', "LEGAL-7 canary"), SEARCHES)
@untraced()
def test_no_search_shows_what_is_closed(
    running: tuple[Runner, JiraSource], texts: list[str], arguments: dict[str, object]
) -> None:
    """Over HTTP, through the tool, as a hostile model would call it; see also `test_jql`."""
    runner, source = running
    for text in texts:
        keywords = text[:256] or "canary"
        told = runner.run(run_tool(source, "search_jira", keywords=keywords, **arguments))
        assert not told.is_error
        shown = f"{told.content} {told.found}"
        assert CANARY not in shown
        assert "Legal" not in shown


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
    found, requests = await search_of(
        page(issue("PAY-1"), nextPageToken="T"), page(nextPageToken="U"), page(issue("PAY-2"))
    )
    assert found == ["/browse/PAY-1", "/browse/PAY-2"]
    assert [request.query.get("nextPageToken") for request in requests] == [None, "T", "U"]
    assert len({request.query["jql"] for request in requests}) == 1


async def test_endless_pages_end() -> None:
    found, requests = await search_of(*[page(nextPageToken="T")] * 99)
    assert (found, len(requests)) == ([], MAX_PAGES)


async def test_more_than_the_limit_is_cut() -> None:
    found, _ = await search_of(page(*(issue(f"PAY-{n}") for n in range(1, 9))), limit=3)
    assert len(found) == 3


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
            await run_tool(source, "search_jira", keywords="x")
        await source.aclose()


@pytest.mark.parametrize(("url", "projects"), [("https://x.example", ()), ("x.example", ("PAY",))])
def test_a_wrong_configuration_is_refused(url: str, projects: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        JiraSource(url, "token", projects)


def test_the_tools_say_when_to_use_them() -> None:
    for tool in source_of("http://127.0.0.1:9").tools():
        schema: Any = tool.spec.input_schema
        assert " when " in tool.spec.description
        assert tool.spec.description.count(".") == 1
        assert schema["type"] == "object"
        assert "required" not in schema or tool.spec.name == "read_jira_issue"
        assert "Jira" in tool.spec.activity
