"""The socket itself: slack_sdk's, which finds its way back by a fresh address and in patience.

slack_sdk 3.47 tries an address whose handshake was refused again and again, as often as it pings;
and a new one at once for each "disconnect" that it is told.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from slackbot.slack.api.failures import REFUSED_TOKENS, TRANSPORT_ERRORS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)

PING_SECONDS = 5.0
"""How often the socket is pinged, and for how long a cut one goes unnoticed and nobody hears."""

HANDSHAKE_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 25.0
"""Seconds between two tries; they double until one lasts."""

STEADY_SECONDS = 30.0
"""A socket that lasts so long is no mere try."""

PINGS_MISSED = 4
"""How many pings in a row may go without an answer until the socket counts as dead."""


class Pauses:
    """How long to wait before each try: not at all at first, then longer and longer."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._next = 0.0

    def before_a_try(self) -> float:
        """Return the seconds to wait, of which up to a quarter is left to chance."""
        pause, self._next = self._next, min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._next))
        return pause * (1 - self._jitter() / 4) if pause > FIRST_PAUSE else pause

    def start_over(self) -> None:
        """Take the next loss for the first of its kind."""
        self._next = 0.0


class Socket(SocketModeClient):
    """Receives envelopes. `on_hello` is awaited whenever Slack greets a new connection."""

    def __init__(
        self, app_token: str, web_client: object, on_hello: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(app_token, web_client=web_client, ping_interval=PING_SECONDS)  # type: ignore[arg-type] # AsyncWebClient
        self.refused: str | None = None
        self._on_hello = on_hello
        self._pauses = Pauses()
        self._opened = 0.0
        self._lost = False
        self._greeted = False
        self._connecting: asyncio.Task[object] | None = None
        self.message_listeners.append(self._greet)

    @property
    def is_live(self) -> bool:
        """Whether Slack has greeted the socket, and has answered a ping lately."""
        session, pong = self.current_session, self.last_ping_pong_time
        is_up = session is not None and not session.closed and not self.closed and not self.stale
        if pong is None or not (is_up and self._greeted):
            return False
        return time.time() - pong < PINGS_MISSED * self.ping_interval

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Connect anew, unless somebody else just did."""
        async with self.connect_operation_lock:
            if force or not await self.is_connected():
                await self.connect()

    async def connect(self) -> None:
        """Try until a connection stands, each time at an address that Slack gives for it."""
        if time.monotonic() - self._opened > STEADY_SECONDS:
            self._pauses.start_over()
        self._connecting = asyncio.current_task()
        while not self.closed:
            await asyncio.sleep(self._pauses.before_a_try())
            try:
                await self._open()
            except TRANSPORT_ERRORS as error:
                self._tell_loss(type(error).__name__)
            except SlackApiError as error:
                self._tell_refusal(str(error.response.get("error")))
            else:
                self._connecting = None
                return

    async def close(self) -> None:
        """Close for good, also in the midst of a try to connect."""
        self.closed = True
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await super().close()  # type: ignore[no-untyped-call] # slack_sdk leaves it untyped

    async def _open(self) -> None:
        if self.current_session is not None:
            await self.current_session.close()
        # An address is good for one handshake; the first one is known from the start.
        address, self.wss_uri = self.wss_uri, None
        address = address or await self.issue_new_wss_url()
        self._greeted = False
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            self.current_session = await self.aiohttp_client_session.ws_connect(
                address,
                autoping=False,
                heartbeat=self.ping_interval,
                proxy=self.proxy,
            )
        self.stale, self.last_ping_pong_time = False, time.time()
        self._opened = time.monotonic()
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None:
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def run_message_listeners(self, message: dict[str, object], raw_message: str) -> None:
        """Handle one message; of those that end the connection no listener is told."""
        if message.get("type") == "disconnect":
            log.info("slack.disconnect", reason=message.get("reason"))
        await super().run_message_listeners(message, raw_message)

    async def _greet(self, _: object, message: dict[str, object], __: str | None) -> None:
        if message.get("type") != "hello":
            return
        if self._lost:
            log.info("slack.reconnected")
        self.refused, self._lost, self._greeted = None, False, True
        await self._on_hello()

    def _tell_loss(self, reason: str) -> None:
        if not self._lost:
            log.info("slack.reconnecting", reason=reason)
        self._lost = True

    def _tell_refusal(self, code: str) -> None:
        if code in REFUSED_TOKENS and self.refused is None:
            self.refused = code
            log.error(
                "slack.token_refused",
                setting="SLACK_APP_TOKEN",
                method="apps.connections.open",
                code=code,
            )
        self._tell_loss(code)
