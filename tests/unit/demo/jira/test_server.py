"""The sample Jira: its JQL, its ranking, and answers shaped as Jira Cloud's."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from contract.descriptions import Description
from slackbot.demo.company.tickets import OPEN_PROJECTS, PROJECTS, Link, tickets
from slackbot.demo.jira.search import JiraIndex, account_id, issue_id
from slackbot.demo.jira.server import JiraServer
from slackbot.demo.query import QueryError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EMAIL, TOKEN = "bot@parcelwick.example", "token"
TICKETS = {ticket.key: ticket for ticket in tickets()}
INDEX = JiraIndex(TICKETS.values())
SEARCH = "/rest/api/3/search/jql"

Json = dict[str, Any]


@pytest.fixture
async def site() -> AsyncIterator[str]:
    server = JiraServer(TICKETS.values(), email=EMAIL, token=TOKEN)
    yield await server.start()
    await server.stop()


async def ask(
    url: str, *, token: str = TOKEN, body: str | None = None, **params: str
) -> tuple[int, Json]:
    account = base64.b64encode(f"{EMAIL}:{token}".encode()).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {account}"}) as session,
        session.request("GET" if body is None else "POST", url, params=params, data=body) as answer,
    ):
        return answer.status, json.loads(await answer.text())


def keys(jql: str) -> list[str]:
    return [ticket.key for ticket in INDEX.search(jql)]


@pytest.mark.parametrize(
    ("jql", "first"),
    [
        ('text ~ "charged twice"', "PAY-312"),
        ('text ~ "clock change"', "TRK-214"),
        ('text ~ "glyphs" OR text ~ "label"', "PLAT-164"),
        ('text ~ "\\"moved label printer\\""', "PLAT-164"),
        ('summary ~ "certificate"', "PLAT-152"),
        ('comment ~ "screenshot"', "PLAT-152"),
        ("issuekey = pay-312", "PAY-312"),
        (f"id = {issue_id(TICKETS['PAY-312'])}", "PAY-312"),
    ],
)
def test_the_most_relevant_issue_comes_first(jql: str, first: str) -> None:
    assert keys(jql)[0] == first


def test_all_words_have_to_stand_in_one_field() -> None:
    assert keys('text ~ "hall Łódź"') == []
    assert keys('text ~ "hall" AND text ~ "Łódź"') == ["PLAT-164"]


@pytest.mark.parametrize(
    ("jql", "projects"),
    [
        ("project = PAY", {"PAY"}),
        ("project = Tracking", {"TRK"}),
        (f'project in ("pay", {PROJECTS[1].id})', {"PAY", "TRK"}),
        ("project not in (PAY, TRK)", {"PLAT", "LEGAL"}),
        ('text ~ "zebra" OR "project" = LEGAL', {"LEGAL"}),
        ("project IS EMPTY", set()),
        ("project IS NOT EMPTY && NOT project in (PAY, TRK, PLAT)", {"LEGAL"}),
    ],
)
def test_clauses_narrow_and_widen(jql: str, projects: set[str]) -> None:
    assert {ticket.project.key for ticket in INDEX.search(jql)} == projects


@pytest.mark.parametrize(
    "jql",
    [
        'assignee = "Ana Ruiz" AND status = done AND issuetype = Bug',
        f'assignee = "{account_id("ana")}" AND status = Done AND type = Bug',
        'assignee = "ana@parcelwick.example" AND status in (Done) AND type = Bug',
    ],
)
def test_people_go_by_name_id_or_address(jql: str) -> None:
    assert set(keys(jql)) == {
        key
        for key, ticket in TICKETS.items()
        if (ticket.assignee, ticket.status, ticket.type) == ("ana", "Done", "Bug")
    }


def test_labels_and_unassigned_issues_are_found() -> None:
    assert set(keys("labels in (incident, nowhere)")) == {
        key for key, ticket in TICKETS.items() if "incident" in ticket.labels
    }
    assert set(keys("assignee IS EMPTY")) == {
        key for key, ticket in TICKETS.items() if ticket.assignee is None
    }


def test_every_status_is_one_of_three_kinds() -> None:
    to_do, done = set(keys('statusCategory = "To Do"')), set(keys("statusCategory = Done"))
    under_way = set(keys('statusCategory = "In Progress"'))
    assert done == {key for key, one in TICKETS.items() if one.status == "Done"}
    assert set(keys("statusCategory != Done")) == to_do | under_way
    assert TICKETS["PAY-319"].status == "In Review"
    assert "PAY-319" in under_way


def test_dates_compare() -> None:
    after = {key for key, one in TICKETS.items() if one.updated.isoformat() >= "2026-11-01"}
    assert set(keys('updated >= "2026-11-01"')) == after
    assert set(keys("updated < 2026-11-01")) == TICKETS.keys() - after
    assert keys('created > "2030/01/01 10:00"') == []


def test_results_can_be_ordered() -> None:
    everything = "project IS NOT EMPTY ORDER BY"
    newest = INDEX.search(f"{everything} updated DESC")
    assert newest == sorted(newest, key=lambda ticket: ticket.updated, reverse=True)
    by_key = [int(key.removeprefix("TRK-")) for key in keys("project = TRK ORDER BY key")]
    assert by_key == sorted(by_key)
    by_summary = INDEX.search(f"{everything} summary, created DESC")
    assert by_summary == sorted(by_summary, key=lambda ticket: ticket.summary)
    assert INDEX.search("project = PAY")[0].created >= INDEX.search("project = PAY")[-1].created


@pytest.mark.parametrize(
    "jql",
    [
        "",
        "ORDER BY created",
        "project = NOPE",
        'project = PAY OR status = "Half done"',
        'assignee = "Nobody Known"',
        "issuekey = PAY-1",
        'text = "x"',
        'nonsense ~ "x"',
        "colour = red",
        "updated = 2026-01-01",
        "updated >= yesterday",
        "summary IS EMPTY",
        "project = PAY ORDER BY mood",
        r'text ~ "\"open"',
    ],
)
def test_what_jira_would_refuse_is_refused(jql: str) -> None:
    with pytest.raises(QueryError):
        INDEX.search(jql)


async def test_pages_of_results_follow_their_tokens(site: str) -> None:
    seen: list[str] = []
    params = {"jql": "project = PAY", "maxResults": "3", "fields": "summary"}
    while True:
        status, body = await ask(f"{site}{SEARCH}", **params)
        assert status == 200
        seen += [issue["key"] for issue in body["issues"]]
        assert body["isLast"] == ("nextPageToken" not in body)
        if body["isLast"]:
            break
        params["nextPageToken"] = body["nextPageToken"]
    assert seen == keys("project = PAY")


async def test_a_search_by_post_finds_the_same(site: str) -> None:
    body = json.dumps({"jql": "project = TRK", "maxResults": 2, "fields": ["summary", "status"]})
    _, posted = await ask(f"{site}{SEARCH}", body=body)
    _, got = await ask(
        f"{site}{SEARCH}", jql="project = TRK", maxResults="2", fields="summary,status"
    )
    assert posted == got
    assert set(posted["issues"][0]["fields"]) == {"summary", "status"}


async def test_only_ids_come_unless_fields_are_asked_for(site: str) -> None:
    _, body = await ask(f"{site}{SEARCH}", jql="issuekey = PAY-312")
    assert body == {"issues": [{"id": issue_id(TICKETS["PAY-312"])}], "isLast": True}


@pytest.mark.parametrize(
    "params",
    [
        {"jql": "order by created"},
        {"jql": "project = NOPE"},
        {"jql": "project = PAY", "maxResults": "many"},
        {"jql": "project = PAY", "nextPageToken": "x"},
        {"jql": "project = PAY", "nextPageToken": "eHg="},
    ],
)
async def test_a_bad_search_is_answered_as_jira_does(site: str, params: dict[str, str]) -> None:
    status, body = await ask(f"{site}{SEARCH}", **params)
    assert status == 400
    assert body["errorMessages"]
    assert (await ask(f"{site}{SEARCH}", body="no JSON"))[0] == 400


@pytest.mark.parametrize("path", [f"{SEARCH}?jql=project=PAY", "/rest/api/3/issue/PAY-312"])
async def test_a_wrong_token_is_refused(site: str, path: str) -> None:
    assert (await ask(f"{site}{path}", token="wrong"))[0] == 401


async def test_an_issue_is_read_by_key_in_any_case_or_by_id(site: str) -> None:
    for name in ("PAY-312", "pay-312", issue_id(TICKETS["PAY-312"])):
        _, issue = await ask(f"{site}/rest/api/3/issue/{name}")
        assert issue["key"] == "PAY-312"
    assert issue["fields"]["assignee"]["displayName"] == "Ana Ruiz"
    _, some = await ask(f"{site}/rest/api/3/issue/PAY-312", fields="labels")
    assert some["fields"] == {"labels": ["incident", "idempotency"]}
    assert (await ask(f"{site}/rest/api/3/issue/PAY-1"))[0] == 404
    assert (await ask(f"{site}/rest/api/3/issue/PAY-1/comment"))[0] == 404


async def test_links_say_what_they_are_from_this_end(site: str) -> None:
    for key, ticket in TICKETS.items():
        _, issue = await ask(f"{site}/rest/api/3/issue/{key}", fields="issuelinks")
        told = [
            Link(link["type"][end], link[f"{end}Issue"]["key"])
            for link in issue["fields"]["issuelinks"]
            for end in ("inward", "outward")
            if f"{end}Issue" in link
        ]
        assert tuple(told) == ticket.links


async def test_parts_and_their_whole_name_each_other(site: str) -> None:
    _, part = await ask(f"{site}/rest/api/3/issue/PAY-348", fields="parent,subtasks,issuetype")
    _, whole = await ask(f"{site}/rest/api/3/issue/PAY-319", fields="parent,subtasks,fixVersions")
    _, epic = await ask(f"{site}/rest/api/3/issue/PAY-280", fields="subtasks")
    assert part["fields"]["parent"]["key"] == "PAY-319"
    assert part["fields"]["issuetype"]["subtask"]
    assert [one["key"] for one in whole["fields"]["subtasks"]] == ["PAY-348", "PAY-349"]
    assert "parent" not in whole["fields"]
    assert epic["fields"]["subtasks"] == []


async def test_a_project_is_there_or_not(site: str) -> None:
    for key, status in (("PAY", 200), ("legal", 200), ("NOPE", 404)):
        assert (await ask(f"{site}/rest/api/3/project/{key}"))[0] == status


async def test_people_are_found_by_the_beginnings_of_their_names(site: str) -> None:
    async def found(query: str, **params: str) -> list[str]:
        people: Any = (await ask(f"{site}/rest/api/3/user/search", query=query, **params))[1]
        return [person["displayName"] for person in people]

    for name in ("ana", "Ana Ruiz", "ANA@parcel"):
        assert await found(name) == ["Ana Ruiz"]
    assert await found("okafor") == ["Ben Okafor"]
    assert await found("zoe") == []
    assert len(await found("s", maxResults="1")) == 1
    assert (await ask(f"{site}/rest/api/3/user/search"))[0] == 400


async def test_the_account_sees_the_closed_project(site: str) -> None:
    """So that it is the bot's own list that keeps it closed."""
    status, body = await ask(f"{site}{SEARCH}", jql="project = LEGAL", fields="project")
    assert (status, body["issues"][0]["fields"]["project"]["key"]) == (200, "LEGAL")


