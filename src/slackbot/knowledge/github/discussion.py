"""GitHub's JSON of what stands beneath an issue or a pull request: comments, reviews, changes.

Shapes after GitHub's OpenAPI description.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, RootModel

from slackbot.knowledge.github.wire import User, repository_in
from slackbot.resilience.body import Entries

if TYPE_CHECKING:
    from slackbot.knowledge.github.wire import Issue


class Comment(BaseModel):
    """A comment beneath an issue or a pull request."""

    user: User | None = None
    body: str | None = None
    created_at: datetime
    issue_url: str

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in."""
        return repository_in(self.issue_url)


class Branch(BaseModel):
    """An end of a pull request."""

    ref: str


class PullRequest(BaseModel):
    """What a pull request is, beyond an issue."""

    url: str
    head: Branch
    base: Branch
    changed_files: int = 0

    @property
    def repository(self) -> str:
        """The `owner/name` that it is in."""
        return repository_in(self.url)


class _OfPullRequest(BaseModel):
    pull_request_url: str
    user: User | None = None

    @property
    def repository(self) -> str:
        """The `owner/name` that the pull request is in."""
        return repository_in(self.pull_request_url)


class Review(_OfPullRequest):
    """What a reviewer said of a pull request as a whole."""

    id: int
    state: str
    body: str | None = None
    submitted_at: datetime | None = None


class Remark(_OfPullRequest):
    """What a reviewer said of a line, or of a file. GitHub calls it a review comment."""

    pull_request_review_id: int | None = None
    path: str
    line: int | None = None
    body: str
    created_at: datetime


class ChangedFile(BaseModel):
    """A file that a pull request changes; binary and large ones have no patch."""

    filename: str
    previous_filename: str | None = None
    status: str
    additions: int
    deletions: int
    patch: str = ""
    contents_url: str

    @property
    def repository(self) -> str:
        """The `owner/name` that the pull request is in."""
        return repository_in(self.contents_url)


class Comments(RootModel[Entries[Comment]]):
    """One page of comments, the oldest first."""


class Reviews(RootModel[Entries[Review]]):
    """The first reviews of a pull request, the oldest first."""


class Remarks(RootModel[Entries[Remark]]):
    """One page of what was said of lines."""


class ChangedFiles(RootModel[Entries[ChangedFile]]):
    """The first files that a pull request changes."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """An issue with what was said beneath it; the rest only where it is a pull request.

    All oldest first. Of many comments and remarks, these are the latest; of reviews and files, the
    first.
    """

    issue: Issue
    comments: tuple[Comment, ...] = ()
    change: PullRequest | None = None
    reviews: tuple[Review, ...] = ()
    remarks: tuple[Remark, ...] = ()
    files: tuple[ChangedFile, ...] = ()
