"""What Jira answers with, as far as it is read (REST v3). Rich text stays as it is: any JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from slackbot.knowledge.jira.keys import ISSUE_KEY, PROJECT_KEY
from slackbot.resilience.body import Entries

SEARCH_FIELDS: Final = "summary,project,issuetype,status,priority,assignee,updated,description"
READ_FIELDS: Final = f"{SEARCH_FIELDS},reporter,labels,created,issuelinks,subtasks"


class Named(BaseModel):
    """A status, priority or type."""

    name: str


class Person(BaseModel):
    """Someone, by the name that Jira shows."""

    name: str = Field(default="", alias="displayName")


class Project(BaseModel):
    """A project."""

    key: str = Field(pattern=PROJECT_KEY)
    name: str = ""


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

    summary: str
    project: Project | None = None
    type: Named | None = Field(default=None, alias="issuetype")
    status: Named | None = None
    priority: Named | None = None
    assignee: Person | None = None
    reporter: Person | None = None
    labels: Entries[str] = []
    created: datetime | None = None
    updated: datetime | None = None
    description: object = None
    links: Entries[Link] = Field(default=[], alias="issuelinks")
    subtasks: Entries[Related] = []


class Issue(BaseModel):
    """An issue."""

    key: str = Field(pattern=ISSUE_KEY)
    fields: Fields


class Issues(BaseModel):
    """One page of a search's results."""

    issues: Entries[Issue]
    is_last: bool = Field(default=False, alias="isLast")
    next_page: str | None = Field(default=None, alias="nextPageToken")


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
