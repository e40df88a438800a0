"""GitHub's JSON, as much of it as is read here; shapes after GitHub's OpenAPI description."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, Field, RootModel

from slackbot.resilience.body import Entries

_NAME: Final = r"[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}"
_IN_REPOSITORY: Final = re.compile(rf"/repos/({_NAME})(?:[/?#]|\Z)")

FILE: Final = "file"


def repository_in(address: str) -> str:
    """Return the `owner/name` that an address of the API is about, or nothing."""
    found = _IN_REPOSITORY.search(address)
    return found[1] if found else ""


class User(BaseModel):
    """Who wrote something; GitHub has nobody where an account was deleted."""

    login: str


class Label(BaseModel):
    """A label of an issue."""

    name: str


class TextMatch(BaseModel):
    """A part of a document in which words were found."""

    fragment: str = ""
    property: str = ""


class _Marker(BaseModel):
    """What only pull requests have."""


class Issue(BaseModel):
    """An issue or a pull request, as a search returns it and as it is read."""

    number: int = Field(ge=1)
    title: str
    state: str
    body: str | None = None
    user: User | None = None
    labels: Entries[Label | str] = []
    comments: int = 0
    created_at: datetime
    updated_at: datetime
    repository_url: str
    pull_request: _Marker | None = None
    text_matches: Entries[TextMatch] = []

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in; after a transfer, another one than was asked for."""
        return repository_in(self.repository_url)

    @property
    def kind(self) -> Literal["issue", "pull_request"]:
        """Which of the two it is."""
        return "issue" if self.pull_request is None else "pull_request"


class Issues(BaseModel):
    """What a search of issues or pull requests found."""

    items: Entries[Issue]


class _Repository(BaseModel):
    full_name: str = Field(pattern=f"^{_NAME}$")


class CodeHit(BaseModel):
    """A file that a search found."""

    path: str
    repository: _Repository
    text_matches: Entries[TextMatch] = []


class CodeHits(BaseModel):
    """What a search of code found."""

    items: Entries[CodeHit]


class Comment(BaseModel):
    """A comment beneath an issue or a pull request."""

    user: User | None = None
    body: str = ""
    created_at: datetime


class Branch(BaseModel):
    """An end of a pull request."""

    ref: str


class PullRequest(BaseModel):
    """What a pull request is, beyond an issue."""

    merged: bool
    merged_at: datetime | None = None
    draft: bool = False
    head: Branch
    base: Branch


class Review(BaseModel):
    """What a reviewer said of a pull request."""

    user: User | None = None
    state: str
    body: str = ""
    submitted_at: datetime | None = None


class ChangedFile(BaseModel):
    """A file that a pull request changes; binary and large ones have no patch."""

    filename: str
    status: str
    additions: int
    deletions: int
    patch: str = ""


class Comments(RootModel[Entries[Comment]]):
    """One page of comments, the oldest first."""


class Reviews(RootModel[Entries[Review]]):
    """The reviews of a pull request, the oldest first."""


class ChangedFiles(RootModel[Entries[ChangedFile]]):
    """The files that a pull request changes."""


@dataclass(frozen=True, slots=True)
class Thread:
    """An issue with what was said beneath it; the rest only where it is a pull request.

    Of many comments, `comments` are the latest.
    """

    issue: Issue
    comments: tuple[Comment, ...] = ()
    change: PullRequest | None = None
    reviews: tuple[Review, ...] = ()
    files: tuple[ChangedFile, ...] = ()


class Contents(BaseModel):
    """A file, or what lies there instead; one of over 1 MB comes without its content."""

    type: str
    path: str
    url: str
    encoding: str = ""
    content: str = ""

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
