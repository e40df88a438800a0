"""Where Jira is asked, and how: Cloud with either kind of token, and Data Center."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from inline_snapshot import snapshot

from kit.jira import Json, issue, keys, page, source_of
from kit.knowledge import answer, run_tool
from kit.loopback import serving
from slackbot.errors import SourceUnauthorized, SourceUnavailable
from slackbot.knowledge.atlassian import Account
from slackbot.knowledge.jira.wire import READ_FIELDS, SEARCH_FIELDS

if TYPE_CHECKING:
    from slackbot.knowledge.jira import JiraSource

CLOUD_ID = "1324a887-45db-1bf4-1e99-ef0ff456d421"
BASIC = "Basic Ym90QHBhcmNlbHdpY2suZXhhbXBsZTp0b2tlbg=="


class Recorder:
    """A server that writes down what it is asked for, and by whom."""

    def __init__(self, **answers: Json | list[Json]) -> None:
        self._answers = answers
        self.asked: list[tuple[str, str | None]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path_qs, request.headers.get("Authorization")))
        name = request.path.rpartition("/")[2].replace("-", "_")
        return web.json_response(self._answers.get(name, {}))


async def use(source: JiraSource) -> None:
    await run_tool(source, "search_jira", keywords="x")
    await run_tool(source, "read_jira_issue", key="PAY-1")
    await source.aclose()


@pytest.mark.parametrize(
    ("site", "email", "scoped", "cloud"),
    [
        ("https://acme.atlassian.net", None, False, True),
        ("https://ACME.atlassian.net/", None, False, True),
        ("https://jira.acme.example", "bot@acme.example", False, True),
        ("https://jira.acme.example", None, True, True),
        ("https://jira.acme.example", None, False, False),
        ("https://atlassian.net.acme.example", None, False, False),
        ("no address", None, False, False),
    ],
)
def test_the_settings_tell_the_cloud_from_data_center(
    site: str, email: str | None, scoped: bool, cloud: bool
) -> None:
    assert Account(token="t", email=email, scoped=scoped).is_of_cloud(site) == cloud


def test_an_account_shows_no_token() -> None:
    assert "hidden" not in repr(Account(token="hidden"))


async def test_a_classic_token_goes_to_the_site_itself() -> None:
    site = Recorder(jql=page(), comment={"comments": []}, PAY_1=issue())
    async with serving(site.answer) as origin:
        await use(source_of(f"{origin}/", ("PAY",)))
    assert {sender for _, sender in site.asked} == {BASIC}
    assert {path.partition("?")[0] for path, _ in site.asked} == {
        "/rest/api/3/search/jql",
        "/rest/api/3/issue/PAY-1",
        "/rest/api/3/issue/PAY-1/comment",
    }


@pytest.mark.parametrize(
    ("email", "sender"), [("bot@parcelwick.example", BASIC), (None, "Bearer token")]
)
async def test_a_token_with_scopes_goes_to_the_gateway_alone(
    email: str | None, sender: str
) -> None:
    site = Recorder(tenant_info={"cloudId": CLOUD_ID})
    gateway = Recorder(jql=page(issue()), comment={"comments": []}, PAY_1=issue())
    async with serving(site.answer) as origin, serving(gateway.answer) as api:
        source = source_of(origin, ("PAY",), email=email, scoped=True, gateway=api)
        (found,) = await source.search("x")
        await use(source)
    assert found.url == f"{origin}/browse/PAY-1"
    assert site.asked == [("/_edge/tenant_info", None)]
    assert {who for _, who in gateway.asked} == {sender}
    assert all(path.startswith(f"/ex/jira/{CLOUD_ID}/rest/api/3/") for path, _ in gateway.asked)


@pytest.mark.parametrize(
    ("status", "tenant"),
    [(200, {}), (200, {"cloudId": "../../x"}), (200, {"cloudId": None}), (404, {})],
)
async def test_without_a_cloud_id_nobody_is_asked(status: int, tenant: Json) -> None:
    site, gateway = answer(status, tenant), Recorder()
    async with serving(site) as origin, serving(gateway.answer) as api:
        source = source_of(origin, ("PAY",), scoped=True, gateway=api)
        for tool, arguments in (
            ("search_jira", {"keywords": "x"}),
            ("read_jira_issue", {"key": "PAY-1"}),
        ):
            with pytest.raises(SourceUnavailable):
                await run_tool(source, tool, **arguments)
        await source.aclose()
    assert gateway.asked == []


WIKI = """\
h2. Steps
# Open [the page|https://x.example/a], *not* {{/b}}
# Wait

