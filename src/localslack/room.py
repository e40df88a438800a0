"""One channel's messages, threads and reactions, each found without looking through the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.timestamps import micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from localslack.model import Channel, Message


NEVER_READ = "0.000000"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in microseconds, both ends within it."""

    oldest: int
    latest: int


class Room:
    """A channel and what was said in it. Lists of ts values are kept in the order of time."""

    def __init__(self, channel: Channel, members: Iterable[str]) -> None:
        self.channel = channel
        self.members: dict[str, None] = dict.fromkeys(members)
        self._messages: dict[str, Message] = {}
        self._said: list[str] = []
        self._timeline: list[str] = []
        self._read: dict[str, str] = {}
        self._replies: dict[str, list[str]] = {}
        self._reactions: dict[str, dict[str, dict[str, None]]] = {}

    def message(self, ts: str, *, or_else: str = "message_not_found") -> Message:
        """Return a message.

        Raises:
            SlackError: `or_else`, where there is none.
        """
        message = self._messages.get(ts)
        if message is None:
            raise SlackError(or_else)
        return message

    def find(self, ts: str) -> Message | None:
        """Return a message, or `None`."""
        return self._messages.get(ts)

    def messages(self) -> Iterable[Message]:
        """Return everything that was said, replies too."""
        return self._messages.values()

    def put(self, message: Message) -> None:
        """Add a message, or put a changed one in the place of what it was."""
        known = message.ts in self._messages
        self._messages[message.ts] = message
        if known:
            return
        insort(self._said, message.ts, key=micros)
        if message.is_reply:
            insort(self._replies.setdefault(message.root_ts, []), message.ts, key=micros)
        if not message.is_reply or message.subtype == "thread_broadcast":
            insort(self._timeline, message.ts, key=micros)

    def remove(self, message: Message) -> None:
        """Take a message out, its reactions with it."""
        del self._messages[message.ts]
        self._reactions.pop(message.ts, None)
        if message.is_reply:
            replies = self._replies[message.root_ts]
            _drop(replies, message.ts)
            if not replies:
                del self._replies[message.root_ts]
        _drop(self._said, message.ts)
        _drop(self._timeline, message.ts)

    def replies(self, root_ts: str) -> Sequence[str]:
        """Return the ts of each reply in a thread, the oldest first."""
        return self._replies.get(root_ts, ())

    def repliers(self, root_ts: str) -> Sequence[str]:
        """Return who has replied in a thread, each once, in the order of their first reply."""
        return tuple(dict.fromkeys(self._messages[ts].user for ts in self.replies(root_ts)))

    def thread(self, root_ts: str, window: Window, limit: int) -> list[Message]:
        """Return a root and its replies within a window, the oldest first, at most `limit`."""
        found: list[str] = []
        for ordered in ((root_ts,), self.replies(root_ts)):
            first, end = _bounds(ordered, window)
            found += ordered[first : min(end, first + limit - len(found))]
        return [self._messages[ts] for ts in found]

    def timeline(self, window: Window, limit: int) -> list[Message]:
        """Return what stands in the channel itself within a window, the newest first.

        Replies are left out (Slack's documentation of conversations.history), except for those
        that were sent to the channel as well.
        """
        first, end = _bounds(self._timeline, window)
        newest = self._timeline[max(first, end - limit) : end]
        return [self._messages[ts] for ts in reversed(newest)]

    def place(self, ts: str, *, after: bool = False) -> int:
        """Return how many messages of the timeline stand before a time; with `after`, up to it."""
        bisect = bisect_right if after else bisect_left
        return bisect(self._timeline, micros(ts), key=micros)

    def stretch(self, first: int, end: int) -> list[Message]:
        """Return the messages of the timeline from one place to before another."""
        return [self._messages[ts] for ts in self._timeline[first:end]]

    @property
    def length(self) -> int:
        """How many messages the timeline has."""
        return len(self._timeline)

    def read_mark(self, user: str) -> str:
        """Return the ts up to which someone has read; a number below any where they have not."""
        return self._read.get(user, NEVER_READ)

    def mark_read(self, user: str, ts: str) -> bool:
        """Move someone's read mark, forth or back; `False` if it was there."""
        known = self.read_mark(user)
        self._read[user] = ts
        return known != ts

    def all_have_read(self) -> None:
        """Let everyone who has no read mark yet have read what is there."""
        if self._said:
            self._read = dict.fromkeys(self.members, self._said[-1]) | self._read

    def unread(self, user: str) -> list[Message]:
        """Return what others have said since someone read last, replies too, the oldest first."""
        first = bisect_right(self._said, micros(self.read_mark(user)), key=micros)
        later = (self._messages[ts] for ts in self._said[first:])
        return [message for message in later if message.user != user]

    @property
    def latest(self) -> str | None:
        """The ts of what was said last, replies too."""
        return self._said[-1] if self._said else None

    def reactions(self, ts: str) -> Mapping[str, Iterable[str]]:
        """Return who reacted to a message, by the name of the emoji, in the order of time."""
        return self._reactions.get(ts, {})

    def react(self, ts: str, name: str, user: str) -> bool:
        """Add a reaction; `False` if it was there."""
        users = self._reactions.setdefault(ts, {}).setdefault(name, {})
        if user in users:
            return False
        users[user] = None
        return True

    def unreact(self, ts: str, name: str, user: str) -> bool:
        """Take a reaction back; `False` if there was none."""
        by_name = self._reactions.get(ts, {})
        if user not in by_name.get(name, {}):
            return False
        del by_name[name][user]
        if not by_name[name]:
            del by_name[name]
        return True


def _bounds(ordered: Sequence[str], window: Window) -> tuple[int, int]:
    """Return where the ts values within a window begin and end."""
    first = bisect_left(ordered, window.oldest, key=micros)
    return first, bisect_right(ordered, window.latest, key=micros)


def _drop(ordered: list[str], ts: str) -> None:
    place = bisect_left(ordered, micros(ts), key=micros)
    if place < len(ordered) and ordered[place] == ts:
        del ordered[place]
