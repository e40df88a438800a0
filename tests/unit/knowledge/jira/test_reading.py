"""Reading an issue: what of it is shown, how much, and what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from inline_snapshot import snapshot

from kit.jira import TICKETS, Json, issue, jira_source, source_of
from kit.knowledge import CANARY, run_tool
from kit.loopback import serving
from slackbot.demo.company.tickets import Link, Ticket
from slackbot.errors import SourceNotFound
from slackbot.knowledge.jira.api import MAX_COMMENTS
from slackbot.knowledge.jira.documents import MAX_COMMENT_CHARACTERS, MAX_DESCRIPTION_CHARACTERS
from slackbot.knowledge.jira.source import MAX_ISSUE_CHARACTERS

if TYPE_CHECKING:
    from slackbot.knowledge.jira import JiraSource
    from slackbot.messages import ToolResult


async def test_reads_an_issue_as_markdown(source: JiraSource, site: str) -> None:
    told = await run_tool(source, "read_jira_issue", key="plat-164")
    (found,) = told.found
    assert (told.content, found.read_more) == ("", None)
    assert found.title == "PLAT-164: label-printer: glyphs missing in image 2026.42.2"
    assert found.url == f"{site}/browse/PLAT-164"
    assert found.container == "Platform"
    lines = found.content.split("\n")
    assert lines[:8] == [
        "- Type: Bug",
        "- Status: Done",
        "- Priority: High",
        "- Assignee: Ben Okafor",
        "- Reporter: Ben Okafor",
        "- Labels: label-printer, images",
        "- Fix versions: 2026.43.3",
        "- Created: 2026-10-22",
    ]
    assert [line for line in lines if line.startswith("#")] == [
        "## Description",
        "## Comments, the latest first",
        "### Ben Okafor, 2026-10-27",
        "### Lena Brandt, 2026-10-22",
        "### Ben Okafor, 2026-10-22",
    ]
    assert "The slim one comes without `fonts-noto-core`." in found.content


async def test_the_company_writes_panels_tables_and_tasks(source: JiraSource) -> None:
    async def text_of(key: str) -> str:
        return (await run_tool(source, "read_jira_issue", key=key)).found[0].content

    assert "> **Warning**\n>\n> The replica may be" in await text_of("PAY-349")
    assert "| Bookings a second | p95 of checkout |  |\n| --- |" in await text_of("PLAT-170")
    assert "- [x] An alert at 70 %" in await text_of("TRK-231")
    assert "[attachment: red-circle.png]" in await text_of("PAY-326")


async def test_a_part_names_the_whole_and_the_whole_its_parts(source: JiraSource) -> None:
    part = await run_tool(source, "read_jira_issue", key="PAY-348")
    whole = await run_tool(source, "read_jira_issue", key="PAY-319")
    assert (
        "## Parent\n\n- PAY-319: Alert when one order has two charges within an hour (In Review)"
    ) in part.found[0].content
    assert (
        "## Subtasks\n\n- PAY-348: Index on the ledger by order and time (To Do)\n- PAY-349:"
    ) in whole.found[0].content


async def test_links_are_told_but_for_those_that_are_closed() -> None:
    links = (Link("causes", "PAY-319"), Link("is blocked by", "LEGAL-7"))
    linked = replace(TICKETS["PAY-312"], links=links)
    async with jira_source({**TICKETS, "PAY-312": linked}.values()) as source:
        told = await run_tool(source, "read_jira_issue", key="PAY-312")
    assert "- causes PAY-319: Alert when one order has two charges" in told.found[0].content
    assert "LEGAL" not in told.found[0].content


def long_ticket(paragraphs: int, comments: int) -> Ticket:
    template = TICKETS["PAY-312"]
    comment, words = template.comments[0], "x " * 1500
    return replace(
        template,
        links=(),
        description="\n\n".join(f"paragraph {n} {'word ' * 100}" for n in range(paragraphs)),
        comments=tuple(replace(comment, body=f"comment {n} {words}") for n in range(comments)),
    )


async def test_a_long_issue_is_capped_and_says_where_the_rest_is() -> None:
    async with jira_source([long_ticket(30, MAX_COMMENTS + 5)]) as source:
        told = await run_tool(source, "read_jira_issue", key="PAY-312")
    content = told.found[0].content
    assert len(content) <= MAX_ISSUE_CHARACTERS
    assert "older comments are left out, and can be read in Jira" in told.content
    description, comments = content.split("## Comments, the latest first (5 older ones left out)")
    assert MAX_DESCRIPTION_CHARACTERS / 2 < len(description) < MAX_DESCRIPTION_CHARACTERS + 500
    assert "characters; the rest can be read in Jira.)*" in description
    assert 1_000 < len(comments.split("### ")[1]) < MAX_COMMENT_CHARACTERS + 200


@pytest.mark.parametrize(
    "key", ["", "PAY", "PAY-", "PAY-x", "PAY-1/..", "PAY-1\n", "12", "-1", None]
)
async def test_a_key_is_a_key(key: str | None) -> None:
    source = source_of("http://127.0.0.1:9")
    assert (await run_tool(source, "read_jira_issue", key=key)).is_error


async def test_a_closed_issue_cannot_be_told_from_one_that_is_missing(source: JiraSource) -> None:
    texts = set()
    for key in ("LEGAL-7", "LEGAL-999", "PAY-999"):
        with pytest.raises(SourceNotFound) as caught:
            await run_tool(source, "read_jira_issue", key=key)
        texts.add((str(caught.value), type(caught.value)))
    assert len(texts) == 1


async def read(shown: Json, *comments: Json, status: int = 200) -> ToolResult:
    """Read PAY-1 from a server that answers with this issue and these comments."""

    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/comment"):
            return web.json_response({"comments": comments, "total": len(comments)})
        return web.json_response(shown, status=status)

    async with serving(handler) as origin:
        source = source_of(origin, ("PAY",))
        try:
            return await run_tool(source, "read_jira_issue", key="PAY-1")
        finally:
            await source.aclose()


@pytest.mark.parametrize("status", [403, 404])
async def test_denied_and_missing_read_the_same(status: int) -> None:
    with pytest.raises(SourceNotFound, match="no such issue, or none that may be shown"):
        await read(issue(), status=status)


async def test_an_issue_that_was_moved_counts_where_it_is_now() -> None:
    with pytest.raises(SourceNotFound, match="no such issue"):
        await read(issue("LEGAL-9", summary=CANARY))


async def test_an_issue_with_hardly_any_field_is_shown() -> None:
    told = await read(issue(summary="S\u202e\nT", assignee={}))
    (found,) = told.found
    assert (found.title, found.content) == (
        "PAY-1: S T",
        "- Assignee: nobody\n- Reporter: unknown",
    )


async def test_whatever_is_related_is_told_as_far_as_it_may_be() -> None:
    def related(key: str, summary: str) -> Json:
        return {"key": key, "fields": {"summary": summary, "status": {"name": "Done"}}}

    body = {"type": "doc", "content": [{"type": "text", "text": "Seen."}]}
    told = await read(
        issue(
            fixVersions=[{"name": "2026.1"}, {"name": "2026.2\n# x"}],
            parent=related("LEGAL-1", CANARY),
            subtasks=[related("PAY-2", "Part"), related("LEGAL-3", CANARY), {"key": "PAY-4"}],
        ),
        {
            "author": {"displayName": "Ana\n# Ruiz"},
            "created": "2026-10-19T08:40:00.000+0000",
            "body": body,
        },
        {"author": None, "body": body},
        {"author": {"displayName": "Sam"}, "body": CANARY, "visibility": {"type": "role"}},
    )
    assert told.found[0].content == snapshot("""\
- Assignee: nobody
- Reporter: unknown
- Fix versions: 2026.1, 2026.2 # x

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
    hidden = {"body": CANARY, "visibility": {"type": "role", "value": "Administrators"}}
    told = await read(issue(), hidden)
    assert told.found[0].content == "- Assignee: nobody\n- Reporter: unknown"
