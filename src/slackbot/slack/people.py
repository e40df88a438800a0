"""Who people are, by their ids: their names, and whether they see only what they are in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from cachetools import TTLCache

from slackbot.errors import DeliveryError
from slackbot.invisible import strip_invisible

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS = 3600.0
REMEMBERED_PEOPLE = 5_000
LOOKUP_SECONDS = 2.0
NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class _Profile:
    """What is remembered of somebody; `names` are the ones that others see, the best first."""

    names: tuple[str, ...]
    teams: frozenset[str]
    guest: bool


class SlackPeople:
    """Implements `slackbot.conversation.People` by users.info; asks once for all who wonder."""

    def __init__(
        self,
        gateway: SlackGateway,
        *,
        clock: Callable[[], float] = time.time,
        lookup_seconds: float = LOOKUP_SECONDS,
    ) -> None:
        self._gateway = gateway
        self._lookup_seconds = lookup_seconds
        self._known: TTLCache[str, _Profile] = TTLCache(
            REMEMBERED_PEOPLE, REMEMBERED_SECONDS, clock
        )
        self._lookups: dict[str, asyncio.Task[_Profile | None]] = {}

    async def name(self, user: str) -> str:
        """Return the display name, else the real name, else the id."""
        profile = await self._profile(user)
        return profile.names[0] if profile and profile.names else user

    async def goes_by(self, user: str, name: str) -> bool:
        """Whether somebody has this name, as others see it, or this id."""
        wanted = name.strip().strip("<>").removeprefix("@").casefold()
        profile = await self._profile(user)
        names = (user, *(profile.names if profile else ()))
        return wanted in {known.casefold() for known in names}

    async def is_outsider(self, user: str, team: str) -> bool:
        """Whether somebody sees only the channels that they are in.

        Guests do, and people from other workspaces. So does whoever cannot be looked up: better
        that an employee finds too little than a guest too much.
        """
        profile = await self._profile(user)
        return profile is None or profile.guest or team not in profile.teams

    async def _profile(self, user: str) -> _Profile | None:
        if (known := self._known.get(user)) is not None:
            return known
        lookup = self._lookups.get(user)
        if lookup is None:
            lookup = self._lookups[user] = asyncio.create_task(self._look_up(user))
            lookup.add_done_callback(lambda _: self._lookups.pop(user, None))
        # One who gives up waiting must not take the answer from the others.
        return await asyncio.shield(lookup)

    async def _look_up(self, user: str) -> _Profile | None:
        try:
            async with asyncio.timeout(self._lookup_seconds):
                found = await self._gateway.user_info(user)
        except (DeliveryError, TimeoutError) as error:
            log.info("people.unknown", user=user, error=str(error))
            return None
        self._known[user] = profile = _read(found)
        return profile


def _read(user: Mapping[str, object]) -> _Profile:
    """Read a user object (https://docs.slack.dev/reference/objects/user-object)."""
    profile, enterprise = (_fields(user, key) for key in ("profile", "enterprise_user"))
    candidates = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    names = (_one_line(candidate) for candidate in candidates if isinstance(candidate, str))
    teams = enterprise.get("teams")
    more_teams = teams if isinstance(teams, list) else ()
    return _Profile(
        names=tuple(name for name in names if name),
        teams=frozenset(map(str, (user.get("team_id"), *more_teams))),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
    )


def _fields(user: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = user.get(key)
    return value if isinstance(value, Mapping) else {}


def _one_line(name: str) -> str:
    return " ".join(strip_invisible(name).split())[:NAME_CHARACTERS]
