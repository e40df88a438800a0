"""Which channels may be searched: those on the operator's list, as far as the asker's place allows.

- The bot must be in a channel: whoever invites it decides that it may read there.
- The operator's list must admit it: by name, by id, or by `*`, which is every public channel.
- A private channel must be listed itself, and is open only to what is asked in it.
- Outsiders (guests, people from other workspaces) find nothing but the channel they ask in: an
  answer is read by all who are there, and each may be in other channels than the next.
- Direct messages are no channels, and never searched.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from slackbot.slack.gateway import SlackGateway
    from slackbot.slack.people import SlackPeople
    from slackbot.tools import RunContext

ALL_PUBLIC = "*"
REMEMBERED_SECONDS = 60.0
"""For how long a channel that became private is still taken for public."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that the bot is in."""

    id: str
    name: str
    private: bool


class OpenChannels:
    """The channels that may be searched and read, in the light of who asks and where."""

    def __init__(
        self,
        gateway: SlackGateway,
        people: SlackPeople,
        listed: Sequence[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._gateway = gateway
        self._people = people
        self._listed = frozenset(map(_key, listed))
        self._lock = asyncio.Lock()
        self._known: TTLCache[str, Mapping[str, Channel]] = TTLCache(1, REMEMBERED_SECONDS, clock)

    async def for_asker(self, context: RunContext | None) -> Mapping[str, Channel]:
        """Return the channels by their ids; without a context, the public ones of the list.

        Raises:
            SlackFailure: Slack does not say which there are.
        """
        here = context.channel if context is not None else None
        admitted = {
            channel.id: channel
            for channel in (await self._joined()).values()
            if is_listed(channel, self._listed) and (not channel.private or channel.id == here)
        }
        if context is not None and await self._people.is_outsider(context.asker, context.team):
            return {key: channel for key, channel in admitted.items() if key == here}
        return admitted

    async def _joined(self) -> Mapping[str, Channel]:
        async with self._lock:  # several tools may wonder at once
            known = self._known.get("joined")
            if known is None:
                found = map(_channel, await self._gateway.channels())
                known = {channel.id: channel for channel in found if channel is not None}
                self._known["joined"] = known
            return known


def is_listed(channel: Channel, listed: Collection[str]) -> bool:
    """Whether a list of names and ids, as `narrowed` takes them, admits a channel."""
    by_itself = {_key(channel.id), _key(channel.name)}.intersection(listed)
    return bool(by_itself) or (ALL_PUBLIC in listed and not channel.private)


def narrowed(channels: Mapping[str, Channel], wanted: Collection[str]) -> Mapping[str, Channel]:
    """Return those of the channels that are named, by name or id; all of them if nothing is."""
    keys = frozenset(map(_key, wanted)) - {ALL_PUBLIC}
    if not wanted:
        return channels
    return {key: channel for key, channel in channels.items() if is_listed(channel, keys)}


def _key(name: str) -> str:
    return name.strip().removeprefix("#").casefold()


def _channel(found: Mapping[str, object]) -> Channel | None:
    """Read a channel (https://docs.slack.dev/reference/objects/conversation-object).

    What does not say that it is public is taken for private.
    """
    channel_id, name = found.get("id"), found.get("name")
    if found.get("is_im") or found.get("is_mpim"):
        return None
    if not (isinstance(channel_id, str) and isinstance(name, str) and channel_id and name):
        return None
    return Channel(channel_id, name, private=found.get("is_private") is not False)
