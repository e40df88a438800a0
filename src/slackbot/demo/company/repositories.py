"""What Parcelwick has on GitHub: issues and pull requests as TOML files, code as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slackbot.demo.company.documents import tables_in, texts_in
from slackbot.demo.company.tickets import Comment, comments_from

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; `name` includes the owner."""

    id: int
    name: str
    description: str
    language: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer said of one line of a changed file."""

    path: str
    line: int
    body: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer said of a pull request: `state` is APPROVED, CHANGES_REQUESTED, COMMENTED."""

    author: str
    at: datetime
    state: str
    body: str
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that a pull request touches; `patch` is a unified diff without its header.

    `previous` is the path of a file that was renamed.
    """

    path: str
    status: str
    patch: str
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What makes an issue a pull request."""

    branch: str
    merged: datetime | None
    reviews: tuple[Review, ...]
    files: tuple[ChangedFile, ...]
    draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue or, where `change` is set, a pull request. `state` is open or closed.

    `reason` is why it is closed: completed, not_planned or duplicate.
    """

    repository: Repository
    number: int
    title: str
    state: str
    author: str
    labels: tuple[str, ...]
    created: datetime
    updated: datetime
    body: str
    comments: tuple[Comment, ...]
    change: Change | None
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a repository's default branch."""

    repository: Repository
    path: str
    text: str


REPOSITORIES: Final = (
    Repository(501, "parcelwick/payments-api", "Takes charges and refunds", "Python"),
    Repository(502, "parcelwick/tracking-api", "Where each parcel is", "Python"),
    Repository(503, "parcelwick/platform", "Release train, edge and workbench", "Python"),
    Repository(509, "parcelwick/acquisition-model", "Not for everybody", "Python", closed=True),
)
OPEN_REPOSITORIES: Final = tuple(repo.name for repo in REPOSITORIES if not repo.closed)


def issues() -> tuple[Issue, ...]:
    """Read all issues and pull requests, the closed repository's included."""
    return tuple(
        _issue(repository, table)
        for repository in REPOSITORIES
        for table in tables_in(f"github/{_folder(repository)}/issues").values()
    )


def source_files() -> tuple[SourceFile, ...]:
    """Read the code of all repositories, the closed one's included."""
    return tuple(
        SourceFile(repository, path, text)
        for repository in REPOSITORIES
        for path, text in texts_in(f"github/{_folder(repository)}/code").items()
    )


def _folder(repository: Repository) -> str:
    return repository.name.partition("/")[2]


def _issue(repository: Repository, table: dict[str, Any]) -> Issue:
    change = table.get("change")
    return Issue(
        repository=repository,
        number=table["number"],
        title=table["title"],
        state=table["state"],
        author=table["author"],
        labels=tuple(table.get("labels", ())),
        created=table["created"],
        updated=table["updated"],
        body=table["body"].strip(),
        comments=comments_from(table.get("comments", [])),
        change=None if change is None else _change(change),
        assignees=tuple(table.get("assignees", ())),
        milestone=table.get("milestone"),
        reason=table.get("reason"),
    )


def _change(table: dict[str, Any]) -> Change:
    return Change(
        branch=table["branch"],
        merged=table.get("merged"),
        reviews=tuple(map(_review, table.get("reviews", ()))),
        files=tuple(
            ChangedFile(
                file["path"], file["status"], file["patch"].strip("\n"), file.get("previous")
            )
            for file in table.get("files", ())
        ),
        draft=table.get("draft", False),
    )


def _review(table: dict[str, Any]) -> Review:
    return Review(
        author=table["author"],
        at=table["at"],
        state=table["state"],
        body=table["body"].strip(),
        remarks=tuple(
            Remark(remark["path"], remark["line"], remark["body"].strip())
            for remark in table.get("remarks", ())
        ),
    )
