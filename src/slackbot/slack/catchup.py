"""Looks back, whenever a socket comes up, for what was missed or broken off while none was.

Events tell nothing of what was said while no socket was up, and no event tells of an answer that
a crash cut off. So the record is read: the bot's own marks, the newest of each conversation, and
the threads that moved. What is found goes the way of events, and is told apart there by its ts;
what has its answer already counts against the limits, so that what was refused stays refused.
docs/reliability.md says what this cannot reach.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import structlog

from slackbot.conversation import ThreadKey
from slackbot.slack.api.failures import SlackFailure
from slackbot.slack.api.priorities import CATCH_UP
from slackbot.slack.api.reading import DIRECT, SHARED
from slackbot.slack.missed import last_reply_at, missed_in, said_at, thread_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence

    from slackbot.conversation import Incoming
    from slackbot.slack.api.reading import Marked
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 1.0
"""How long to let things settle before looking: sockets that come up together are one reason."""

MARKED_PAGES = 3
CONVERSATIONS = 200
HISTORY_PAGES = 3
THREADS = 100
THREAD_PAGES = 2
"""How much is read at most: with all of it used, some ten minutes of Slack's limits."""


class Finder(Protocol):
    """Who takes what is found."""

    def take_in(self, incoming: Incoming) -> None:
        """Take in a message, in the order in which they are told."""
        ...

    def charge(self, incoming: Incoming) -> None:
        """Take in that a message was answered, perhaps by another process."""
        ...

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        """Take in that somebody and the bot talked in a thread (seconds since the epoch)."""
        ...

    def doubt(self) -> None:
        """Take in that something may have been missed."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back to look, in seconds: for messages, and for threads to be followed."""

    messages: float
    threads: float


class CatchUp:
    """Finds what was missed, one look at a time."""

    def __init__(
        self,
        gateway: SlackGateway,
        bot: BotIdentity,
        finder: Finder,
        reach: Reach,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._gateway = gateway
        self._bot = bot
        self._finder = finder
        self._reach = reach
        self._clock = clock
        self._wanted = asyncio.Event()
        self._up_since = clock()

    async def on_hello(self) -> None:
        """Learn that a socket is up, and so that for a while perhaps none was."""
        self._up_since = self._clock()
        self._finder.doubt()
        self._wanted.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look whenever a socket came up, while the context is open."""
        task = asyncio.create_task(self._run(), name="slack.catch_up")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while self._reach.messages:
            await self._wanted.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._wanted.clear()
            try:
                await self.look()
            except Exception:
                log.exception("catch_up.crashed")

    async def look(self) -> None:
        """Look once; what cannot be read is left out, and the rest is found all the same."""
        since = self._clock() - self._reach.messages
        horizon = min(since, self._clock() - self._reach.threads)
        marked = [item for item in await self._marked(horizon) if said_at(item.message) >= horizon]
        for item in reversed(marked):
            self._hand_over([item.message], item.channel, since, only_begun=True)
        # In the order in which they are looked at: where the bot was last comes first.
        threads = {(item.channel, thread_of(item.message)): None for item in marked}
        conversations = await self._conversations(item.channel for item in marked)
        for channel in conversations[:CONVERSATIONS]:
            for message in reversed(await self._history(channel, since)):
                self._hand_over([message], channel, since)
                if last_reply_at(message) >= since:
                    threads[channel, thread_of(message)] = None
        for channel, thread_ts in [*threads][:THREADS]:
            replies = await self._thread(channel, thread_ts, horizon)
            contacts = self._hand_over(replies, channel, since)
            for asker, at in contacts.items():
                self._finder.follow(ThreadKey(self._bot.team, channel, thread_ts), asker, at)
        log.info("catch_up.done", conversations=len(conversations), threads=len(threads))

    def _hand_over(
        self,
        messages: Iterable[Mapping[str, object]],
        channel: str,
        since: float,
        *,
        only_begun: bool = False,
    ) -> Mapping[str, float]:
        """Have what is found counted or answered; return who talked with the bot, and when."""
        missed = missed_in(messages, channel, self._bot, since)
        for incoming in missed.answered:
            self._finder.charge(incoming)
        for incoming in missed.messages:
            begun = incoming.late is not None and incoming.late.begun
            if begun:
                self._finder.take_in(incoming)
            elif not only_begun:
                # Of what is newer than the socket an event tells; but Slack's clock may be ahead.
                is_late = float(incoming.ts) <= self._up_since
                self._finder.take_in(incoming if is_late else replace(incoming, late=None))
        return missed.contacts

    async def _marked(self, horizon: float) -> Sequence[Marked]:
        """Return what the bot has put its marks on, the last first."""
        found: list[Marked] = []
        cursor = ""
        with _left_out():
            for _ in range(MARKED_PAGES):
                page, cursor = await self._gateway.marked_by(self._bot.user_id, cursor=cursor)
                found += page
                if not cursor or all(said_at(item.message) < horizon for item in page):
                    break
        return found

    async def _conversations(self, first: Iterable[str]) -> Sequence[str]:
        """Return the ids of the conversations that the bot is in, each once."""
        found = dict.fromkeys(first)
        for types in (SHARED, DIRECT):
            with _left_out():
                for channel in await self._gateway.channels(types, CATCH_UP):
                    if not channel.get("is_archived"):
                        found[str(channel.get("id"))] = None
        return list(found)

    async def _history(self, channel: str, since: float) -> Sequence[Mapping[str, object]]:
        """Return a conversation's newest messages, the last first, some from before `since`."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        with _left_out():
            for _ in range(HISTORY_PAGES):
                page = await self._gateway.history(channel, cursor=cursor, priority=CATCH_UP)
                found += page.messages
                cursor = page.cursor
                if not cursor or any(said_at(message) < since for message in page.messages):
                    break
        return found

    async def _thread(
        self, channel: str, thread_ts: str, horizon: float
    ) -> Sequence[Mapping[str, object]]:
        """Return what was said in a thread behind the horizon, the first first."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        with _left_out():
            for _ in range(THREAD_PAGES):
                page = await self._gateway.replies(
                    channel, thread_ts, cursor=cursor, oldest=f"{horizon:.6f}", priority=CATCH_UP
                )
                found += page.messages
                cursor = page.cursor
                if not cursor:
                    break
        return found


@contextmanager
def _left_out() -> Iterator[None]:
    """Leave out what Slack does not let be read."""
    try:
        yield
    except SlackFailure as failure:
        log.warning("catch_up.unreadable", method=failure.method, code=failure.code)
