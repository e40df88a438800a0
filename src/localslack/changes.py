"""What happens in a workspace, as typed changes, and how to follow them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from localslack.model import Ephemeral, Message, Status


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A message is new. One that will be streamed is posted with the text it starts with."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was edited, or its stream was stopped. `ts` is that of the change."""

    message: Message
    previous: Message
    ts: str


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone. `tombstone` stands in its place where its thread lives on."""

    message: Message
    ts: str
    tombstone: Message | None = None


@dataclass(frozen=True, slots=True)
class TextStreamed:
    """Text was appended to a message that is being streamed; `message` includes it."""

    message: Message
    appended: str


@dataclass(frozen=True, slots=True)
class ReactionAdded:
    """Someone reacted to a message with the emoji `name`. `ts` is that of the reaction."""

    message: Message
    user: str
    name: str
    ts: str


@dataclass(frozen=True, slots=True)
class ReactionRemoved:
    """Someone took a reaction back."""

    message: Message
    user: str
    name: str
    ts: str


@dataclass(frozen=True, slots=True)
class StatusSet:
    """A bot says what it is doing in a thread; an empty text: no longer."""

    status: Status


@dataclass(frozen=True, slots=True)
class EphemeralPosted:
    """One person was told something in private, or what had been told (the same ts) changed."""

    ephemeral: Ephemeral


@dataclass(frozen=True, slots=True)
class EphemeralRemoved:
    """What one person was told in private is taken back."""

    ephemeral: Ephemeral


@dataclass(frozen=True, slots=True)
class UserAdded:
    """Someone is new in the workspace."""

    user: str


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A channel is new, or has another member, or was closed."""

    channel: str


@dataclass(frozen=True, slots=True)
class ChannelLeft:
    """Someone is no longer in a channel."""

    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class ChannelRead:
    """Someone has read a channel, up to their read mark in its room."""

    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class HomePublished:
    """An app has put another view on its Home tab for someone."""

    app: str
    user: str


Change: TypeAlias = (
    MessagePosted
    | MessageChanged
    | MessageDeleted
    | TextStreamed
    | ReactionAdded
    | ReactionRemoved
    | StatusSet
    | EphemeralPosted
    | EphemeralRemoved
    | UserAdded
    | ChannelChanged
    | ChannelLeft
    | ChannelRead
    | HomePublished
)


class Changes:
    """Tells whoever listens, in order and at once, on the thread that made the change."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Change], None]] = []

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with every change from now on; returns what ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def publish(self, change: Change) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            listener(change)

    def subscribe(self) -> Subscription:
        """Return the changes from now on as an asynchronous iterator; close it after use."""
        return Subscription(self)


class Subscription:
    """An unbounded queue of changes: a slow viewer never holds the workspace up."""

    def __init__(self, changes: Changes) -> None:
        self._queue: asyncio.Queue[Change] = asyncio.Queue()
        self._stop = changes.listen(self._queue.put_nowait)

    def close(self) -> None:
        """Stop following. Changes that have arrived can still be read."""
        self._stop()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Change:
        return await self._queue.get()
