"""The sample company's documents are whole, agree with each other, and ship with the package."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.parsers import expat

import pytest

from kit.documents import Document, all_documents
from slackbot.demo.company.discussions import OPEN_ROOMS, ROOMS, Discussion, discussions
from slackbot.demo.company.people import EMPLOYEE, SEATS
from slackbot.demo.company.repositories import (
    OPEN_REPOSITORIES,
    REPOSITORIES,
    Change,
    ChangedFile,
    Issue,
    SourceFile,
    issues,
    source_files,
)
from slackbot.demo.company.tickets import OPEN_PROJECTS, PROJECTS, Ticket, tickets
from slackbot.demo.company.wiki import OPEN_SPACES, SPACES, Page, confluence_pages
from slackbot.knowledge.text.storage import storage_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = confluence_pages()
TICKETS = tickets()
ISSUES = issues()
CHANGES = [(issue, issue.change) for issue in ISSUES if issue.change is not None]
FILES = source_files()
DISCUSSIONS = discussions()
DOCUMENTS = all_documents()
CANARY = "canary-heron-4471"
STAFF = {name for name, employee in EMPLOYEE.items() if not employee.guest}
LAST_DAY = datetime(2026, 11, 20, tzinfo=UTC)

FLOORS = {"confluence": 20, "jira": 16, "github": 21, "slack": 16}
"""How many documents of each source are open, at least; 60 in all is what was promised."""

BACK = {
    "duplicates": "is duplicated by",
    "causes": "is caused by",
    "blocks": "is blocked by",
    "relates to": "relates to",
}


def title_of(document: Document) -> str:
    return document.name


def test_each_source_has_enough_to_find() -> None:
    counts = Counter(document.source for document in DOCUMENTS if not document.closed)
    assert counts.keys() == FLOORS.keys()
    assert all(counts[source] >= floor for source, floor in FLOORS.items())
    assert counts.total() >= 72


def test_no_two_documents_have_the_same_name() -> None:
    names = Counter(document.name for document in DOCUMENTS)
    assert [name for name, count in names.items() if count > 1] == []
    assert len({page.title for page in PAGES}) == len(PAGES)


def test_there_is_something_in_every_container() -> None:
    assert {page.space for page in PAGES} == set(SPACES)
    assert {ticket.project for ticket in TICKETS} == set(PROJECTS)
    assert {issue.repository for issue in ISSUES} == set(REPOSITORIES)
    assert {file.repository for file in FILES} == set(REPOSITORIES)
    assert {discussion.room for discussion in DISCUSSIONS} == set(ROOMS)


def test_each_source_has_one_closed_container() -> None:
    assert OPEN_SPACES == ("OPS", "ENG", "PEOPLE")
    assert OPEN_PROJECTS == ("PAY", "TRK", "PLAT")
    assert [name.partition("/")[2] for name in OPEN_REPOSITORIES] == [
        "payments-api",
        "tracking-api",
        "platform",
    ]
    assert "leads" not in OPEN_ROOMS
    assert len(OPEN_ROOMS) == len(ROOMS) - 1


@pytest.mark.parametrize("document", DOCUMENTS, ids=title_of)
def test_the_canary_lives_in_closed_containers_and_in_all_that_they_hold(
    document: Document,
) -> None:
    assert (CANARY in document.title + document.text) == document.closed


def test_there_are_issues_and_pull_requests_in_every_state() -> None:
    assert len(CHANGES) >= 7
    assert len(ISSUES) - len(CHANGES) >= 6
    merged = {(issue.state, change.merged is not None) for issue, change in CHANGES}
    assert merged == {("open", False), ("closed", False), ("closed", True)}
    assert {issue.state for issue in ISSUES if issue.change is None} == {"open", "closed"}
    states = {review.state for _, change in CHANGES for review in change.reviews}
    assert states == {"APPROVED", "CHANGES_REQUESTED", "COMMENTED"}


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


def mentioned(document: Document) -> Iterator[str]:
    """Yield the names of the documents that a document speaks of by key or number."""
    for key in re.findall(r"\b(?:PAY|TRK|PLAT|LEGAL)-\d+\b", document.text):
        yield f"jira:{key}"
    for name, number in re.findall(r"([\w-]*)#(\d+)\b", document.text):
        repository = f"parcelwick/{name}" if name else document.name.partition(":")[2]
        yield f"github:{repository.partition('#')[0]}#{number}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=title_of)
def test_whatever_a_document_mentions_exists(document: Document) -> None:
    assert set(mentioned(document)) <= {other.name for other in DOCUMENTS}
    decisions = {page.title.partition(":")[0] for page in PAGES}
    assert set(re.findall(r"Decision \d+", document.text)) <= decisions


def test_documents_refer_to_each_other_across_sources() -> None:
    across = {
        (document.source, name.partition(":")[0])
        for document in DOCUMENTS
        for name in mentioned(document)
    }
    to_and_fro = {("slack", "jira"), ("slack", "github"), ("github", "jira"), ("jira", "github")}
    assert to_and_fro <= across


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda ticket: ticket.key)
def test_a_link_between_tickets_is_seen_from_both_ends(ticket: Ticket) -> None:
    there = {link.key: link.kind for link in ticket.links}
    both = BACK | {back: kind for kind, back in BACK.items()}
    back = {
        other.key: both[link.kind]
        for other in TICKETS
        for link in other.links
        if link.key == ticket.key
    }
    assert there == back


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda ticket: ticket.key)
def test_people_and_times_of_a_ticket_are_plausible(ticket: Ticket) -> None:
    people = {ticket.reporter, *(comment.author for comment in ticket.comments)}
    assert people | ({ticket.assignee} - {None}) <= STAFF
    assert_in_order(ticket.created, *(comment.at for comment in ticket.comments))
    assert max(ticket.created, *times(ticket)) == ticket.updated


def times(document: Ticket | Issue) -> list[datetime]:
    return [document.created, *(comment.at for comment in document.comments)]


def assert_in_order(*moments: datetime) -> None:
    assert all(moment.tzinfo is not None for moment in moments)
    assert all(earlier < later for earlier, later in pairwise([*moments, LAST_DAY]))


@pytest.mark.parametrize("issue", ISSUES, ids=lambda issue: f"{issue.repository.id}#{issue.number}")
def test_people_and_times_of_an_issue_are_plausible(issue: Issue) -> None:
    reviews = issue.change.reviews if issue.change else ()
    commenters = {comment.author for comment in issue.comments}
    assert {issue.author} | commenters | {review.author for review in reviews} <= STAFF
    assert_in_order(*times(issue))
    assert_in_order(issue.created, *(review.at for review in reviews))
    merged = [issue.change.merged] if issue.change and issue.change.merged else []
    assert max([*times(issue), *(review.at for review in reviews), *merged]) == issue.updated


@pytest.mark.parametrize(("issue", "change"), CHANGES)
def test_what_was_merged_was_approved_before_and_not_by_its_author(
    issue: Issue, change: Change
) -> None:
    assert all(review.author != issue.author for review in change.reviews)
    if change.merged:
        assert issue.state == "closed"
        assert any(
            review.state == "APPROVED" and review.at < change.merged for review in change.reviews
        )


@pytest.mark.parametrize(
    "file", [file for _, change in CHANGES for file in change.files], ids=lambda file: file.path
)
def test_a_patch_has_the_lines_that_its_header_announces(file: ChangedFile) -> None:
    hunks = re.split(r"^@@ -\d+,(\d+) \+\d+,(\d+) @@\n", file.patch, flags=re.MULTILINE)
    assert hunks[0] == ""
    for before, after, body in zip(hunks[1::3], hunks[2::3], hunks[3::3], strict=True):
        marks = Counter(line[:1] for line in body.strip("\n").split("\n"))
        assert marks.keys() <= {" ", "+", "-"}
        assert (int(before), int(after)) == (marks[" "] + marks["-"], marks[" "] + marks["+"])
    kept = "modified" if file.previous is None else "renamed"
    assert file.status == ("added" if "@@ -0,0 " in file.patch else kept)


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.path.endswith(".py")], ids=lambda file: file.path
)
def test_python_files_are_python(file: SourceFile) -> None:
    compile(file.text, file.path, "exec")


def test_the_decision_quotes_the_code() -> None:
    decision = next(page for page in PAGES if page.title.startswith("Decision 17"))
    keys = next(file for file in FILES if file.path == "charges/keys.py")
    signature = "def charge_key(order_id: str, amount_cents: int) -> str:"
    line = 'return hashlib.sha256(f"{order_id}:{amount_cents}".encode()).hexdigest()[:32]'
    assert all(part in text for part in (signature, line) for text in (decision.body, keys.text))


@pytest.mark.parametrize(
    "discussion", DISCUSSIONS, ids=[f"{talk.room.name}/{talk.slug}" for talk in DISCUSSIONS]
)
def test_a_discussion_is_held_by_people_of_its_channel(discussion: Discussion) -> None:
    assert 2 <= len(discussion.lines) <= 9
    assert_in_order(*(line.at for line in discussion.lines))
    assert discussion.lines[0].at.year == 2026
    for line in discussion.lines:
        speakers = {line.author, *(name for each in line.reactions for name in each.by)}
        named = set(re.findall(r"(?<![\w.])@(\w+)", line.text))
        assert speakers | named <= set(discussion.room.members)


@pytest.mark.parametrize("document", DOCUMENTS, ids=title_of)
def test_channels_that_people_name_are_there(document: Document) -> None:
    if document.source != "confluence":
        named = set(re.findall(r"(?<![\w/&])#([a-z][a-z-]+)", document.text))
        assert named <= set(OPEN_ROOMS)


def test_an_incident_is_split_over_its_thread_and_its_ticket() -> None:
    """What happened stands in Slack only, and why it happened in Jira only."""
    for course, cause in (("07:31", "heatmap_trial"), ("11:15", "fonts-noto-core")):
        assert {d.source for d in DOCUMENTS if course in d.text} == {"slack"}
        assert {d.source for d in DOCUMENTS if cause in d.text} == {"jira"}


def test_somebody_can_be_each_seat() -> None:
    assert set(SEATS) <= EMPLOYEE.keys()
    assert [name for name in SEATS if EMPLOYEE[name].guest] == ["dario"]
