"""Whatever the source can ask of Jira is in the published description of REST v3, and is read.

Data Center's REST v2, of which there is no description here, gets the same requests but for the
path of a search and `startAt`; see `unit/knowledge/jira/test_deployments.py`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.descriptions import Description
from kit.jira import issue, page, source_of
from kit.knowledge import on_a_loop, run_tool
from kit.loopback import serving
from slackbot.knowledge.jira.arguments import SearchJira
from slackbot.knowledge.jira.wire import Comments, Issue, Issues, Project, Users

if TYPE_CHECKING:
    from asyncio import Runner
    from collections.abc import AsyncIterator, Iterator

    from pydantic import BaseModel

    from slackbot.knowledge.jira import JiraSource


ISSUE = "/rest/api/3/issue/{issueIdOrKey}"


@pytest.fixture(scope="module")
def v3() -> Description:
    """The description."""
    return Description.of("jira-cloud-v3")


@dataclass(frozen=True, slots=True)
class Recorder:
    """A Jira that finds, finds nothing, or refuses, as it is told, and writes down all requests."""

    v3: Description
    asked: list[tuple[str, str]] = field(default_factory=list)

    def check(self) -> None:
        """Fail unless every request is described."""
        for method, url in self.asked:
            self.v3.check_request(method, url)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, str(request.rel_url)))
        if request.path.endswith("/search/jql"):
            if "refused" in request.query["jql"]:
                return web.json_response({"errorMessages": ["refused"]}, status=400)
            if "found" in request.query["jql"]:
                return web.json_response(page(issue(), nextPageToken="Token+/="))
            return web.json_response(page())
        if request.path.endswith("/user/search"):
            return web.json_response([{"accountId": "7:a"}])
        if "/project/" in request.path:
            return web.json_response({"key": "PAY"})
        return web.json_response({"comments": []} if "/comment" in request.path else issue())


@asynccontextmanager
async def recorded(v3: Description) -> AsyncIterator[tuple[Recorder, JiraSource]]:
    recorder = Recorder(v3)
    async with serving(recorder.answer) as origin:
        source = source_of(origin, ("PAY", "ops_2"), limit=2)
        yield recorder, source
        await source.aclose()


@pytest.fixture(scope="module")
def running(v3: Description) -> Iterator[tuple[Runner, tuple[Recorder, JiraSource]]]:
    """A recorder and a source for all examples of a property."""
    with on_a_loop(recorded(v3)) as held:
        yield held


NAMES = st.text(min_size=1, max_size=30)
WORDS = st.lists(st.sampled_from(["found", "PAY-12", "ops_2-3"]) | NAMES, min_size=1).map(" ".join)
SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "keywords": WORDS.map(lambda words: words[:256]),
        "projects": st.lists(st.sampled_from(["PAY", "OPS_2", "LEGAL"]), max_size=3),
        "status": NAMES | st.sampled_from(["open", "refused"]),
        "assignee": NAMES | st.just("nobody"),
        "labels": st.lists(NAMES, max_size=3),
        "type": NAMES,
        "updated_after": st.dates().map(str),
        "order": st.sampled_from(["relevance", "updated"]),
    },
)


def test_the_searches_here_have_every_argument() -> None:
    assert SearchJira.model_fields.keys() == {
        "keywords", "projects", "status", "assignee", "labels", "type", "updated_after", "order"
    }  # fmt: skip


@settings(max_examples=40)
@given(SEARCHES, st.from_regex(r"\A(PAY|ops_2)-[0-9]{1,19}\Z"))
def test_every_request_is_described(
    running: tuple[Runner, tuple[Recorder, JiraSource]], arguments: dict[str, Any], key: str
) -> None:
    runner, (recorder, source) = running
    recorder.asked.clear()
    runner.run(run_tool(source, "search_jira", **arguments))
    runner.run(run_tool(source, "read_jira_issue", key=key))
    assert len(recorder.asked) >= 2
    recorder.check()


def test_projects_that_may_be_missing_are_asked_for_as_described(v3: Description) -> None:
    with on_a_loop(recorded(v3)) as (runner, (recorder, source)):
        runner.run(
            run_tool(source, "search_jira", status="refused", assignee="Ana", projects=["PAY"])
        )
    asked = [url for _, url in recorder.asked]
    assert "/rest/api/3/project/PAY" in asked
    assert "/rest/api/3/user/search?query=Ana&maxResults=10" in asked
    recorder.check()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/rest/api/3/search/jql", Issues),
        (ISSUE, Issue),
        (f"{ISSUE}/comment", Comments),
        ("/rest/api/3/project/{projectIdOrKey}", Project),
        ("/rest/api/3/user/search", Users),
    ],
)
def test_the_answers_that_are_shown_are_read(
    v3: Description, path: str, answer: type[BaseModel]
) -> None:
    answer.model_validate(v3.example(path))


def test_what_is_read_of_an_issue_is_what_it_says(v3: Description) -> None:
    shown = v3.example(ISSUE)
    read = Issue.model_validate(shown)
    assert read.key == shown["key"]
    assert read.fields.project is not None
    assert read.fields.project.name == shown["fields"]["project"]["name"]
    assert [link.type.outward for link in read.fields.links] == [
        link["type"]["outward"] for link in shown["fields"]["issuelinks"]
    ]
    (comment,) = Comments.model_validate(v3.example(f"{ISSUE}/comment")).comments
    assert comment.visibility is not None
    (user,) = Users.model_validate(v3.example("/rest/api/3/user/search")).root[:1]
    assert user.account_id == v3.example("/rest/api/3/user/search")[0]["accountId"]
