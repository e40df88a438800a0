"""What Parcelwick said in Slack. A discussion is a TOML file: a message and its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slackbot.demo.company.documents import tables_in
from slackbot.demo.company.people import EMPLOYEES

if TYPE_CHECKING:
    from datetime import datetime

_STAFF: Final = tuple(employee.name for employee in EMPLOYEES if not employee.guest)
_EVERYBODY: Final = tuple(employee.name for employee in EMPLOYEES)


@dataclass(frozen=True, slots=True)
class Room:
    """A Slack channel and who is in it."""

    name: str
    purpose: str
    members: tuple[str, ...] = _STAFF
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that people put beneath a message."""

    name: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One message, as typed: `@handle`, `#channel`, code in backticks."""

    author: str
    at: datetime
    text: str
    reactions: tuple[Reaction, ...]


@dataclass(frozen=True, slots=True)
class Discussion:
    """A message in a channel and what was said in its thread; `slug` is unique in the channel."""

    room: Room
    slug: str
    lines: tuple[Line, ...]


ROOMS: Final = (
    Room("general", "Everything that is for everybody", _EVERYBODY),
    Room("payments", "Charges, refunds and settlement"),
    Room("tracking", "Where the parcels are"),
    Room("platform", "Releases, edge and databases"),
    Room("on-call", "Hand-over and pages"),
    Room("releases", "The release train"),
    Room("couriers", "With our partners at Northline Couriers", _EVERYBODY),
    Room("random", "Everything else"),
    Room("leads", "Leads only", ("sam", "mei", "lena", "chloe"), closed=True),
)
OPEN_ROOMS: Final = tuple(room.name for room in ROOMS if not room.closed)


def discussions() -> tuple[Discussion, ...]:
    """Read all discussions, the closed channel's included, in order of their first message."""
    found = (_discussion(path, table) for path, table in tables_in("slack").items())
    return tuple(sorted(found, key=lambda discussion: discussion.lines[0].at))


def _discussion(path: str, table: dict[str, Any]) -> Discussion:
    room = next(room for room in ROOMS if room.name == table["channel"])
    slug = path.removeprefix(f"{room.name}-").removesuffix(".toml")
    return Discussion(room, slug, tuple(map(_line, table["messages"])))


def _line(table: dict[str, Any]) -> Line:
    reactions = (Reaction(one["name"], tuple(one["by"])) for one in table.get("reactions", ()))
    return Line(table["author"], table["at"], table["text"].strip(), tuple(reactions))
