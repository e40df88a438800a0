"""What Confluence answers with, as far as it is read.

REST v1 for searches, v2 for pages of the cloud, v1 for those of Data Center.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field

from slackbot.resilience.body import Entries

CONTENT_ID: Final = r"^[0-9]{1,18}$"  # what an int64 holds

_CONTAINER_URL: Final = re.compile(r"/(?:spaces|display)/([^/?#]+)")
_READABLE: Final = frozenset({"current", "archived"})


def _with_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_with_zone)]


class Space(BaseModel):
    """A space."""

    key: str
    name: str = ""


class _Content(BaseModel):
    id: str = Field(pattern=CONTENT_ID)
    space: Space | None = None


class _Container(BaseModel):
    title: str = ""
    display_url: str = Field(default="", alias="displayUrl")


class Hit(BaseModel):
    """A page that a search found; title and excerpt may hold markup."""

    content: _Content
    title: str
    excerpt: str = ""
    updated_at: Moment | None = Field(default=None, alias="lastModified")
    container: _Container = Field(default_factory=_Container, alias="resultGlobalContainer")

    @property
    def space(self) -> Space | None:
        """The space that the page lies in, if the answer says so."""
        if self.content.space is not None:
            return self.content.space
        found = _CONTAINER_URL.match(self.container.display_url)
        return Space(key=found[1], name=self.container.title) if found else None


class _Links(BaseModel):
    next: str | None = None


class Hits(BaseModel):
    """One page of a search's results."""

    results: Entries[Hit]
    links: _Links = Field(default_factory=_Links, alias="_links")


class _Storage(BaseModel):
    value: str


class _Body(BaseModel):
    storage: _Storage


class _CloudVersion(BaseModel):
    created_at: Moment | None = Field(default=None, alias="createdAt")


class CloudPage(BaseModel):
    """A page with its body in storage format, as v2 has it."""

    title: str
    status: str = "current"
    space_id: str = Field(alias="spaceId", pattern=CONTENT_ID)
    version: _CloudVersion = Field(default_factory=_CloudVersion)
    body: _Body

    @property
    def is_published(self) -> bool:
        """Whether it is neither somebody's draft nor in the bin."""
        return self.status in _READABLE


class _Version(BaseModel):
    when: Moment | None = None


class Content(BaseModel):
    """A page, or what else has an id, with its space and its body, as v1 has it."""

    type: str
    title: str
    status: str = "current"
    space: Space
    version: _Version = Field(default_factory=_Version)
    body: _Body

    @property
    def is_published_page(self) -> bool:
        """Whether it is a page, and neither somebody's draft nor in the bin."""
        return self.type == "page" and self.status in _READABLE


class Attachment(BaseModel):
    """A file on a page; v1 does not say again on which."""

    name: str = Field(alias="title")
    page_id: str | None = Field(default=None, alias="pageId")


class Attachments(BaseModel):
    """The first files on a page."""

    results: Entries[Attachment]
    links: _Links = Field(default_factory=_Links, alias="_links")
