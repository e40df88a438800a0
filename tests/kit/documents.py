"""Everything that the sample company wrote, under the names that `questions.toml` uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.demo.company.discussions import Discussion, discussions
from slackbot.demo.company.repositories import Issue, SourceFile, issues, source_files
from slackbot.demo.company.tickets import Ticket, tickets
from slackbot.demo.company.wiki import Page, confluence_pages
from slackbot.knowledge.text.storage import storage_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Document:
    """A document, without regard to where it lies. `text` leaves out the title."""

    name: str
    title: str
    text: str
    closed: bool

    @property
    def source(self) -> str:
        return self.name.partition(":")[0]


def all_documents() -> tuple[Document, ...]:
    """Read every document of every source, what is closed included."""
    return tuple(_read())


def _read() -> Iterator[Document]:
    yield from map(_of_page, confluence_pages())
    yield from map(_of_ticket, tickets())
    yield from map(_of_issue, issues())
    yield from map(_of_file, source_files())
    yield from map(_of_discussion, discussions())


def _of_page(page: Page) -> Document:
    text = storage_to_markdown(page.body)
    return Document(f"confluence:{page.id}", page.title, text, page.space.closed)


def _of_ticket(ticket: Ticket) -> Document:
    text = "\n\n".join((ticket.description, *(comment.body for comment in ticket.comments)))
    return Document(f"jira:{ticket.key}", ticket.summary, text, ticket.project.closed)


def _of_issue(issue: Issue) -> Document:
    parts = [issue.body, *(comment.body for comment in issue.comments)]
    if issue.change is not None:
        for review in issue.change.reviews:
            parts += (review.body, *(remark.body for remark in review.remarks))
        parts += (file.patch for file in issue.change.files)
    name = f"github:{issue.repository.name}#{issue.number}"
    return Document(name, issue.title, "\n\n".join(parts), issue.repository.closed)


def _of_file(file: SourceFile) -> Document:
    name = f"github:{file.repository.name}/{file.path}"
    return Document(name, file.path, file.text, file.repository.closed)


def _of_discussion(discussion: Discussion) -> Document:
    """A discussion has no title; its first line stands for one, and is part of the text, too."""
    text = "\n\n".join(line.text for line in discussion.lines)
    name = f"slack:{discussion.room.name}/{discussion.slug}"
    return Document(name, text.splitlines()[0], text, discussion.room.closed)
