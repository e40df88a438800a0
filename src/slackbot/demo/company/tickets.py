"""What Parcelwick wrote in Jira. A ticket is a TOML file; its texts are Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slackbot.demo.company.documents import tables_in

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A Jira project."""

    id: str
    key: str
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beneath a ticket, an issue or a pull request. `body` is Markdown."""

    author: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Link:
    """How a ticket relates to another one, as its own page words it: "blocks", "is caused by"."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A Jira issue. People are named by their handles.

    `parent` is the key of the issue that it is a part of.
    """

    key: str
    project: Project
    type: str
    summary: str
    status: str
    priority: str
    reporter: str
    assignee: str | None
    labels: tuple[str, ...]
    fix_versions: tuple[str, ...]
    parent: str | None
    created: datetime
    updated: datetime
    links: tuple[Link, ...]
    description: str
    comments: tuple[Comment, ...]


PROJECTS: Final = (
    Project("10001", "PAY", "Payments"),
    Project("10002", "TRK", "Tracking"),
    Project("10003", "PLAT", "Platform"),
    Project("10009", "LEGAL", "Legal matters", closed=True),
)
OPEN_PROJECTS: Final = tuple(project.key for project in PROJECTS if not project.closed)


def tickets() -> tuple[Ticket, ...]:
    """Read all tickets of the company, the closed project's included."""
    return tuple(map(_ticket, tables_in("jira").values()))


def comments_from(tables: list[dict[str, Any]]) -> tuple[Comment, ...]:
    """Read the comments of a document, the oldest first."""
    return tuple(Comment(t["author"], t["at"], t["body"].strip()) for t in tables)


def _ticket(table: dict[str, Any]) -> Ticket:
    key = table["key"].partition("-")[0]
    return Ticket(
        key=table["key"],
        project=next(project for project in PROJECTS if project.key == key),
        type=table["type"],
        summary=table["summary"],
        status=table["status"],
        priority=table["priority"],
        reporter=table["reporter"],
        assignee=table.get("assignee"),
        labels=tuple(table.get("labels", ())),
        fix_versions=tuple(table.get("fix_versions", ())),
        parent=table.get("parent"),
        created=table["created"],
        updated=table["updated"],
        links=tuple(Link(link["kind"], link["key"]) for link in table.get("links", ())),
        description=table["description"].strip(),
        comments=comments_from(table.get("comments", [])),
    )
