"""GitHub's JSON of what a search finds and of files; shapes after GitHub's OpenAPI description.

Each object tells which repository it is of, for the operator's list to be held against it.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Final, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from slackbot.resilience.body import Entries

_NAME: Final = r"[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}"
_IN_REPOSITORY: Final = re.compile(rf"/repos/({_NAME})(?:[/?#]|\Z)")
_CLOSED_AS: Final = {"not_planned": "closed as not planned", "duplicate": "closed as a duplicate"}

FILE: Final = "file"
FOLDER: Final = "dir"


def repository_in(address: str) -> str:
    """Return the `owner/name` that an address of the API is about, or nothing."""
    found = _IN_REPOSITORY.search(address)
    return found[1] if found else ""


class User(BaseModel):
    """Who wrote something; GitHub has nobody where an account was deleted."""

    login: str


class RateLimits(BaseModel):
    """What is left of the rate limits, of which nothing is read: what counts is the answer."""

    resources: object


class Meta(BaseModel):
    """What an API tells of itself, of which nothing is read; a page for people has no such JSON."""

    verifiable_password_authentication: bool


class Label(BaseModel):
    """A label of an issue."""

    name: str


class Milestone(BaseModel):
    """What an issue is to be done by."""

    title: str


class TextMatch(BaseModel):
    """A part of a document in which words were found."""

    fragment: str = ""
    property: str = ""


class _Change(BaseModel):
    """What only pull requests have."""

    merged_at: datetime | None = None


class Issue(BaseModel):
    """An issue or a pull request, as a search returns it and as it is read."""

    number: int = Field(ge=1)
    title: str
    state: str
    state_reason: str | None = None
    draft: bool | None = None
    body: str | None = None
    user: User | None = None
    assignees: Entries[User] | None = None
    labels: Entries[Label | str] = []
    milestone: Milestone | None = None
    comments: int = 0
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    repository_url: str
    pull_request: _Change | None = None
    text_matches: Entries[TextMatch] = []

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in; after a transfer, another one than was asked for."""
        return repository_in(self.repository_url)

    @property
    def kind(self) -> Literal["issue", "pull_request"]:
        """Which of the two it is."""
        return "issue" if self.pull_request is None else "pull_request"

    @property
    def standing(self) -> str:
        """The state that people see: GitHub's own calls a merged pull request closed."""
        if self.pull_request is not None and self.pull_request.merged_at is not None:
            return "merged"
        if self.state == "open":
            return "draft" if self.draft else "open"
        return _CLOSED_AS.get(self.state_reason or "", self.state)


class _Repository(BaseModel):
    full_name: str = Field(pattern=f"^{_NAME}$")


class _InRepository(BaseModel):
    full_repository: _Repository = Field(alias="repository")

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in."""
        return self.full_repository.full_name


class CodeHit(_InRepository):
    """A file that a search found."""

    path: str
    text_matches: Entries[TextMatch] = []


class CommitHit(_InRepository):
    """A commit on the default branch that a search found."""

    sha: str


Hit = TypeVar("Hit", Issue, CodeHit, CommitHit)


class Hits(BaseModel, Generic[Hit]):
    """One page of what a search found; `incomplete_results` if it ran out of time."""

    items: Entries[Hit]
    incomplete_results: bool = False


class _Entry(BaseModel):
    name: str
    type: str


class Contents(BaseModel):
    """A file, or what lies there instead; one of over 1 MB comes without its content."""

    type: str
    path: str
    url: str
    encoding: str = ""
    content: str = ""
    entries: Entries[_Entry] = []

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in; after a transfer, another one than was asked for."""
        return repository_in(self.url)

    @property
    def text(self) -> str | None:
        """The text of the file; nothing if it is no file, no text, or too large."""
        if self.type != FILE or self.encoding != "base64":
            return None
        try:
            text = base64.b64decode(self.content).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        return None if "\0" in text else text

    @property
    def names(self) -> list[str]:
        """What lies in the folder, folders with a slash behind them; nothing if it is none."""
        entries = self.entries if self.type == FOLDER else ()
        return [f"{entry.name}/" if entry.type == FOLDER else entry.name for entry in entries]
