"""One reply in Slack: 👀, status, text as it grows, the final text with its sources, ✅ or ❌.

Or 🚫, and nothing else that others see.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from slackbot.conversation import Said
from slackbot.slack.api.calls import Tally
from slackbot.slack.api.failures import SlackFailure, SlackRefusal
from slackbot.slack.api.priorities import END_MARK, REFUSED_SIGN, RESUMPTION, STATUS_END
from slackbot.slack.delivery.answer import answer_metadata
from slackbot.slack.delivery.final import FinalText
from slackbot.slack.delivery.marks import AGAIN, END_MARKS, REFUSED, TAKEN
from slackbot.slack.delivery.progress import FLUSH_SECONDS, STATUS_SECONDS, Progress
from slackbot.slack.delivery.sightings import Sightings
from slackbot.slack.delivery.sources import list_sources
from slackbot.slack.delivery.unfinished import leave, take_back
from slackbot.slack.egress import EgressStream, render

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from slackbot.conversation import Incoming, Notice, Outcome, OutcomeState
    from slackbot.ops.metrics import Moment
    from slackbot.slack.delivery.deliveries import Deliveries
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

STATUS_CHARACTERS = 100


class SlackReply:
    """The reply to one message; implements `slackbot.conversation.Reply`.

    Whoever makes one closes it, however the work on it ended. What nobody needs to wait for, such
    as marks, goes on in `deliveries` after that.
    """

    def __init__(
        self,
        gateway: SlackGateway,
        incoming: Incoming,
        bot: BotIdentity,
        deliveries: Deliveries,
        *,
        flush_interval: float = FLUSH_SECONDS,
        status_interval: float = STATUS_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_shown: Callable[[Moment, float], None] = lambda *_: None,
    ) -> None:
        self.tally = Tally()
        self._sightings = Sightings(on_shown)
        self._gateway = gateway.counting(self.tally)
        self._incoming = incoming
        self._bot = bot
        self._deliveries = deliveries
        self._egress = EgressStream()
        self._final = FinalText(self._gateway, incoming, bot, deliveries, sleep)
        self._progress = Progress(
            self._gateway,
            incoming,
            flush_interval=flush_interval,
            status_interval=status_interval,
            sightings=self._sightings,
        )
        self._stream_ended = False

    async def acknowledge(self) -> None:
        """Add 👀."""
        self._deliveries.later("taken_sign", self._add_taken_sign)

    async def _add_taken_sign(self) -> None:
        await self._gateway.add_reaction(self._incoming.channel, self._incoming.ts, TAKEN)
        self._sightings.see("sign")

    async def resume(self, leftovers: Collection[str], *, again: bool) -> None:
        """Add 🔁, or 👀 if it was not taken before; then delete what an earlier attempt has said.

        Raises:
            DeliveryError: the mark could not be added.
        """
        mark = AGAIN if again else TAKEN
        await self._gateway.add_reaction(
            self._incoming.channel, self._incoming.ts, mark, RESUMPTION
        )
        self._sightings.see("sign")
        for leftover in leftovers:
            await take_back(self._gateway, self._incoming.channel, leftover)

    async def status(self, text: str) -> None:
        """Show what is being done, as Slack's own status line of the thread."""
        self._progress.say(render(text[:STATUS_CHARACTERS], ()))

    async def write(self, markdown: str, links: Collection[str]) -> None:
        """Stream a piece of the answer.

        Raises:
            DeliveryError: Slack said of an earlier piece that it never will show one.
        """
        if self._progress.refusal is not None:
            raise self._progress.refusal
        self._progress.write(self._egress.feed(markdown, links))

    async def end(self, outcome: Outcome) -> Said:
        """Deliver the final text; the end mark follows when Slack has time for it.

        Raises:
            DeliveryError: the final text could not be shown; the message gets ❌ if that is
                possible.
        """
        await self._progress.stop()
        text = render(outcome.text + list_sources(outcome.sources), outcome.links)
        metadata = answer_metadata(self._incoming.ts, outcome.state)
        try:
            ts = await self._final.deliver(text, metadata, self._progress.shown)
        except Exception:
            await self.settle("failed")
            raise
        self._sightings.see("sign", "text", "final")
        self._stream_ended = True
        await self.settle(outcome.state)
        log.debug("reply.delivered", calls=self.tally.calls, seconds=round(self.tally.seconds, 3))
        return Said(
            ts,
            self._bot.user_id,
            outcome.text,
            by_bot=True,
            answers=self._incoming.ts,
            state=outcome.state,
            links=outcome.links,
        )

    async def settle(self, state: OutcomeState) -> None:
        """Add the end mark and clear the status, in the background."""
        channel, ts = self._incoming.channel, self._incoming.ts
        self._deliveries.later(
            "end_mark",
            lambda: self._gateway.add_reaction(channel, ts, END_MARKS[state], END_MARK),
        )
        self._clear_status()

    async def suspend(self, words: str) -> None:
        """Add words to what was streamed and end it, but add no mark."""
        await self._progress.stop()
        if ts := self._progress.shown.ts:
            self._stream_ended = True
            written = self._progress.shown.text
            await leave(self._gateway, self._incoming, ts, written, render(words, ()))

    async def withdraw(self) -> None:
        """Delete what was streamed."""
        await self._progress.stop()
        try:
            ts = await self._final.find_stream(self._progress.shown)
        except SlackRefusal:
            return
        if ts is not None:
            self._stream_ended = True
            await take_back(self._gateway, self._incoming.channel, ts)

    async def refuse(self, notice: Notice | None) -> None:
        """Add 🚫 and tell the asker alone, in the background."""
        if notice is not None:
            self._deliveries.later("refusal", partial(self._whisper, notice))
        gateway = self._gateway  # the names are all that is kept until Slack has time
        channel, ts = self._incoming.channel, self._incoming.ts
        self._deliveries.later(
            "refused_sign", lambda: gateway.add_reaction(channel, ts, REFUSED, REFUSED_SIGN)
        )

    async def _whisper(self, notice: Notice) -> None:
        asked = self._incoming
        thread_ts = asked.thread_ts if asked.is_reply else None
        try:
            await self._gateway.whisper(asked.channel, asked.asker, notice.words, thread_ts)
        except SlackFailure as failure:
            if failure.kind != "refused":  # what Slack declines it would decline each time
                notice.lost()
            raise

    async def close(self) -> None:
        """Tidy up in the background what nothing else has brought to an end."""
        if self._progress.is_running or self._progress.status_shows or self._open_stream:
            self._deliveries.later("tidying", self._tidy)

    @property
    def _open_stream(self) -> str | None:
        return None if self._stream_ended else self._progress.shown.ts

    async def _tidy(self) -> None:
        """Let the call under way end, so that it is known what is there to be tidied."""
        try:
            await self._progress.stop()
        finally:
            await self._progress.abandon()
        if ts := self._open_stream:
            self._stream_ended = True
            self._final.close_stream(ts)
        self._clear_status()

    def _clear_status(self) -> None:
        if self._progress.status_shows:
            self._progress.status_shows = False
            channel, thread_ts = self._incoming.channel, self._incoming.thread_ts
            self._deliveries.later(
                "status_end", lambda: self._gateway.set_status(channel, thread_ts, "", STATUS_END)
            )
