"""What the sample GitHub finds: issues, files and commits, as they are searched. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from slackbot.demo.github.wire import head_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from slackbot.demo.company.repositories import Issue, Repository, SourceFile

_LANGUAGES: Final = {".md": "Markdown", ".py": "Python", ".sh": "Shell", ".sql": "SQL",
                     ".toml": "TOML", ".yaml": "YAML", ".yml": "YAML"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a document: `property` is what GitHub's API calls it, `of` whose text it is."""

    property: str
    of: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found: its texts, and the values of its fields, in lower case."""

    title: str
    parts: tuple[Part, ...]
    fields: Mapping[str, frozenset[str]]


def issue_document(issue: Issue) -> Document:
    """Return an issue or a pull request as it is searched: title, text and comments."""
    kinds = {"issue"} if issue.change is None else {"pull-request", "pr"}
    states = {issue.state} | ({"merged"} if issue.change and issue.change.merged else set())
    fields = {
        "is": kinds | states,
        "type": kinds,
        "state": {issue.state},
        "author": {issue.author},
        "label": set(issue.labels),
        "created": {_day(issue.created)},
        "updated": {_day(issue.updated)},
    }
    parts = (
        Part("title", "Issue", issue.title),
        Part("body", "Issue", issue.body),
        *(Part("body", "IssueComment", comment.body) for comment in issue.comments),
    )
    return Document(issue.title, parts, _lowered(fields | _scope_fields(issue.repository)))


def file_document(file: SourceFile) -> Document:
    """Return a file as it is searched: by its text, and narrowed by where it lies."""
    path = PurePosixPath(file.path)
    fields = {
        "language": {_LANGUAGES.get(path.suffix, file.repository.language)},
        "path": {str(parent) for parent in (path, *path.parents)},
    }
    parts = (Part("content", "FileContent", file.text),)
    return Document("", parts, _lowered(fields | _scope_fields(file.repository)))


def commit_document(repository: Repository) -> Document:
    """Return the last commit of a repository's default branch as it is searched: by its hash."""
    return Document("", (), _lowered({"hash": {head_of(repository)}} | _scope_fields(repository)))


def _scope_fields(repository: Repository) -> dict[str, set[str]]:
    owner = {repository.name.partition("/")[0]}
    return {"repo": {repository.name}, "user": owner, "org": owner}


def _lowered(fields: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(value.lower() for value in values) for name, values in fields.items()}


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