{code:java}
int x = 1;
{code}
"""


async def test_data_center_is_asked_in_its_own_words() -> None:
    answers: dict[str, Json | list[Json]] = {
        "search": {"issues": [issue(description=WIKI)], "total": 1},
        "PAY_1": issue(description=WIKI, reporter={"displayName": "Ana Ruiz"}),
        "comment": {"comments": [{"body": "Seen, [~ben]."}], "total": 1},
    }
    site = Recorder(**answers)
    async with serving(site.answer) as origin:
        source = source_of(f"{origin}/jira", ("PAY",), email=None)
        (found,) = await source.search("x")
        told = await run_tool(source, "read_jira_issue", key="PAY-1")
        await source.aclose()
    assert found.url == f"{origin}/jira/browse/PAY-1"
    assert {sender for _, sender in site.asked} == {"Bearer token"}
    asked = [urlsplit(path) for path, _ in site.asked]
    assert [one.path.removeprefix("/jira/rest/api/2") for one in asked] == [
        "/search",
        "/issue/PAY-1",
        "/issue/PAY-1/comment",
    ]
    assert parse_qs(asked[0].query) == {
        "jql": ['text ~ "x" AND project in ("PAY")'],
        "maxResults": ["10"],
        "fields": [SEARCH_FIELDS],
    }
    assert parse_qs(asked[1].query) == {"fields": [READ_FIELDS]}
    assert parse_qs(asked[2].query) == {"orderBy": ["-created"], "maxResults": ["20"]}
    assert told.found[0].content == snapshot("""\
- Assignee: nobody
- Reporter: Ana Ruiz

## Description

### Steps

1. Open [the page](https://x.example/a), **not** `/b`
2. Wait

```java
int x = 1;
```

## Comments, the latest first

### Someone

Seen, @ben.\
""")


async def test_data_center_is_read_page_by_page() -> None:
    starts: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        start = int(request.query.get("startAt", "0"))
        starts.append(request.query.get("startAt", ""))
        found = [issue(f"PAY-{n}") for n in range(start + 1, min(start + 2, 5) + 1)]
        return web.json_response({"startAt": start, "maxResults": 2, "total": 5, "issues": found})

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",), email=None)
        assert await keys(source) == [f"PAY-{n}" for n in range(1, 6)]
        await source.aclose()
    assert starts == ["", "2", "4"]


@pytest.mark.parametrize(
    ("email", "path", "person", "clause"),
    [
        ("bot@x.example", "/rest/api/3/user/search?query=Ana", {"accountId": "7:a"}, '("7:a")'),
        (None, "/rest/api/2/user/search?username=Ana", {"name": "aruiz"}, '("aruiz")'),
    ],
)
async def test_people_are_looked_up_where_jql_knows_them_by_an_id(
    email: str | None, path: str, person: Json, clause: str
) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        if "/user/" in request.path:
            return web.json_response([person, {"displayName": "Without an id"}])
        asked.append(request.query["jql"])
        return web.json_response(page())

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",), email=email)
        assert await keys(source, assignee="Ana") == []
        await source.aclose()
    assert asked[0] == f"{path}&maxResults=10"
    assert f"assignee in {clause}" in asked[-1]


async def test_people_go_by_their_names_where_they_may_not_be_looked_up() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        if "/user/" in request.path:
            return web.json_response({}, status=403)
        asked.append(request.query["jql"])
        return web.json_response(page())

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        assert await keys(source, assignee="Ana Ruiz") == []
        await source.aclose()
    assert 'assignee in ("Ana Ruiz")' in asked[0]


@pytest.mark.parametrize(("email", "version"), [("bot@acme.example", 3), (None, 2)])
async def test_a_check_asks_whether_any_project_may_be_seen(
    email: str | None, version: int
) -> None:
    may = {"permissions": {"BROWSE_PROJECTS": {"key": "BROWSE_PROJECTS", "havePermission": True}}}
    recorder = Recorder(mypermissions=may)
    async with serving(recorder.answer) as site:
        source = source_of(site, email=email)
        await source.check()
        await source.aclose()
    asked = [path for path, _ in recorder.asked]
    assert asked == [f"/rest/api/{version}/mypermissions?permissions=BROWSE_PROJECTS"]


@pytest.mark.parametrize("told", [{"BROWSE_PROJECTS": {"havePermission": False}}, {}])
async def test_a_bad_token_that_jira_takes_for_anybody_fails_the_check(told: Json) -> None:
    async with serving(answer(200, {"permissions": told})) as site:
        source = source_of(site)
        with pytest.raises(SourceUnauthorized):
            await source.check()
        await source.aclose()
