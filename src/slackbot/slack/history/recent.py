"""Searching Slack without Slack's search: reads the recent history of channels, ranks it here.

What is read is bounded (pages, threads, channels), kept in memory for a short time, and never waits
for Slack's limits: a channel that cannot be read at the moment is left out.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from cachetools import LRUCache, TTLCache

from slackbot import ranking
from slackbot.slack.api.priorities import SEARCH
from slackbot.slack.gateway import SlackFailure
from slackbot.slack.history.search import Found, is_ts
from slackbot.slack.permalinks import Place
from slackbot.slack.thread import READ_SUBTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slackbot.slack.gateway import SlackGateway
    from slackbot.slack.history.admission import Admission
    from slackbot.slack.history.search import Wanted

log = structlog.get_logger(__name__)

REMEMBERED_CHANNELS, REMEMBERED_SECONDS = 100, 60.0
REMEMBERED_THREADS, REMEMBERED_THREAD_SECONDS = 2_000, 900.0
"""A thread is read again when somebody has replied; else after this time, for what was edited."""

MAX_CHANNELS = 30
PAGES = 2
MAX_THREADS = 20
"""Of each channel, the newest threads are read in full; of the others, the first message."""

CONCURRENCY = 4


class RecentHistory:
    """The third way to search: the newest 400 messages of each channel, and their threads."""

    def __init__(
        self,
        gateway: SlackGateway,
        admission: Admission,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._gateway = gateway
        self._admission = admission
        self._channels: TTLCache[str, Sequence[Found]] = TTLCache(
            REMEMBERED_CHANNELS, REMEMBERED_SECONDS, clock
        )
        self._threads: TTLCache[tuple[str, ...], Sequence[Found]] = TTLCache(
            REMEMBERED_THREADS, REMEMBERED_THREAD_SECONDS, clock
        )
        self._locks: LRUCache[str, asyncio.Lock] = LRUCache(REMEMBERED_CHANNELS)
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def search(self, wanted: Wanted) -> Sequence[Found]:
        """Return the message of each thread that says most of the words, the best thread first.

        Raises:
            SlackFailure: no channel can be read.
        """
        channels = list(wanted.channels)[:MAX_CHANNELS]
        if len(channels) < len(wanted.channels):
            log.info("slack_history.cut", channels=len(wanted.channels), read=MAX_CHANNELS)
        answers = await asyncio.gather(*map(self._recent, channels))
        failures = [answer for answer in answers if isinstance(answer, SlackFailure)]
        if len(failures) == len(channels) > 0:
            raise failures[0]
        said = [
            found for answer in answers if not isinstance(answer, SlackFailure) for found in answer
        ]
        admitted = await self._admission.admitted(said, wanted)
        return await asyncio.to_thread(rank, admitted, wanted.words)

    async def _recent(self, channel: str) -> Sequence[Found] | SlackFailure:
        """Return what was said in a channel, from memory if it was read a moment ago."""
        async with self._locks.setdefault(channel, asyncio.Lock()):
            known = self._channels.get(channel)
            if known is not None:
                return known
            try:
                read = self._channels[channel] = await self._read(channel)
            except SlackFailure as failure:
                log.warning("slack_history.unreadable", channel=channel, error=str(failure))
                return failure
            return read

    async def _read(self, channel: str) -> Sequence[Found]:
        listed: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(PAGES):
            async with self._slots:
                page = await self._gateway.history(channel, cursor=cursor)
            listed += page.messages
            cursor = page.cursor
            if not cursor:
                break
        begun = [root for root in listed if root.get("latest_reply")][:MAX_THREADS]
        threads = await asyncio.gather(*(self._thread(channel, root) for root in begun))
        by_ts = {found.place.ts: found for thread in threads for found in thread}
        for found in messages_in(channel, listed):
            by_ts.setdefault(found.place.ts, found)
        return tuple(by_ts.values())

    async def _thread(self, channel: str, root: Mapping[str, object]) -> Sequence[Found]:
        """Return a thread, from memory if nobody has replied since; nothing if it is unreadable."""
        root_ts = str(root.get("ts"))
        key = (channel, root_ts, str(root.get("latest_reply")), str(root.get("reply_count")))
        if (known := self._threads.get(key)) is not None:
            return known
        try:
            async with self._slots:
                page = await self._gateway.replies(channel, root_ts, priority=SEARCH)
        except SlackFailure as failure:
            log.info("slack_history.thread_unreadable", channel=channel, error=str(failure))
            return ()
        opening = next((found.text for found in messages_in(channel, [root])), None)
        thread = self._threads[key] = tuple(
            replace(found, opening=opening) for found in messages_in(channel, page.messages)
        )
        return thread


def rank(said: Sequence[Found], words: Sequence[str]) -> Sequence[Found]:
    """Return the best message of each thread that matches, the best thread first.

    Threads that have all the words; where none has, those that have any.
    """
    threads: defaultdict[str, list[Found]] = defaultdict(list)
    for found in said:
        threads["/".join(found.place.thread)].append(found)
    wanted = ranking.Wanted(tuple(term.stem for term in ranking.terms(" ".join(words))), ())
    index = ranking.Index(
        {key: "\n".join(found.text for found in thread) for key, thread in threads.items()}
    )
    matching = [key for key in threads if index.has_all(key, wanted)]
    matching = matching or [key for key in threads if index.has_any(key, wanted)]
    best_first = sorted(matching, key=lambda key: -index.score(key, wanted))
    return [_best(threads[key], frozenset(wanted.stems)) for key in best_first]


def messages_in(channel: str, messages: Iterable[Mapping[str, object]]) -> Sequence[Found]:
    """Return what was said in messages as Slack lists them; notices of Slack's own are left out."""
    found = (_found(channel, message) for message in messages)
    return tuple(one for one in found if one is not None)


def _best(thread: Sequence[Found], stems: frozenset[str]) -> Found:
    """Return the message with most of the words, the first of several."""
    return max(
        thread,
        key=lambda found: len(stems.intersection(term.stem for term in ranking.terms(found.text))),
    )


def _found(channel: str, message: Mapping[str, object]) -> Found | None:
    ts, user, text = message.get("ts"), message.get("user"), _said(message)
    if message.get("subtype") not in READ_SUBTYPES or not is_ts(ts):
        return None
    if not (isinstance(ts, str) and text):
        return None
    root = message.get("thread_ts")
    place = Place(channel, ts, root if isinstance(root, str) else ts)
    return Found(place, user if isinstance(user, str) else "", text)


def _said(message: Mapping[str, object]) -> str:
    """Return the text of a message, and what stands in attachments, where apps put theirs.

    Source: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
    """
    attached = message.get("attachments")
    parts: list[object] = [message.get("text")]
    for attachment in attached if isinstance(attached, list) else ():
        if isinstance(attachment, dict) and not attachment.get("is_msg_unfurl"):
            parts += [attachment.get("title"), attachment.get("text") or attachment.get("fallback")]
    return "\n".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
