"""Finds flags that nobody needs any more, asks for them, and deletes them at last (platform#72)."""

from dataclasses import dataclass
from datetime import timedelta

STALE_AFTER = timedelta(days=90)
OWNER_ANSWERS_WITHIN = timedelta(days=7)
TEAM_ANSWERS_WITHIN = timedelta(days=14)
RESTORABLE_FOR = timedelta(days=30)
"""How long `flagctl restore <flag>` brings a deleted flag back in its last state."""


@dataclass(frozen=True)
class FlagAge:
    """What the bot knows of a flag. `asked_…` is the time without an answer since the question."""

    name: str
    age: timedelta
    owner_is_away: bool
    asked_owner_for: timedelta | None
    asked_team_for: timedelta | None


def whom_to_ask(flag: FlagAge) -> str | None:
    """Return "owner", "team", or nobody yet."""
    if flag.age <= STALE_AFTER or flag.owner_is_away:
        return None
    if flag.asked_owner_for is None:
        return "owner"
    if flag.asked_team_for is None and flag.asked_owner_for > OWNER_ANSWERS_WITHIN:
        return "team"
    return None


def may_be_deleted(flag: FlagAge) -> bool:
    """Say whether owner and team have both been silent for long enough."""
    if flag.owner_is_away or flag.asked_team_for is None:
        return False
    return flag.age > STALE_AFTER and flag.asked_team_for > TEAM_ANSWERS_WITHIN
