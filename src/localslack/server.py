"""LocalSlack: a workspace that listens on loopback, with people in it who can act."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from localslack.composer import compose
from localslack.control import Control
from localslack.errors import SlackError
from localslack.faults import Faults
from localslack.interactivity import Interactions
from localslack.local_only import local_only
from localslack.model import Channel, Message
from localslack.page import Page
from localslack.socket_mode import DeliveryRules, SocketMode
from localslack.tiers import Tiers
from localslack.web_api import WebApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from localslack.changes import Change
    from localslack.composer import Composed
    from localslack.faults import DisconnectReason
    from localslack.model import App, Json, Person
    from localslack.rates import Limit
    from localslack.room import Room
    from localslack.socket_mode import Delivery
    from localslack.web_api import ApiCall
    from localslack.workspace import Workspace

Found = TypeVar("Found")


class LocalSlack:
    """Serves a workspace to apps, and lets people act in it.

    Use it on one event loop only. `clock` gives seconds since the epoch; what expires, expires by
    it. Redelivery, and what `faults` delay, run in real time; the former by `rules`. `tiers` are
    the rate limits in force, none unless given: `SLACK_LIMITS` are Slack's. `seats` are the
    people, by name or id, that one can be on the page: everyone who is no bot, unless given.
    `prompt` is a message that the page suggests to whoever has not said anything there yet.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        clock: Callable[[], float] = time.time,
        rules: DeliveryRules | None = None,
        tiers: Mapping[str, Sequence[Limit]] | None = None,
        seats: Sequence[str] | None = None,
        prompt: str | None = None,
    ) -> None:
        self.workspace = workspace
        self.clock = clock
        self.prompt = prompt
        self.faults = Faults(clock)
        self.tiers = Tiers(tiers, clock)
        self._seats = seats
        self._bell = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._stop_listening: Callable[[], None] = lambda: None
        self._socket_mode = SocketMode(
            workspace,
            rules or DeliveryRules(),
            self.faults,
            address=lambda: f"ws://127.0.0.1:{self._port}",
            moved=self._ring,
        )
        self.interactions = Interactions(
            workspace, self._socket_mode, clock=clock, site=lambda: f"http://127.0.0.1:{self._port}"
        )
        self._page = Page(self)
        self._web_api = WebApi(
            workspace,
            self.faults,
            self.tiers,
            clock=clock,
            connect=self._socket_mode.connect,
            site=lambda: f"http://127.0.0.1:{self._port}",
            answered=self._ring,
            drop_sockets=self.drop_sockets,
        )

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, with no slash at its end."""
        return f"http://127.0.0.1:{self._port}/api"

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def seats(self) -> Sequence[Person]:
        """The people that one can be on the page."""
        if self._seats is not None:
            return [self.workspace.user(seat) for seat in self._seats]
        everyone = self.workspace.people
        return [person for person in everyone if person.bot_id is None and not person.deleted]

    @property
    def calls(self) -> Sequence[ApiCall]:
        """The calls that were answered, in order."""
        return self._web_api.calls

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """The events that were sent, or would have been had a socket been up, in order."""
        return self._socket_mode.deliveries

    @property
    def connections(self) -> int:
        """How many WebSockets are open."""
        return len(self._socket_mode.sockets)

    @property
    def windows(self) -> int:
        """How many windows of the page are open."""
        return self._page.windows

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. What was said before counts as read."""
        app = web.Application(middlewares=[local_only])
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_get("/link/", self._socket_mode.handle)
        app.router.add_post("/response/{secret}", self.interactions.responses.handle)
        app.router.add_routes(self._page.routes())
        app.router.add_routes(Control(self).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._port = self._runner.addresses[0][1]
        self._stop_listening = self.workspace.listen(self._changed)
        for room in self.workspace.rooms:
            room.all_have_read()

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self._stop_listening()
        await self._socket_mode.close()
        self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> LocalSlack:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def until(self, condition: Callable[[], Found | None], timeout: float = 30.0) -> Found:
        """Wait until `condition` returns something true, and return that.

        It is asked again whenever something happened: a change, a call, an ack, a socket.

        Raises:
            TimeoutError: it did not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                bell = self._bell
                if found := condition():
                    return found
                await bell.wait()

    def say(
        self,
        person: str,
        channel: str | Channel,
        text: str,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        files: Sequence[str] = (),
    ) -> str:
        """Let a person write something, as typed: `@name`, `#channel`, code. Returns its ts.

        `broadcast` sends a reply to the channel too; `files` are names of files that go with it.
        """
        now = self.clock()
        room = self._room(person, channel)
        user = self.workspace.user(person)
        said = self._composed(text)
        subtype = "thread_broadcast" if broadcast else "file_share" if files else None
        message = Message(
            channel=room.channel.id,
            ts=self.workspace.next_ts(now),
            user=user.id,
            body=said.text,
            own_blocks=said.blocks,
            files=tuple(map(_file, files)),
            thread_ts=thread_ts,
            subtype=subtype,
            client_msg_id=str(uuid.uuid4()),
        )
        return self.workspace.post(message, now).ts

    def edit(self, person: str, channel: str | Channel, ts: str, text: str) -> None:
        """Let a person change a message of theirs."""
        message = self._own(person, channel, ts)
        said = self._composed(text)
        changed = replace(message, body=said.text, own_blocks=said.blocks)
        self.workspace.edit(changed, message.user, self.clock())

    def delete(self, person: str, channel: str | Channel, ts: str) -> None:
        """Let a person take a message of theirs back."""
        self.workspace.delete(self._own(person, channel, ts), self.clock())

    def react(self, person: str, channel: str | Channel, ts: str, name: str) -> None:
        """Let a person react to a message."""
        message = self._room(person, channel).message(ts)
        self.workspace.react(message, self.workspace.user(person).id, name, self.clock())

    def unreact(self, person: str, channel: str | Channel, ts: str, name: str) -> None:
        """Let a person take a reaction of theirs back."""
        message = self._room(person, channel).message(ts)
        self.workspace.unreact(message, self.workspace.user(person).id, name, self.clock())

    def open_dm(self, person: str, other: str) -> Channel:
        """Return the direct channel of two, which is made when it is first asked for."""
        return self.workspace.open_direct(person, other, now=self.clock())

    def deliver(self, app: App, event: Json) -> None:
        """Send an app an event of your own making, to see what it does with it."""
        self._socket_mode.deliver(app, event)

    def redeliver(self, ts: str) -> int:
        """Send all events about a message once more; returns how many they are."""
        return self._socket_mode.redeliver(ts)

    def refuse_sockets(
        self, times: int = 0, *, seconds: float = 0.0, reason: DisconnectReason | None = None
    ) -> None:
        """Refuse the next `times` WebSockets and all within some `seconds`, tickets and all.

        With a reason they are opened first, told it and closed.
        """
        self.faults.refuse_sockets(times, seconds=seconds, reason=reason)

    def outage(self, seconds: float) -> None:
        """Cut every socket, and let the apps reach nothing for a time."""
        self.faults.outage(seconds)
        self.drop_sockets()

    def drop_sockets(self, reason: DisconnectReason | None = None) -> None:
        """Cut every socket without a word, or tell the apps to leave for a reason."""
        self._socket_mode.drop(reason)

    def _room(self, person: str, channel: str | Channel) -> Room:
        where = channel.id if isinstance(channel, Channel) else channel
        room = self.workspace.room(where)
        if self.workspace.user(person).id not in room.members:
            raise SlackError("not_in_channel")
        if room.channel.archived:
            raise SlackError("is_archived")
        return room

    def _own(self, person: str, channel: str | Channel, ts: str) -> Message:
        message = self._room(person, channel).message(ts)
        if message.user != self.workspace.user(person).id:
            raise SlackError("cant_update_message")
        return message

    def _composed(self, text: str) -> Composed:
        return compose(text, self.workspace.user_id, self.workspace.channel_id)

    def _changed(self, change: Change) -> None:
        self._socket_mode.tell(change)
        self._ring()

    def _ring(self) -> None:
        """Wake all who wait in `until`; those who come later wait for the next time."""
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()


def _file(name: str) -> Json:
    file_id = f"F{uuid.uuid4().hex[:10].upper()}"
    return {"id": file_id, "name": name, "title": name, "mode": "hosted"}
