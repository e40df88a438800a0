"""Makes the final text of an answer stand in its thread: whole, once, whatever Slack does."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from slackbot.errors import DeliveryError
from slackbot.slack.api.failures import (
    STREAM_CONFLICT,
    STREAM_ENDED,
    TOO_MUCH,
    SlackFailure,
    SlackRefusal,
)
from slackbot.slack.api.priorities import FINAL_READ, FINAL_TEXT_SECONDS
from slackbot.slack.delivery.answer import part_metadata
from slackbot.slack.delivery.split import rest_of, split

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from slackbot.conversation import Incoming
    from slackbot.slack.delivery.deliveries import Deliveries
    from slackbot.slack.delivery.progress import Shown
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import Metadata, SlackGateway

log = structlog.get_logger(__name__)

SMALLEST_CHARACTERS = 2_000
"""A text of at most this length that Slack cannot show is not divided again, but shown plain."""

STREAM_END_ATTEMPTS = 5
"""How often a stream is ended that Slack says is in conflict; by itself it ends after minutes."""

_BACK_OFF = wait_exponential_jitter(multiplier=1.0, max=60.0, jitter=0.5)


class FinalText:
    """Delivers the final text of the answer to one message."""

    def __init__(
        self,
        gateway: SlackGateway,
        incoming: Incoming,
        bot: BotIdentity,
        deliveries: Deliveries,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._gateway = gateway
        self._incoming = incoming
        self._bot = bot
        self._deliveries = deliveries
        self._sleep = sleep
        self._parts = 0

    async def deliver(self, text: str, metadata: Metadata, shown: Shown) -> str:
        """Bring what a stream has shown to its end; return the ts of the last message.

        Raises:
            DeliveryError: Slack did not take it within a quarter of an hour, or never will.
        """
        if not text.strip():
            raise DeliveryError("there is nothing to show")
        try:
            async with asyncio.timeout(FINAL_TEXT_SECONDS):
                return await self._deliver(text, metadata, shown)
        except TimeoutError as error:
            raise DeliveryError("the final text could not be shown in time") from error

    async def _deliver(self, text: str, metadata: Metadata, shown: Shown) -> str:
        ts = await self.find_stream(shown)
        if ts is None:
            return await self._post_all(split(text), metadata)
        if shown.exact and text.startswith(shown.text):
            return await self._continue(ts, shown.text, text, metadata)
        return await self._replace(ts, text, metadata)

    async def _continue(self, ts: str, shown: str, text: str, metadata: Metadata) -> str:
        """Add what is missing: to the message if that is possible, else in one of its own."""
        first, *others = _visible(split(text, at_least=len(shown)))
        of_first = self._metadata_of_part() if others else metadata
        if await self._finish(ts, shown, first, of_first):
            return await self._post_all(others, metadata) if others else ts
        if not text[len(shown) :].strip():
            return ts
        return await self._post_all(split(rest_of(text, len(shown))), metadata)

    async def _finish(self, ts: str, shown: str, whole: str, metadata: Metadata) -> bool:
        """End the stream with the rest of its text; return whether the whole stands there now.

        Slack ends a stream itself after five minutes, and when somebody presses Stop.
        """
        try:
            await self._gateway.stop_stream(
                self._incoming.channel, ts, whole[len(shown) :], metadata
            )
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.info("reply.stream_lost", code=failure.code)
            if await self._find(metadata) is not None:
                return True
            if failure.code == STREAM_ENDED:
                return await self._update(ts, whole, metadata) is None
            self.close_stream(ts, self._metadata_of_part())
            return False
        return True

    async def _replace(self, ts: str, text: str, metadata: Metadata) -> str:
        """Put the text in the place of a stream's, of which it is not known what it says."""
        try:
            await self._gateway.stop_stream(self._incoming.channel, ts, "", None)
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.info("reply.stream_lost", code=failure.code)
            if failure.code != STREAM_ENDED:
                self.close_stream(ts)
        parts = _visible(split(text))
        while True:
            of_first = self._metadata_of_part() if parts[1:] else metadata
            refused = await self._update(ts, parts[0], of_first)
            if refused is None:
                return await self._post_all(parts[1:], metadata) if parts[1:] else ts
            if refused.code not in TOO_MUCH or len(parts[0]) <= SMALLEST_CHARACTERS:
                return await self._post_all(split(text), metadata)
            parts = _visible(split(text, len(parts[0]) // 2))

    async def _update(self, ts: str, text: str, metadata: Metadata) -> SlackFailure | None:
        """Put a text in the place of a message's; return what it failed by."""
        try:
            await self._gateway.update(self._incoming.channel, ts, text, metadata)
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.info("reply.stream_unfinished", code=failure.code)
            return failure
        return None

    async def _post_all(self, parts: Sequence[str], metadata: Metadata) -> str:
        """Post one after the other; what Slack cannot show is divided, and in the end shown plain.

        Only the last one carries the metadata of the final text.
        """
        waiting = deque(_visible(parts))
        ts, plain = "", False
        while waiting:
            part = waiting.popleft()
            of_this = self._metadata_of_part() if waiting else metadata
            try:
                ts = await self._post(part, of_this, plain=plain)
                plain = False
            except SlackFailure as failure:
                if failure.code not in TOO_MUCH or plain:
                    raise
                log.info("reply.post_refused", code=failure.code, characters=len(part))
                plain = len(part) <= SMALLEST_CHARACTERS
                pieces = [part] if plain else _visible(split(part, len(part) // 2))
                waiting.extendleft(reversed(pieces))
        return ts

    async def _post(self, text: str, metadata: Metadata, *, plain: bool) -> str:
        """Post a message once, although Slack may not say whether it did."""
        may_stand = False

        async def attempt() -> str:
            nonlocal may_stand
            if may_stand and (ts := await self._find(metadata)):
                return ts
            may_stand = True
            return await self._gateway.post(
                self._incoming.channel, self._incoming.thread_ts, text, metadata, plain=plain
            )

        attempts: AsyncRetrying = AsyncRetrying(
            retry=retry_if_exception(_is_unclear),
            wait=_BACK_OFF,
            stop=_too_late,
            sleep=self._sleep,
            reraise=True,
        )
        ts: str = await attempts(attempt)
        return ts

    async def _find(self, metadata: Metadata | None) -> str | None:
        """Look behind the question for a message of ours with this metadata, or none yet.

        Where that cannot be told, none is there: an answer that is lost is worse than one twice.
        """
        try:
            page = await self._gateway.replies(
                self._incoming.channel,
                self._incoming.thread_ts,
                oldest=self._incoming.ts,
                priority=FINAL_READ,
            )
        except SlackRefusal:
            raise
        except SlackFailure as failure:
            log.warning("reply.thread_unreadable", code=failure.code)
            return None
        for message in page.messages:
            ts = str(message.get("ts"))
            ours = message.get("user") == self._bot.user_id and ts > self._incoming.ts
            if ours and message.get("metadata") == metadata:
                return ts
        return None

    async def find_stream(self, shown: Shown) -> str | None:
        """Return the ts of what was streamed, also where Slack did not say that it had begun.

        Raises:
            SlackRefusal: Slack never lets the thread be read.
        """
        if shown.ts is None and not shown.exact:
            return await self._find(None)
        return shown.ts

    def close_stream(self, ts: str, metadata: Metadata | None = None) -> None:
        """See to it that a stream does not stay open, whenever Slack lets that be."""
        attempts: AsyncRetrying = AsyncRetrying(
            retry=retry_if_exception(_is_conflict),
            wait=_BACK_OFF,
            stop=stop_after_attempt(STREAM_END_ATTEMPTS),
            sleep=self._sleep,
            reraise=True,
        )
        stop = partial(self._gateway.stop_stream, self._incoming.channel, ts, "", metadata)
        self._deliveries.later("stream_end", lambda: attempts(stop))

    def _metadata_of_part(self) -> Metadata:
        self._parts += 1
        return part_metadata(self._incoming.ts, self._parts)


def _visible(parts: Sequence[str]) -> list[str]:
    return [part for part in parts if part.strip()]


def _is_unclear(error: BaseException) -> bool:
    return isinstance(error, SlackFailure) and error.ambiguous


def _is_conflict(error: BaseException) -> bool:
    return isinstance(error, SlackFailure) and error.code == STREAM_CONFLICT


def _too_late(state: RetryCallState) -> bool:
    return state.idle_for + state.upcoming_sleep > FINAL_TEXT_SECONDS
