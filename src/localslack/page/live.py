"""Tells open windows what happens, each what its person may see, in order and as it stands.

A window collects what changed and is told in one go, at most every `FRAME_SECONDS`: a message that
grows word by word is one frame then, with all that it says. One that reads too slowly is cut off;
the page comes back and begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, TypeAlias, assert_never

from aiohttp import web

from localslack.changes import (
    ChannelChanged,
    ChannelLeft,
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
    UserAdded,
)
from localslack.page.view import ephemeral_json, status_json

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from localslack.changes import Change
    from localslack.model import Ephemeral, Json, Message
    from localslack.page.view import Seat

FRAME_SECONDS = 0.05
MAX_PENDING = 2_000
HEARTBEAT_SECONDS = 30.0
CLOSE_SECONDS = 0.5

Notice: TypeAlias = "tuple[Hashable, Callable[[], Json | None]]"
"""What to tell. Of two with one key the later is left out; the frame is made when it is sent."""


class Window:
    """One open page. Frames are numbered from 1, the first of which is `hello`."""

    def __init__(self, seat: Seat, clock: Callable[[], float]) -> None:
        self._seat = seat
        self._clock = clock
        self._pending: dict[Hashable, Callable[[], Json | None]] = {}
        self._news = asyncio.Event()
        self._seq = 0
        self._cut: Callable[[], None] = lambda: None

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Tell the page what happens until it goes away."""
        response = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, heartbeat=HEARTBEAT_SECONDS, max_msg_size=1024
        )
        await response.prepare(request)
        self._cut = request.transport.abort if request.transport is not None else self._cut
        stop_listening = self._seat.workspace.listen(self._note)
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(response))
                async for _ in response:  # of what the page does only that it leaves is of interest
                    pass
                writer.cancel()
        finally:
            stop_listening()
        return response

    def cut(self) -> None:
        """Cut the connection without a word."""
        self._cut()

    def _note(self, change: Change) -> None:
        for key, frame in self._notices(change):
            self._pending.setdefault(key, frame)
        if len(self._pending) > MAX_PENDING:
            self.cut()
        if self._pending:
            self._news.set()

    async def _write(self, response: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            await self._send(response, {"type": "hello"})
            while True:
                await self._news.wait()
                self._news.clear()
                pending, self._pending = self._pending, {}
                for frame in pending.values():
                    if (shown := frame()) is not None:
                        await self._send(response, shown)
                await asyncio.sleep(FRAME_SECONDS)

    async def _send(self, response: web.WebSocketResponse, frame: Json) -> None:
        self._seq += 1
        await response.send_str(json.dumps({"type": frame["type"], "seq": self._seq} | frame))

    def _notices(self, change: Change) -> Iterator[Notice]:  # noqa: C901 - one case a change
        match change:
            case MessagePosted(message):
                yield from self._message(message)
                yield self._channel(message.channel)
            case MessageDeleted(message):
                yield from self._deleted(change)
                yield self._channel(message.channel)
            case MessageChanged(message) | TextStreamed(message):
                yield self._as_it_stands(message.channel, message.ts)
            case ReactionAdded(message) | ReactionRemoved(message):
                yield self._as_it_stands(message.channel, message.ts)
            case StatusSet(status):
                shown: Json = {"type": "status", "status": status_json(status)}
                yield self._once(shown, status.channel)
            case EphemeralPosted(told) | EphemeralRemoved(told):
                yield from self._private(told, gone=isinstance(change, EphemeralRemoved))
            case UserAdded():
                yield "users", lambda: {"type": "users", "users": self._seat.users()}
            case ChannelChanged(channel):
                yield self._channel(channel)
            case ChannelLeft(channel, user):
                left = {"type": "left", "channel": channel}
                yield (object(), lambda: left) if self._is_mine(user) else self._channel(channel)
            case ChannelRead(channel, user):
                if self._is_mine(user):
                    yield self._channel(channel)
            case HomePublished(app, user):
                if self._is_mine(user):
                    yield ("home", app), lambda: {"type": "home", "app": app}
            case _:
                assert_never(change)

    def _is_mine(self, user: str) -> bool:
        return user == self._seat.person.id

    def _message(self, message: Message) -> Iterator[Notice]:
        yield self._as_it_stands(message.channel, message.ts)
        if message.is_reply:
            yield self._as_it_stands(message.channel, message.root_ts)

    def _deleted(self, change: MessageDeleted) -> Iterator[Notice]:
        message = change.message
        if change.tombstone is not None:
            yield self._as_it_stands(message.channel, message.ts)
            return
        gone = {"type": "removed", "channel": message.channel, "ts": message.ts}
        yield self._once(gone, message.channel)
        if message.is_reply:
            yield self._as_it_stands(message.channel, message.root_ts)

    def _private(self, told: Ephemeral, *, gone: bool) -> Iterator[Notice]:
        if not self._is_mine(told.to):
            return
        frame: Json = {"type": "ephemeral", "ephemeral": ephemeral_json(told)}
        if gone:
            frame = {"type": "removed", "channel": told.channel, "ts": told.ts}
        yield self._once(frame, told.channel)

    def _as_it_stands(self, channel: str, ts: str) -> Notice:
        def frame() -> Json | None:
            room = self._seat.workspace.room(channel)
            message = room.find(ts) if self._seat.sees(channel) else None
            if message is None:
                return None
            return {"type": "message", "message": self._seat.message(message, self._clock())}

        return ("message", channel, ts), frame

    def _channel(self, channel: str) -> Notice:
        def frame() -> Json | None:
            if not self._seat.sees(channel):
                return None
            room = self._seat.workspace.room(channel)
            return {"type": "channel", "channel": self._seat.channel(room)}

        return ("channel", channel), frame

    def _once(self, frame: Json, channel: str) -> Notice:
        return object(), lambda: frame if self._seat.sees(channel) else None
