"""What Jira answers with, as far as it is read (REST v3, and v2 of Data Center).

Rich text stays as it is: ADF, which is any JSON, in v3, and wiki markup, a string, in v2.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field, RootModel

from slackbot.knowledge.jira.keys import ISSUE_KEY, PROJECT_KEY
from slackbot.resilience.body import Entries

if TYPE_CHECKING:
    from collections.abc import Mapping

SEARCH_FIELDS: Final = "summary,project,issuetype,status,priority,assignee,updated,description"
READ_FIELDS: Final = (
    f"{SEARCH_FIELDS},reporter,labels,fixVersions,created,parent,issuelinks,subtasks"
)


class Named(BaseModel):
    """A status, priority, type or version."""

    name: str


class Person(BaseModel):
    """Someone, by the name that Jira shows."""

    name: str = Field(default="", alias="displayName")


class User(BaseModel):
    """Someone by what JQL knows them by: an account id in the cloud, else a name to sign in by."""

    account_id: str | None = Field(default=None, alias="accountId")
    name: str | None = None


class Users(RootModel[Entries[User]]):
    """The people who go by a name, or by what may be the beginning of one."""


class Project(BaseModel):
    """A project."""

    key: str = Field(pattern=PROJECT_KEY)
    name: str = ""


class Permission(BaseModel):
    """Whether the account has a permission."""

    granted: bool = Field(alias="havePermission")


class Permissions(BaseModel):
    """What the account may do, by the names of permissions."""

    permissions: dict[str, Permission]


class RelatedFields(BaseModel):
    """What is told of a related issue."""

    summary: str = ""
    status: Named | None = None


class Related(BaseModel):
    """An issue as far as one that it is linked to tells of it."""

    key: str = Field(pattern=ISSUE_KEY)
    fields: RelatedFields = Field(default_factory=RelatedFields)


class LinkType(BaseModel):
    """What a link is called from either end."""

    inward: str
    outward: str


class Link(BaseModel):
    """A link; of its two ends, the one is told that is not the issue itself."""

    type: LinkType
    inward: Related | None = Field(default=None, alias="inwardIssue")
    outward: Related | None = Field(default=None, alias="outwardIssue")


class Fields(BaseModel):
    """The fields of an issue that are asked for; Jira leaves out, or nulls, what is not set."""

    summary: str = ""
    project: Project | None = None
    type: Named | None = Field(default=None, alias="issuetype")
    status: Named | None = None
    priority: Named | None = None
    assignee: Person | None = None
    reporter: Person | None = None
    labels: Entries[str] = []
    versions: Entries[Named] = Field(default=[], alias="fixVersions")
    created: datetime | None = None
    updated: datetime | None = None
    description: object = None
    parent: Related | None = None
    links: Entries[Link] = Field(default=[], alias="issuelinks")
    subtasks: Entries[Related] = []


class Issue(BaseModel):
    """An issue."""

    key: str = Field(pattern=ISSUE_KEY)
    fields: Fields


class Issues(BaseModel):
    """One page of a search's results. The cloud tells what is next, Data Center how many in all."""

    issues: Entries[Issue]
    is_last: bool = Field(default=False, alias="isLast")
    next_page: str | None = Field(default=None, alias="nextPageToken")
    total: int = 0

    def following(self, seen: int) -> Mapping[str, str | int] | None:
        """Return the parameters that ask for what comes after the issues seen, if there is more."""
        if self.next_page and not self.is_last:
            return {"nextPageToken": self.next_page}
        return {"startAt": seen} if self.issues and seen < self.total else None


class Comment(BaseModel):
    """A comment; `visibility` says to whom, if not to all who see the issue."""

    author: Person | None = None
    created: datetime | None = None
    body: object = None
    visibility: object = None


class Comments(BaseModel):
    """The latest comments, and how many there are in all."""

    comments: Entries[Comment]
    total: int = 0
