"""The state of a Slack workspace and all that can happen in it. No network, no clock of its own.

Every act takes `now` (seconds since the epoch), changes the state, and tells whoever follows it.
The rules of who may do what stand with the Web API's methods; here are those of the state itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.changes import (
    Change,
    ChannelRead,
    EphemeralPosted,
    EphemeralRemoved,
    HomePublished,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    StatusSet,
    TextStreamed,
)
from localslack.directory import Directory
from localslack.errors import SlackError
from localslack.model import SLACKBOT, Edited, Ephemeral, Message, Status
from localslack.room import Window
from localslack.timestamps import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localslack.changes import Subscription
    from localslack.model import HomeView, Stream

STATUS_SECONDS = 120.0
"""Slack's documentation of assistant.threads.setStatus: a status is removed after two minutes."""

EPHEMERALS_KEPT = 1_000
"""Of how many private messages the buttons work: they are in no history (Slack's documentation)."""

ALWAYS = Window(0, 1 << 62)


class Workspace(Directory):
    """A team's people, apps and channels, and what they say."""

    def __init__(self, team_name: str = "Acme") -> None:
        super().__init__(team_name)
        self._ticker = Ticker()
        self._statuses: dict[tuple[str, str], Status] = {}
        self._ephemerals: dict[tuple[str, str], Ephemeral] = {}
        self._homes: dict[tuple[str, str], HomeView] = {}
        self._reacted: dict[str, dict[tuple[str, str], int]] = {}

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every change from now on; returns what ends that."""
        return self._changes.listen(listener)

    def subscribe(self) -> Subscription:
        """Return the changes from now on as an asynchronous iterator; close it after use."""
        return self._changes.subscribe()

    def next_ts(self, now: float) -> str:
        """Return a ts that nothing else has."""
        return self._ticker.ts(now)

    def message(self, channel: str, ts: str) -> Message:
        """Return a message as it stands now, or raise `SlackError` (`message_not_found`)."""
        return self.room(channel).message(ts)

    def thread(self, channel: str, root_ts: str) -> Sequence[Message]:
        """Return a thread, its root first; nothing, if there is no such message."""
        room = self.room(channel)
        return room.thread(root_ts, ALWAYS, 1 << 31) if room.find(root_ts) else ()

    def post(self, message: Message, now: float) -> Message:
        """Add a message that `next_ts` gave a ts. What its author was doing there is done."""
        room = self.room(message.channel)
        if message.is_reply:
            root = room.message(message.root_ts, or_else="thread_not_found")
            if root.is_reply:
                # Slack's documentation of thread_ts: a reply's own ts is not to be used.
                raise SlackError("cannot_reply_to_message")
        room.put(message)
        self._changes.publish(MessagePosted(message))
        if message.bot_id is not None:
            self._clear_status(message, now)
        return message

    def change(self, message: Message, now: float) -> Message:
        """Put a message in the place of the one with its ts."""
        room = self.room(message.channel)
        previous = room.message(message.ts)
        room.put(message)
        self._changes.publish(MessageChanged(message, previous, self.next_ts(now)))
        return message

    def edit(self, message: Message, editor: str, now: float) -> Message:
        """Change a message and mark it as edited."""
        return self.change(replace(message, edited=Edited(editor, self.next_ts(now))), now)

    def delete(self, message: Message, now: float) -> None:
        """Take a message away. Where replies hang on it, a tombstone takes its place.

        Seen in recorded events: the deletion of a root with replies arrives as message_changed
        with the subtype `tombstone`, by the user USLACKBOT.
        """
        room = self.room(message.channel)
        tombstone: Message | None = None
        has_replies = bool(room.replies(message.ts))
        for users in room.reactions(message.ts).values():
            for user in users:
                self._reacted[user].pop((message.channel, message.ts), None)
        room.remove(message)
        if has_replies:
            tombstone = Message(
                channel=message.channel,
                ts=message.ts,
                user=SLACKBOT,
                body="This message was deleted.",
                subtype="tombstone",
            )
            room.put(tombstone)
        else:  # a status stands in a thread, and there is none
            self._statuses.pop((message.channel, message.ts), None)
        self._changes.publish(MessageDeleted(message, self.next_ts(now), tombstone))

    def append(self, message: Message, text: str, stream: Stream) -> Message:
        """Add text to a message that is being streamed, and note its stream's new state."""
        longer = replace(message, body=message.body + text, stream=stream)
        self.room(message.channel).put(longer)
        self._changes.publish(TextStreamed(longer, text))
        return longer

    def whisper(self, ephemeral: Ephemeral) -> None:
        """Tell one person something in private, or put it in the place of what has its ts."""
        self._ephemerals[ephemeral.channel, ephemeral.ts] = ephemeral
        if len(self._ephemerals) > EPHEMERALS_KEPT:
            del self._ephemerals[next(iter(self._ephemerals))]
        self._changes.publish(EphemeralPosted(ephemeral))

    def ephemeral(self, channel: str, ts: str) -> Ephemeral:
        """Return what someone was told in private, or raise `SlackError` (`message_not_found`)."""
        told = self._ephemerals.get((self.channel(channel).id, ts))
        if told is None:
            raise SlackError("message_not_found")
        return told

    def unwhisper(self, ephemeral: Ephemeral) -> None:
        """Take back what someone was told in private."""
        if self._ephemerals.pop((ephemeral.channel, ephemeral.ts), None) is not None:
            self._changes.publish(EphemeralRemoved(ephemeral))

    def mark_read(self, channel: str, user: str, ts: str) -> None:
        """Let someone have read a channel up to a time."""
        room, person = self.room(channel), self.user(user)
        if room.mark_read(person.id, ts):
            self._changes.publish(ChannelRead(room.channel.id, person.id))

    def publish_home(self, view: HomeView) -> None:
        """Show someone an app's Home tab."""
        self._homes[view.app, view.user] = view
        self._changes.publish(HomePublished(view.app, view.user))

    def home_of_id(self, view_id: str) -> HomeView:
        """Return a Home tab's view by its id, or raise `SlackError` (`view_not_found`)."""
        for view in self._homes.values():
            if view.id == view_id:
                return view
        raise SlackError("view_not_found")

    def home(self, app: str, user: str) -> HomeView | None:
        """Return what an app (by its id) shows someone on its Home tab, if anything yet."""
        return self._homes.get((app, user))

    def react(self, message: Message, user: str, name: str, now: float) -> None:
        """Add a reaction, or raise `SlackError` (`already_reacted`)."""
        if not self.room(message.channel).react(message.ts, name, user):
            raise SlackError("already_reacted")
        marked = self._reacted.setdefault(user, {})
        key = (message.channel, message.ts)
        marked[key] = marked.pop(key, 0) + 1
        self._changes.publish(ReactionAdded(message, user, name, self.next_ts(now)))

    def unreact(self, message: Message, user: str, name: str, now: float) -> None:
        """Take a reaction back, or raise `SlackError` (`no_reaction`)."""
        if not self.room(message.channel).unreact(message.ts, name, user):
            raise SlackError("no_reaction")
        marked, key = self._reacted[user], (message.channel, message.ts)
        marked[key] -= 1
        if not marked[key]:
            del marked[key]
        self._changes.publish(ReactionRemoved(message, user, name, self.next_ts(now)))

    def reacted_to(self, user: str) -> Sequence[Message]:
        """Return the messages that someone reacted to, the one marked last first."""
        keys = reversed(self._reacted.get(user, {}))
        return [self.room(channel).message(ts) for channel, ts in keys]

    def set_status(self, status: Status) -> None:
        """Show what a bot is doing in a thread; an empty text clears it."""
        if status.text:
            self._statuses[status.channel, status.thread_ts] = status
        else:
            self._statuses.pop((status.channel, status.thread_ts), None)
        self._changes.publish(StatusSet(status))

    def status(self, channel: str, thread_ts: str, now: float) -> str:
        """Return what a thread's status line shows, empty when nothing."""
        status = self._statuses.get((self.channel(channel).id, thread_ts))
        return status.text if status is not None and now < status.expires_at else ""

    def statuses(self, now: float) -> Sequence[Status]:
        """Return all status lines that show something."""
        return [status for status in self._statuses.values() if now < status.expires_at]

    def _clear_status(self, message: Message, now: float) -> None:
        """Slack's documentation of assistant.threads.setStatus: a message clears the status."""
        status = self._statuses.get((message.channel, message.root_ts))
        if status is not None and status.user == message.user:
            self.set_status(replace(status, text="", loading_messages=(), expires_at=now))