async def test_comments_come_in_the_order_asked_for(site: str) -> None:
    url = f"{site}/rest/api/3/issue/PAY-312/comment"
    _, oldest = await ask(url)
    _, newest = await ask(url, orderBy="-created", maxResults="2")
    total = len(TICKETS["PAY-312"].comments)
    assert (oldest["total"], newest["total"], len(newest["comments"])) == (total, total, 2)
    assert newest["comments"] == oldest["comments"][::-1][:2]
    _, rest = await ask(url, startAt="1")
    assert rest["comments"] == oldest["comments"][1:]
    assert (await ask(url, orderBy="mood"))[0] == 400
    assert (await ask(url, startAt="x"))[0] == 400


async def test_answers_are_as_the_published_description_says(site: str) -> None:
    v3 = Description.of("jira-cloud-v3")
    _, found = await ask(f"{site}{SEARCH}", jql="project = PAY", fields="*all", maxResults="5")
    assert len(found["issues"]) == 5
    v3.check_answer(SEARCH, found)
    for key in TICKETS:
        _, issue = await ask(f"{site}/rest/api/3/issue/{key}")
        v3.check_answer("/rest/api/3/issue/{issueIdOrKey}", issue)
        _, comments = await ask(f"{site}/rest/api/3/issue/{key}/comment")
        v3.check_answer("/rest/api/3/issue/{issueIdOrKey}/comment", comments)
    _, project = await ask(f"{site}/rest/api/3/project/PAY")
    v3.check_answer("/rest/api/3/project/{projectIdOrKey}", project)
    people: Any = (await ask(f"{site}/rest/api/3/user/search", query="a"))[1]
    v3.check_answer("/rest/api/3/user/search", people)


