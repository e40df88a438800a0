"""Socket Mode: tickets, WebSockets, envelopes, acks and redelivery.

Slack's documentation of Socket Mode: apps.connections.open gives an address that opens one
WebSocket; the first frame is `hello`; an event goes to any one of an app's at most ten sockets and
is acked by its envelope_id within three seconds, or delivered again: at once, after one minute and
after five, with the same event_id. Reported by users (bolt-python's issues): what happens while no
socket is up is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from aiohttp import WSMsgType, web

from localslack.events import callback, events_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localslack.changes import Change
    from localslack.faults import DisconnectReason, Faults
    from localslack.model import App, Json
    from localslack.workspace import Workspace

MAX_SOCKETS = 10
CLOSE_SECONDS = 0.5
DELIVERIES_KEPT = 1_000

MentionOrder = Literal["app_mention_first", "message_first", "random"]
EnvelopeType = Literal["events_api", "interactive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """How events reach an app. Times are in seconds.

    `retries` are the waits before each redelivery, counted from the end of the one before.
    """

    ack_within: float = 3.0
    retries: Sequence[float] = (0.0, 60.0, 300.0)
    mention_order: MentionOrder = "app_mention_first"
    seed: int = 0


@dataclass(slots=True, eq=False)
class Delivery:
    """Something on its way to one app.

    `attempts` counts how often an event was sent; its first ack came `acked_after` so many seconds.
    """

    app: App
    payload: Json
    attempts: int = 0
    acked_after: float | None = None
    made_at: float = field(default_factory=time.monotonic, repr=False)
    envelope_ids: list[str] = field(default_factory=list, repr=False)
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)
    planned: list[asyncio.TimerHandle] = field(default_factory=list, repr=False)

    @property
    def event(self) -> Json:
        """The event within the payload, where it is one."""
        event: Json = self.payload["event"]
        return event

    @property
    def acked(self) -> bool:
        """Whether the app has said that it has it."""
        return self.acked_after is not None

    def stop_timer(self) -> None:
        """Forget the redelivery that was planned."""
        if self.timer is not None:
            self.timer.cancel()


class Socket:
    """One open WebSocket. What is sent goes out in order, by a task of its own."""

    def __init__(self, app: App, response: web.WebSocketResponse, request: web.Request) -> None:
        self.app = app
        self.response = response
        self._request = request
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, frame: Json) -> None:
        """Put a frame in line."""
        self._outbox.put_nowait(json.dumps(frame))

    def close(self) -> None:
        """Close the connection once what is in line has gone out."""
        self._outbox.put_nowait(None)

    def abort(self) -> None:
        """Cut the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what is put in line until the socket is closed."""
        with contextlib.suppress(ConnectionError):
            while (frame := await self._outbox.get()) is not None:
                await self.response.send_str(frame)
            await self.response.close()


class SocketMode:
    """The sockets of all apps, and the events on their way."""

    def __init__(
        self,
        workspace: Workspace,
        rules: DeliveryRules,
        faults: Faults,
        *,
        address: Callable[[], str],
        moved: Callable[[], None],
    ) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=DELIVERIES_KEPT)
        self.sockets: list[Socket] = []
        self._workspace = workspace
        self._rules = rules
        self._faults = faults
        self._address = address
        self._moved = moved
        self._random = random.Random(rules.seed)  # noqa: S311 - the order of events is no secret
        self._tickets: dict[str, App] = {}
        self._waiting: dict[str, Delivery] = {}
        self._turn = 0
        self._events = 0

    def connect(self, app: App) -> str:
        """Return an address that opens one WebSocket, once."""
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = app
        return f"{self._address()}/link/?ticket={ticket}&app_id={app.id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket, from the ticket to its end."""
        app = self._tickets.pop(request.query.get("ticket", ""), None)
        if self._faults.outage_seconds and request.transport is not None:
            request.transport.abort()
            return web.Response()
        refusal = self._faults.take_refusal()
        if refusal is not None and refusal.reason is None:
            raise web.HTTPServiceUnavailable(text="refused")
        if app is None:
            raise web.HTTPForbidden(text="unknown ticket")
        response = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await response.prepare(request)
        reason = None if refusal is None else refusal.reason
        if reason is None and len(self._sockets_of(app)) >= MAX_SOCKETS:
            reason = "too_many_websockets"
        if reason is not None:
            await response.send_json(_disconnect(reason))
            await response.close()
            return response
        socket = Socket(app, response, request)
        socket.send(_hello(app, len(self._sockets_of(app)) + 1))
        self.sockets.append(socket)
        self._moved()
        writer = asyncio.create_task(socket.write())
        try:
            await self._read(response)
        finally:
            writer.cancel()
            self.sockets.remove(socket)
            self._moved()
        return response

    def tell(self, change: Change) -> None:
        """Deliver what the apps hear of a change."""
        for app in self._workspace.apps:
            events = events_for(change, app, self._workspace)
            if len(events) > 1 and self._message_first():
                events.reverse()
            for event in events:
                self.deliver(app, event)

    def deliver(self, app: App, event: Json) -> None:
        """Deliver an event to an app, whatever it is."""
        self._events += 1
        event_id = f"Ev0LOCAL{self._events:06d}"
        delivery = Delivery(app, callback(event, event_id, app, self._workspace))
        self.deliveries.append(delivery)
        passage = self._faults.take_passage()
        for wait in passage.waits:
            self._send_in(wait, delivery)
        if passage.drop_sockets:
            self.drop(None)

    def interact(self, app: App, payload: Json) -> bool:
        """Tell an app what someone did with it; `False` if no socket is up.

        It is sent once: Slack's documentation knows redelivery for events only.
        """
        delivery = Delivery(app, payload)
        if not self._hand_over(delivery, "interactive", {}):
            return False
        wait = self._rules.ack_within
        delivery.timer = asyncio.get_running_loop().call_later(wait, self._forget, delivery)
        return True

    def redeliver(self, ts: str) -> int:
        """Send all events about a message once more, acked or not; returns how many they are."""
        about = [delivery for delivery in self.deliveries if _subject(delivery.event) == ts]
        for delivery in about:
            self._send_anew(delivery)
        return len(about)

    def drop(self, reason: DisconnectReason | None) -> None:
        """Cut every socket, or tell why before closing it; a `warning` leaves it open."""
        for socket in tuple(self.sockets):
            if reason is None:
                socket.abort()
                continue
            socket.send(_disconnect(reason))
            if reason != "warning":
                socket.close()

    async def close(self) -> None:
        """End all deliveries and sockets."""
        for delivery in {*self.deliveries, *self._waiting.values()}:
            delivery.stop_timer()
            for planned in delivery.planned:
                planned.cancel()
        self._waiting.clear()
        await asyncio.gather(*(socket.response.close(code=1001) for socket in self.sockets))

    async def _read(self, response: web.WebSocketResponse) -> None:
        async for message in response:
            if message.type is not WSMsgType.TEXT:
                continue
            with contextlib.suppress(ValueError, AttributeError):  # Slack ignores what is no ack
                self._ack(json.loads(message.data).get("envelope_id", ""))

    def _ack(self, envelope_id: str) -> None:
        delivery = self._waiting.get(envelope_id)
        if delivery is not None:
            if delivery.acked_after is None:
                delivery.acked_after = time.monotonic() - delivery.made_at
            delivery.stop_timer()
            self._forget(delivery)
            self._moved()

    def _send_in(self, wait: float, delivery: Delivery) -> None:
        if not wait:
            self._send(delivery)
            return
        loop = asyncio.get_running_loop()
        delivery.planned.append(loop.call_later(wait, self._send_anew, delivery))

    def _send_anew(self, delivery: Delivery) -> None:
        """Send whatever has been sent or acked before, in place of the redelivery planned."""
        delivery.stop_timer()
        self._send(delivery)

    def _send(self, delivery: Delivery) -> None:
        """Send to the next socket in turn. A first delivery that finds none is lost."""
        delivery.attempts += 1
        self._moved()
        sent = self._hand_over(delivery, "events_api", _retry(delivery))
        if not sent and delivery.attempts == 1:
            return
        wait = self._rules.ack_within
        delivery.timer = asyncio.get_running_loop().call_later(wait, self._not_acked, delivery)

    def _hand_over(self, delivery: Delivery, kind: EnvelopeType, fields: Json) -> bool:
        """Put an envelope in line at the next socket in turn; `False` if none is up."""
        sockets = self._sockets_of(delivery.app)
        if not sockets:
            return False
        self._turn += 1
        envelope_id = str(uuid.uuid4())
        self._waiting[envelope_id] = delivery
        delivery.envelope_ids.append(envelope_id)
        envelope = {
            "envelope_id": envelope_id,
            "payload": delivery.payload,
            "type": kind,
            "accepts_response_payload": False,
        }
        sockets[self._turn % len(sockets)].send(envelope | fields)
        return True

    def _not_acked(self, delivery: Delivery) -> None:
        if delivery.attempts > len(self._rules.retries):
            self._forget(delivery)
            return
        wait = self._rules.retries[delivery.attempts - 1]
        delivery.timer = asyncio.get_running_loop().call_later(wait, self._send, delivery)

    def _forget(self, delivery: Delivery) -> None:
        for envelope_id in delivery.envelope_ids:
            self._waiting.pop(envelope_id, None)
        delivery.envelope_ids.clear()

    def _sockets_of(self, app: App) -> list[Socket]:
        return [
            socket
            for socket in self.sockets
            if socket.app.id == app.id and not socket.response.closed
        ]

    def _message_first(self) -> bool:
        order = self._rules.mention_order
        return order == "message_first" or (order == "random" and self._random.random() < 0.5)


def _hello(app: App, sockets: int) -> Json:
    return {
        "type": "hello",
        "num_connections": sockets,
        "debug_info": {
            "host": "localslack",
            "build_number": 1,
            "approximate_connection_time": 18060,
        },
        "connection_info": {"app_id": app.id},
    }


def _disconnect(reason: DisconnectReason) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "localslack"}}


def _retry(delivery: Delivery) -> Json:
    attempt = delivery.attempts - 1
    return {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}


def _subject(event: Json) -> str:
    """The ts of the message that an event is about, empty when it is about none."""
    about = event.get("item") or event.get("message") or event.get("previous_message") or event
    return str(about.get("ts", ""))
