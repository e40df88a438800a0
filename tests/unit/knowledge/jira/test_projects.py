"""Projects that Jira does not have, which it refuses every query for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from kit.jira import issue, keys, page, source_of
from kit.knowledge import run_tool
from kit.loopback import serving
from slackbot.errors import SourceUnavailable
from slackbot.knowledge.jira.projects import LOOK_AGAIN_AFTER

if TYPE_CHECKING:
    from slackbot.knowledge.jira import JiraSource

UNKNOWN = {"event": "jira.projects_unknown", "log_level": "warning"}


class Site:
    """A Jira with these projects, each of which holds one issue; it refuses to search others."""

    def __init__(self, *projects: str) -> None:
        self.projects = set(projects)
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path.removeprefix("/rest/api/3"))
        if "/project/" in request.path:
            key = request.match_info["path"].rpartition("/")[2]
            return web.json_response({"key": key}, status=200 if key in self.projects else 404)
        asked_for = request.query["jql"].partition("project in (")[2].partition(")")[0].split(",")
        wanted = {key.strip('"') for key in asked_for}
        if not wanted <= self.projects or "Half done" in request.query["jql"]:
            return web.json_response({"errorMessages": ["does not exist"]}, status=400)
        return web.json_response(page(*(issue(f"{key}-1") for key in sorted(wanted))))


async def test_a_project_that_jira_does_not_have_is_left_out_and_named_once_in_the_log() -> None:
    site = Site("OPS", "PAY")
    async with serving(site.answer) as origin:
        source = source_of(origin, ("PAY", "NONE", "OPS"))
        with capture_logs() as log:
            for _ in range(3):
                assert await keys(source, keywords="x") == ["OPS-1", "PAY-1"]
            assert await keys(source, projects=["none"]) == []
        await source.aclose()
    assert log == [UNKNOWN | {"projects": ("NONE",)}]
    assert [path for path in site.asked if path.startswith("/project/")] == [
        "/project/PAY",
        "/project/NONE",
        "/project/OPS",
    ]


async def test_a_project_is_searched_once_it_is_there() -> None:
    now = 1_000.0
    site = Site("PAY")
    async with serving(site.answer) as origin:
        source = source_of(origin, ("PAY", "NEW"), clock=lambda: now)
        assert await keys(source) == ["PAY-1"]
        site.projects.add("NEW")
        now += LOOK_AGAIN_AFTER - 1
        assert await keys(source) == ["PAY-1"]
        now += 1
        assert await keys(source) == ["NEW-1", "PAY-1"]
        await source.aclose()


async def test_what_is_still_missing_is_not_said_again() -> None:
    now = 1_000.0
    site = Site("PAY")
    async with serving(site.answer) as origin:
        source = source_of(origin, ("PAY", "NEW"), clock=lambda: now)
        with capture_logs() as log:
            assert await keys(source) == ["PAY-1"]
            now += LOOK_AGAIN_AFTER
            assert await keys(source) == ["PAY-1"]
        await source.aclose()
    assert len(log) == 1


async def test_a_site_with_none_of_the_projects_cannot_be_asked() -> None:
    site = Site("PAY")
    async with serving(site.answer) as origin:
        source = source_of(origin, ("NONE",))
        with pytest.raises(SourceUnavailable, match="JIRA_PROJECTS"):
            await source.search("x")
        await source.aclose()


async def test_another_mistake_is_no_missing_project() -> None:
    async def told(source: JiraSource) -> bool:
        return (await run_tool(source, "search_jira", status="Half done")).is_error

    site = Site("PAY", "OPS")
    async with serving(site.answer) as origin:
        source = source_of(origin, ("PAY", "OPS"))
        with capture_logs() as log:
            assert await told(source)
            assert await told(source)
            assert await keys(source) == ["OPS-1", "PAY-1"]
        await source.aclose()
    assert log == []
    assert sum(path.startswith("/project/") for path in site.asked) == 2