async def test_people_can_open_what_the_bot_links_to() -> None:
    open_ticket, closed = TICKETS["PAY-312"], TICKETS["LEGAL-7"]
    linked = replace(open_ticket, links=(Link("relates to", "LEGAL-7"),))
    server = JiraServer([linked, closed], email=EMAIL, token=TOKEN)
    site = await server.start()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{site}/browse/PAY-312") as response:
            page = await response.text()
            assert response.status == 200
            assert "Orders charged twice" in page
            assert "charge_key()" in page
            assert "fixed in 2026.37.3" in page
            assert "LEGAL" not in page
        for hidden in ("LEGAL-7", "PAY-1"):
            async with session.get(f"{site}/browse/{hidden}") as response:
                assert response.status == 404
    await server.stop()


async def test_stopping_before_starting_does_nothing() -> None:
    await JiraServer([], email=EMAIL, token=TOKEN).stop()


def test_every_project_has_tickets() -> None:
    assert {ticket.project for ticket in TICKETS.values()} == set(PROJECTS)
    assert "LEGAL" not in OPEN_PROJECTS


async def test_an_account_may_read_and_nothing_else(site: str) -> None:
    url = f"{site}/rest/api/3/mypermissions"
    status, told = await ask(url, permissions="BROWSE_PROJECTS,EDIT_ISSUES")
    may: Any = told["permissions"]
    assert status == 200
    assert {name: one["havePermission"] for name, one in may.items()} == {
        "BROWSE_PROJECTS": True,
        "EDIT_ISSUES": False,
    }
    assert (await ask(url))[0] == 400
    assert (await ask(url, token="wrong", permissions="BROWSE_PROJECTS"))[0] == 401
