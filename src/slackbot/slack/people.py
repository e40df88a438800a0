"""The names of people, by their ids."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
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
        self._names: TTLCache[str, str] = TTLCache(REMEMBERED_PEOPLE, REMEMBERED_SECONDS, clock)
        self._lookups: dict[str, asyncio.Task[str]] = {}

    async def name(self, user: str) -> str:
        """Return the display name, else the real name, else the id."""
        if (known := self._names.get(user)) is not None:
            return known
        lookup = self._lookups.get(user)
        if lookup is None:
            lookup = self._lookups[user] = asyncio.create_task(self._look_up(user))
            lookup.add_done_callback(lambda _: self._lookups.pop(user, None))
        # One who gives up waiting must not take the answer from the others.
        return await asyncio.shield(lookup)

    async def _look_up(self, user: str) -> str:
        try:
            async with asyncio.timeout(self._lookup_seconds):
                found = await self._gateway.user_info(user)
        except (DeliveryError, TimeoutError) as error:
            log.info("people.unknown", user=user, error=str(error))
            return user
        self._names[user] = name = _name(found) or user
        return name


def _name(user: Mapping[str, object]) -> str:
    profile = user.get("profile")
    fields = profile if isinstance(profile, Mapping) else {}
    candidates = (
        fields.get("display_name"),
        fields.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    names = (_one_line(candidate) for candidate in candidates if isinstance(candidate, str))
    return next((name for name in names if name), "")


def _one_line(name: str) -> str:
    return " ".join(strip_invisible(name).split())[:NAME_CHARACTERS]
