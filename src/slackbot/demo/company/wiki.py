"""What Parcelwick wrote in Confluence.

A page is a file: a header of `key: value` lines, a line `---`, and the body in storage format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from slackbot.demo.company.documents import texts_in


@dataclass(frozen=True, slots=True)
class Space:
    """A Confluence space. A closed one is seen by the bot's account, but not meant for the bot."""

    id: str
    key: str
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A Confluence page; `body` is in storage format, `files` are the names of its attachments."""

    id: str
    space: Space
    title: str
    updated: datetime
    author: str
    body: str
    files: tuple[str, ...] = ()


SPACES: Final = (
    Space("101", "OPS", "Operations"),
    Space("102", "ENG", "Engineering"),
    Space("103", "PEOPLE", "People and policies"),
    Space("109", "BOARD", "Board", closed=True),
)
OPEN_SPACES: Final = tuple(space.key for space in SPACES if not space.closed)


def confluence_pages() -> tuple[Page, ...]:
    """Read all pages of the company, closed space included, in the order of their ids."""
    pages = map(parse_page, texts_in("confluence").values())
    return tuple(sorted(pages, key=lambda page: int(page.id)))


def parse_page(text: str) -> Page:
    """Parse one document file."""
    header, _, body = text.partition("\n---\n")
    fields = dict(line.split(": ", 1) for line in header.splitlines())
    return Page(
        id=fields["id"],
        space=next(space for space in SPACES if space.key == fields["space"]),
        title=fields["title"],
        updated=datetime.fromisoformat(fields["updated"]),
        author=fields["author"],
        body=body.strip(),
        files=tuple(fields["files"].split(", ")) if "files" in fields else (),
    )
