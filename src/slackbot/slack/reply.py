"""One reply in Slack: 👀, status, text as it grows, the final text with its sources, ✅ or ❌."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from slackbot.conversation import Said
from slackbot.errors import DeliveryError
from slackbot.slack.answer import answer_metadata, part_metadata
from slackbot.slack.egress import EgressStream, render
from slackbot.slack.gateway import SlackFailure, SlackRefusal, Tally
from slackbot.slack.progress import FLUSH_SECONDS, STATUS_SECONDS, Progress, Shown
from slackbot.slack.sources import list_sources
from slackbot.slack.split import open_fence, split

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from slackbot.conversation import Incoming, Outcome, OutcomeState
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import Metadata, SlackGateway

log = structlog.get_logger(__name__)

END_MARKS: Mapping[OutcomeState, str] = {
    "answered": "white_check_mark",
    "partial": "white_check_mark",
    "failed": "x",
    "cancelled": "octagonal_sign",
}
STATUS_CHARACTERS = 100
PAUSES_BEFORE_POSTING_AGAIN = (1.0, 4.0)


class SlackReply:
    """The reply to one message; implements `slackbot.conversation.Reply`.

    Whoever makes one closes it, however the work on it ended.
    """

    def __init__(
        self,
        gateway: SlackGateway,
        incoming: Incoming,
        bot: BotIdentity,
        *,
        flush_interval: float = FLUSH_SECONDS,
        status_interval: float = STATUS_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.tally = Tally()
        self._gateway = gateway.counting(self.tally)
        self._incoming = incoming
        self._bot = bot
        self._sleep = sleep
        self._egress = EgressStream()
        self._progress = Progress(
            self._gateway,
            incoming,
            flush_interval=flush_interval,
            status_interval=status_interval,
        )

    async def acknowledge(self) -> None:
        """Add 👀."""
        self._progress.acknowledge()

    async def status(self, text: str) -> None:
        """Show what is being done, as Slack's own status line of the thread."""
        self._progress.say(render(text[:STATUS_CHARACTERS], ()))

    async def write(self, markdown: str, links: Collection[str]) -> None:
        """Stream a piece of the answer."""
        self._progress.write(self._egress.feed(markdown, links))

    async def end(self, outcome: Outcome) -> Said:
        """Deliver the final text and add the end mark.

        Raises:
            DeliveryError: the final text could not be shown; the message has ❌ if that was
                possible.
        """
        await self._progress.stop()
        text = render(outcome.text + list_sources(outcome.sources), outcome.links)
        mark = END_MARKS["failed"]
        try:
            ts = await self._deliver(text, answer_metadata(self._incoming.ts, outcome.state))
            mark = END_MARKS[outcome.state]
        finally:
            await asyncio.gather(self._mark(mark), self._clear_status())
        log.debug("reply.delivered", calls=self.tally.calls, seconds=round(self.tally.seconds, 3))
        return Said(
            ts,
            self._bot.user_id,
            outcome.text,
            by_bot=True,
            answers=self._incoming.ts,
            links=outcome.links,
        )

    async def close(self) -> None:
        """End whatever is still being sent; of no effect after `end`."""
        await self._progress.abandon()

    async def _deliver(self, text: str, metadata: Metadata) -> str:
        """Make the text stand in the thread once and whole; return the ts of its last message."""
        if not text.strip():
            raise DeliveryError("there is nothing to show")
        shown = await self._shown()
        if shown.ts is None:
            return await self._post_all(split(text), metadata)
        exact = shown.exact and text.startswith(shown.text)
        first, *others = split(text, at_least=len(shown.text) if exact else 0)
        others = [part for part in others if part.strip()]
        rest = first[len(shown.text) :] if exact else ""
        of_first = part_metadata(self._incoming.ts, 0) if others else metadata
        if await self._finish(shown.ts, rest, first, of_first, exact=exact):
            return await self._post_all(others, metadata) if others else shown.ts
        if not exact:
            return await self._post_all(split(text), metadata)
        remaining = text[len(shown.text) :]
        if not remaining.strip():
            return shown.ts
        return await self._post_all(split(open_fence(shown.text) + remaining), metadata)

    async def _shown(self) -> Shown:
        """What the stream has written; if it may have begun unknown to us, the thread tells."""
        shown = self._progress.shown
        if shown.ts is None and not shown.exact:
            return Shown(await self._find(None), exact=False)
        return shown

    async def _finish(
        self, ts: str, rest: str, whole: str, metadata: Metadata, *, exact: bool
    ) -> bool:
        """End the stream with the rest of its text, or put the whole in the place of it.

        Returns false if the message can take neither.
        """
        channel = self._incoming.channel
        try:
            await self._gateway.stop_stream(channel, ts, rest, metadata)
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.info("reply.stream_lost", code=failure.code)
            exact = False
        if exact:
            return True
        try:
            await self._gateway.update(channel, ts, whole, metadata)
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.warning("reply.stream_unfinished", code=failure.code)
            return False
        return True

    async def _post_all(self, parts: Sequence[str], metadata: Metadata) -> str:
        *others, last = [part for part in parts if part.strip()]
        for number, part in enumerate(others, 1):
            await self._post(part, part_metadata(self._incoming.ts, number))
        return await self._post(last, metadata)

    async def _post(self, text: str, metadata: Metadata) -> str:
        """Post a message once, although Slack may not say whether it did."""
        for pause in PAUSES_BEFORE_POSTING_AGAIN:
            try:
                return await self._gateway.post(
                    self._incoming.channel, self._incoming.thread_ts, text, metadata
                )
            except SlackFailure as failure:
                if not failure.ambiguous:
                    raise
                log.info("reply.post_unknown", code=failure.code)
            await self._sleep(pause)
            if ts := await self._find(metadata):
                return ts
        return await self._gateway.post(
            self._incoming.channel, self._incoming.thread_ts, text, metadata
        )

    async def _find(self, metadata: Metadata | None) -> str | None:
        """Look behind the question for a message of ours with this metadata, or none yet."""
        page = await self._gateway.replies(
            self._incoming.channel, self._incoming.thread_ts, oldest=self._incoming.ts
        )
        for message in page.messages:
            ts = str(message.get("ts"))
            ours = message.get("user") == self._bot.user_id and ts > self._incoming.ts
            if ours and message.get("metadata") == metadata:
                return ts
        return None

    async def _mark(self, name: str) -> None:
        try:
            await self._gateway.add_reaction(
                self._incoming.channel, self._incoming.ts, name, insist=True
            )
        except SlackFailure as failure:
            log.warning("reply.mark_failed", code=failure.code, mark=name)

    async def _clear_status(self) -> None:
        if not self._progress.status:
            return
        try:
            await self._gateway.set_status(
                self._incoming.channel, self._incoming.thread_ts, "", insist=True
            )
        except SlackFailure as failure:
            log.warning("reply.status_failed", code=failure.code)
