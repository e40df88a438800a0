"""What is shown of a reply before it is done: the status, and the text as it grows.

One task, the pump, sends what has gathered: text at once when there was nothing to send for a
while, and then once every `flush_interval`; a status a blink after it was said. So nobody who
writes waits for Slack, and the number of calls grows with time and not with the number of pieces.
What fails here is logged and left to the end: where Slack's limits leave no room for another
stream, the status says that there will be an answer. That Slack will never show any text is kept
for whoever writes it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from slackbot.slack.api.failures import SlackFailure, SlackRefusal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slackbot.conversation import Incoming
    from slackbot.slack.delivery.sightings import Sightings
    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

PUMP = "slack.progress"
FLUSH_SECONDS = 0.7
STATUS_GRACE_SECONDS = 0.05
"""How long a status waits, so that the work it tells of begins first. One that is over sooner is
not shown at all."""

STATUS_SECONDS = 90.0
"""How often a status is set again; Slack takes it away after two minutes."""

WRITING = "is writing the answer…"

STREAM_CHARACTERS = 9_000
"""How much is streamed, so that the first message's end can be chosen within Slack's limit."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The message that a stream has written: `text` is what it says, unless `exact` is false.

    Without a `ts` there is none that is known of; if that is not `exact`, there may be one.
    """

    ts: str | None = None
    text: str = ""
    exact: bool = True


class Progress:
    """Shows how a reply comes along. Nothing here raises and nothing waits, but `stop`."""

    def __init__(
        self,
        gateway: SlackGateway,
        incoming: Incoming,
        *,
        flush_interval: float = FLUSH_SECONDS,
        status_interval: float = STATUS_SECONDS,
        sightings: Sightings,
    ) -> None:
        self.shown = Shown()
        self._sightings = sightings
        self.status_shows = False
        self.refusal: SlackRefusal | None = None
        self._status = ""
        self._gateway = gateway
        self._incoming = incoming
        self._flush_interval = flush_interval
        self._status_interval = status_interval
        self._waiting_status: str | None = None
        self._waiting_text = ""
        self._streams = True
        self._pause = 0.0
        self._work = asyncio.Event()
        self._stopping = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether something may still be sent."""
        return self._pump is not None and not self._pump.done()

    def say(self, status: str) -> None:
        """Show what is being done, in a moment; the last word counts."""
        self._waiting_status = status
        asyncio.get_running_loop().call_later(STATUS_GRACE_SECONDS, self._start)

    def write(self, markdown: str) -> None:
        """Add to the text, which makes an older status that was not shown yet needless."""
        if markdown:
            self._waiting_status = None
            self._waiting_text += markdown
            self._start()

    async def stop(self) -> None:
        """Send no more; return when the call under way has ended."""
        self._stopping.set()
        self._work.set()
        if self._pump is not None:
            await self._pump

    async def abandon(self) -> None:
        """End the pump at once."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])

    def _start(self) -> None:
        if self._stopping.is_set():
            return
        self._work.set()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run(), name=PUMP)

    async def _run(self) -> None:
        while True:
            worked = await _happens(self._work, self._status_interval if self._status else None)
            self._work.clear()
            if not worked:
                self._waiting_status = self._status
            await asyncio.gather(*self._waiting_calls())
            if await _happens(self._stopping, self._pause):
                return
            self._pause = 0.0

    def _waiting_calls(self) -> list[Awaitable[None]]:
        calls: list[Awaitable[None]] = []
        if self._stopping.is_set():
            return calls
        if self._waiting_status is not None:
            status, self._waiting_status = self._waiting_status, None
            calls.append(self._send_status(status))
        self._streams = self._streams and (
            len(self.shown.text) + len(self._waiting_text) <= STREAM_CHARACTERS
        )
        if self._streams and self._waiting_text.strip():
            text, self._waiting_text = self._waiting_text, ""
            calls.append(self._send_text(text))
        return calls

    async def _send_status(self, status: str) -> None:
        self._status = status
        try:
            await self._gateway.set_status(self._incoming.channel, self._incoming.thread_ts, status)
            self.status_shows = True
            self._sightings.see("sign")
        except SlackFailure as failure:
            log.info("progress.status_failed", code=failure.code)
            self.status_shows = self.status_shows or failure.ambiguous

    async def _send_text(self, text: str) -> None:
        self._pause = self._flush_interval
        try:
            if self.shown.ts is None:
                self.shown = Shown(await self._begin(text), text)
                self._sightings.see("sign", "text")
            else:
                await self._gateway.append_stream(self._incoming.channel, self.shown.ts, text)
                self.shown = replace(self.shown, text=self.shown.text + text)
        except SlackFailure as failure:
            log.info("progress.text_failed", method=failure.method, code=failure.code)
            self._waiting_text = text + self._waiting_text
            if failure.passing and self.shown.ts is not None:
                self._pause = failure.retry_after or self._flush_interval
                self._work.set()
                return
            self._streams = False
            if isinstance(failure, SlackRefusal):
                self.refusal = failure
            self.shown = replace(self.shown, exact=not failure.ambiguous)
            if failure.passing:
                self.say(WRITING)

    async def _begin(self, text: str) -> str:
        incoming = self._incoming
        return await self._gateway.start_stream(
            incoming.channel,
            incoming.thread_ts,
            text,
            recipient_team=incoming.team,
            recipient_user=incoming.asker,
        )


async def _happens(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for an event, at most so long; return whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
