"""What one person may see of a workspace, as the JSON that the page shows.

Someone sees the channels that they are a member of and what is said there, and what they alone
were told. A guest sees the people of those channels and nobody else (Slack's documentation of
guest roles).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.block_ids import with_ids
from localslack.emoji import glyphs
from localslack.errors import SlackError
from localslack.page.marks import unread_counts
from localslack.wire import view_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localslack.model import App, Ephemeral, Json, Message, Person, Status
    from localslack.room import Room
    from localslack.workspace import Workspace

PAGE_LIMIT = 200
REPLIERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """One person before the page. Times (`now`) are in seconds since the epoch."""

    workspace: Workspace
    person: Person

    def state(self, seats: Iterable[Person], now: float) -> Json:
        """Everything that the first paint needs."""
        return {
            "team": {"id": self.workspace.team_id, "name": self.workspace.team_name},
            "me": user_json(self.person),
            "seats": [user_json(person) for person in seats],
            "users": self.users(),
            "channels": self.channels(),
            "statuses": [
                status_json(status)
                for status in self.workspace.statuses(now)
                if self.sees(status.channel)
            ],
        }

    def sees(self, channel: str) -> bool:
        """Whether they are a member of a channel (an id)."""
        return self.person.id in self.workspace.room(channel).members

    def room(self, channel: str) -> Room:
        """Return a room that they are in.

        Raises:
            SlackError: `channel_not_found`, whether it does not exist or is not theirs to see.
        """
        room = self.workspace.room(channel)
        if self.person.id not in room.members:
            raise SlackError("channel_not_found")
        return room

    def rooms(self) -> list[Room]:
        """Return the rooms that they are in."""
        return [room for room in self.workspace.rooms if self.person.id in room.members]

    def knows(self, user: str) -> bool:
        """Whether they may see that someone (an id) exists."""
        if not (self.person.restricted or self.person.ultra_restricted):
            return True
        return user == self.person.id or any(user in room.members for room in self.rooms())

    def users(self) -> list[Json]:
        """Return everyone whom they may know of."""
        return [user_json(person) for person in self.workspace.people if self.knows(person.id)]

    def channels(self) -> list[Json]:
        """Return their channels by name, and after them their direct ones."""
        shown = [self.channel(room) for room in self.rooms()]
        return sorted(shown, key=lambda channel: (channel["kind"] == "im", channel["name"]))

    def channel(self, room: Room) -> Json:
        """Return a channel with how much of it they have not read."""
        channel = room.channel
        others = [user for user in room.members if user != self.person.id]
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "with": others[0] if channel.kind == "im" and others else None,
            "topic": channel.topic,
            "archived": channel.archived,
            **unread_counts(room, self.person.id),
            "last_read": room.read_mark(self.person.id),
            "latest": room.latest,
            "members": len(room.members),
        }

    def before(self, channel: str, ts: str | None, limit: int, now: float) -> Json:
        """Return the last messages of a channel, or the last before a time."""
        room = self.room(channel)
        end = room.length if ts is None else room.place(ts)
        return self._stretch(room, max(0, end - limit), end, now)

    def around(self, channel: str, ts: str, limit: int, now: float) -> Json:
        """Return the messages of a channel about a time; a reply stands where its thread began."""
        room = self.room(channel)
        message = room.find(ts)
        place = room.place(message.root_ts if message else ts)
        first = max(0, min(place - limit // 2, room.length - limit))
        return self._stretch(room, first, first + limit, now)

    def after(self, channel: str, ts: str, limit: int, now: float) -> Json:
        """Return the first messages of a channel after a time."""
        room = self.room(channel)
        first = room.place(ts, after=True)
        return self._stretch(room, first, first + limit, now)

    def _stretch(self, room: Room, first: int, end: int, now: float) -> Json:
        """Messages, the oldest first, and whether there are older and newer ones."""
        return {
            "messages": self._messages(room.stretch(first, end), now),
            "has_more": first > 0,
            "has_newer": end < room.length,
        }

    def thread(self, channel: str, ts: str, now: float) -> Json:
        """Return a thread, its root first."""
        room = self.room(channel)
        root = room.message(ts, or_else="thread_not_found")
        return {"messages": self._messages(self.workspace.thread(channel, root.root_ts), now)}

    def home(self, app: App) -> Json:
        """Return what an app shows them on its Home tab."""
        view = self.workspace.home(app.id, self.person.id)
        return {"view": None if view is None else view_json(view, self.workspace)}

    def message(self, message: Message, now: float) -> Json:
        """Return a message with its reactions, and a root with what is known of its thread."""
        room = self.workspace.room(message.channel)
        return {
            **_said(message),
            "reactions": _reactions(room, message.ts),
            **_thread(room, message),
            **_stream(message, now),
        }

    def _messages(self, messages: Iterable[Message], now: float) -> list[Json]:
        return [self.message(message, now) for message in messages]


def user_json(person: Person) -> Json:
    """A user, as the page shows them."""
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "is_bot": person.bot_id is not None,
        "is_guest": person.restricted or person.ultra_restricted,
        "app_id": person.app_id,
    }


def status_json(status: Status) -> Json:
    """What a bot says that it is doing in a thread."""
    return {
        "channel": status.channel,
        "thread_ts": status.thread_ts,
        "user": status.user,
        "text": status.text,
        "loading_messages": list(status.loading_messages),
        "expires_at": status.expires_at,
    }


def ephemeral_json(ephemeral: Ephemeral) -> Json:
    """A message that only its reader sees."""
    return {
        "channel": ephemeral.channel,
        "ts": ephemeral.ts,
        "user": ephemeral.user,
        "text": ephemeral.text,
        "blocks": with_ids(ephemeral.blocks),
        "thread_ts": ephemeral.thread_ts,
    }


def _said(message: Message) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": with_ids(message.blocks),
        "attachments": list(message.attachments),
        "files": [{"id": file["id"], "name": file["name"]} for file in message.files],
        "thread_ts": message.thread_ts,
        "subtype": message.subtype,
        "edited": message.edited is not None,
        "bot_id": message.bot_id,
        "broadcast": message.subtype == "thread_broadcast",
    }


def _reactions(room: Room, ts: str) -> list[Json]:
    return [
        {"name": name, "emoji": glyphs().get(name), "users": list(users)}
        for name, users in room.reactions(ts).items()
    ]


def _thread(room: Room, message: Message) -> Json:
    replies: Sequence[str] = () if message.is_reply else room.replies(message.ts)
    repliers = room.repliers(message.ts) if replies else ()
    return {
        "reply_count": len(replies),
        "reply_users": list(repliers[:REPLIERS_SHOWN]),
        "latest_reply": replies[-1] if replies else None,
    }


def _stream(message: Message, now: float) -> Json:
    stream = message.stream
    return {
        "streaming": message.is_streaming(now),
        "tasks": [] if stream is None else list(stream.tasks.values()),
        "plan_title": None if stream is None else stream.plan_title,
        "task_display": "timeline" if stream is None else stream.display,
    }
