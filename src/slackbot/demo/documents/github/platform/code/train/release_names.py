"""Names of releases, such as 2026.37.2: the second release of a service in week 37 of 2026.

Weeks begin on Monday, and week 1 is the one with the year's first Monday. A hotfix counts like any
other release, and a roll back makes no new name.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class ReleaseName:
    """A release name; names sort as the releases came."""

    year: int
    week: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}.{self.week:02}.{self.number}"


def parse(text: str) -> ReleaseName:
    """Read a release name, or raise ValueError."""
    year, week, number = text.split(".")
    return ReleaseName(int(year), int(week), int(number))


def following(last: ReleaseName | None, today: date) -> ReleaseName:
    """Return the name of the next release, given the last one of the service."""
    week = int(today.strftime("%W"))
    if last is None or (last.year, last.week) != (today.year, week):
        return ReleaseName(today.year, week, 1)
    return ReleaseName(last.year, last.week, last.number + 1)
