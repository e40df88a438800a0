"""Slack's own messages as a knowledge source.

The model gives typed fields, never a query. Where may be searched and read is for `OpenChannels`
to say; every message that comes back is held against that again, whichever of three ways found it:
Slack's Real-time Search, where the question came with a token for it; search.messages, where there
is a user token; else the recent history of the channels. Slack's own search is asked about public
channels only; the private channel that somebody asks in is read.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import date
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Annotated, Final

import structlog
from pydantic import BaseModel, Field

from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge.found import found_note, scored_by_rank
from slackbot.messages import ToolResult
from slackbot.slack.api.priorities import SEARCH
from slackbot.slack.gateway import SlackFailure
from slackbot.slack.history.admission import Admission
from slackbot.slack.history.channels import OpenChannels, narrowed
from slackbot.slack.history.quotes import READ_TOOL, SOURCE, Quotes
from slackbot.slack.history.recent import RecentHistory, messages_in
from slackbot.slack.history.search import MessageSearch, RealTimeSearch, Wanted, search_words
from slackbot.slack.permalinks import parse_permalink
from slackbot.tools import TypedTool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slackbot.messages import KnowledgeResult
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway
    from slackbot.slack.history.channels import Channel
    from slackbot.slack.history.search import Found, Way
    from slackbot.slack.people import SlackPeople
    from slackbot.slack.permalinks import Place
    from slackbot.tools import RunContext, Tool

log = structlog.get_logger(__name__)

MAX_KEYWORDS: Final = 256
THREAD_PAGES: Final = 3

_NOT_FOUND = "Slack has no such thread, or none that may be shown"
_UNREADABLE = frozenset({"channel_not_found", "not_in_channel", "thread_not_found"})
_UNAUTHORIZED = frozenset(
    {
        "account_inactive", "invalid_auth", "missing_scope", "not_allowed_token_type", "not_authed",
        "token_expired", "token_revoked",
    }
)  # fmt: skip


class SearchSlack(BaseModel):
    """The arguments of `search_slack`."""

    keywords: str = Field(
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="Two to six words that a matching message contains, not a whole question.",
    )
    channels: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=20, description="Names of the only channels to search."
    )
    from_user: str | None = Field(
        default=None, max_length=100, description="Name of the only author to search for."
    )
    after: date | None = Field(
        default=None, description="Leave out what was said before this day (UTC)."
    )
    before: date | None = Field(
        default=None, description="Leave out what was said after this day (UTC)."
    )


class ReadSlackThread(BaseModel):
    """The arguments of `read_slack_thread`."""

    permalink: str = Field(
        max_length=500,
        description="The address of a message, which a search result or somebody's text gives.",
    )


class SlackHistorySource:
    """What was said in the channels that may be searched.

    Args:
        gateway: calls Slack with the bot's token.
        bot: what it said itself, and what people asked it, is no knowledge.
        people: gives names for ids, and knows who is a guest.
        channels: names or ids of the channels that may be shown; `*` is every public one that the
            bot is in.
        searcher: calls Slack with a user token that has `search:read`.
        limit: how many results a search returns at most.
        clock: seconds since the epoch.
    """

    source_name = SOURCE

    def __init__(
        self,
        gateway: SlackGateway,
        bot: BotIdentity,
        people: SlackPeople,
        channels: Sequence[str],
        *,
        searcher: SlackGateway | None = None,
        limit: int = 10,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not channels:
            raise ConfigurationError("SLACK_HISTORY_CHANNELS is empty")
        self._gateway = gateway
        self._bot = bot
        self._limit = limit
        self._channels = OpenChannels(gateway, people, channels, clock)
        self._admission = Admission(bot, people)
        self._people = people
        self._messages = MessageSearch(searcher) if searcher is not None else None
        self._recent = RecentHistory(gateway, self._admission, clock)

    async def search(self, query: str) -> list[KnowledgeResult]:
        """Return what was said in public channels and matches the keywords, best first."""
        return await self._search(SearchSlack.model_construct(keywords=query[:MAX_KEYWORDS]), None)

    async def search_for(self, query: str, context: RunContext) -> list[KnowledgeResult]:
        """Return what matches the keywords and may be shown to the asker there, best first."""
        arguments = SearchSlack.model_construct(keywords=query[:MAX_KEYWORDS])
        return await self._search(arguments, context)

    def tools(self) -> Sequence[Tool]:
        """Return `search_slack` and `read_slack_thread`."""
        return (
            TypedTool(
                "search_slack",
                "Search what people said in Slack when the answer may stand in a discussion, an "
                "announcement or an incident's thread.",
                SearchSlack,
                self._run_search,
                "searching Slack",
            ),
            TypedTool(
                READ_TOOL,
                "Read a whole Slack thread when one message of it is not enough to answer, or when "
                "somebody gives a link to it.",
                ReadSlackThread,
                self._run_read,
                "reading Slack",
            ),
        )

    async def check(self) -> None:
        """Ask which channels there are, and what the user token may do, if there is one."""
        try:
            await self._channels.for_asker(None)
            if self._messages is not None:
                await self._messages.check()
        except SlackFailure as failure:
            if not failure.passing:
                raise _source_error(failure) from failure

    async def _run_search(self, arguments: SearchSlack, context: RunContext) -> ToolResult:
        found = await self._search(arguments, context)
        return ToolResult(found_note(len(found)), tuple(found))

    async def _run_read(self, arguments: ReadSlackThread, context: RunContext) -> ToolResult:
        place = parse_permalink(arguments.permalink, self._bot.site)
        if place is None:
            raise SourceNotFound(_NOT_FOUND)
        try:
            channels = await self._channels.for_asker(context)
            if place.channel not in channels:
                raise SourceNotFound(_NOT_FOUND)
            thread = await self._thread(place)
        except SlackFailure as failure:
            raise _source_error(failure) from failure
        if place.ts not in {message.place.ts for message in thread}:
            raise SourceNotFound(_NOT_FOUND)
        said = [message for message in thread if message.author != self._bot.user_id]
        if not said:
            raise SourceNotFound(_NOT_FOUND)
        quotes = Quotes(self._people, self._bot.site, channels)
        return ToolResult("", (await quotes.thread(said, place),))

    async def _thread(self, place: Place) -> Sequence[Found]:
        messages: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(THREAD_PAGES):
            page = await self._gateway.replies(
                place.channel, place.thread_ts, cursor=cursor, priority=SEARCH
            )
            messages += page.messages
            cursor = page.cursor
            if not cursor:
                break
        return messages_in(place.channel, messages)

    async def _search(
        self, arguments: SearchSlack, context: RunContext | None
    ) -> list[KnowledgeResult]:
        try:
            admitted = await self._channels.for_asker(context)
            channels = narrowed(admitted, arguments.channels)
            wanted = Wanted(
                words=search_words(arguments.keywords),
                channels=channels,
                from_user=arguments.from_user,
                after=arguments.after,
                before=arguments.before,
                asked_in=(context.channel, context.thread_ts) if context is not None else None,
            )
            if not (wanted.words and channels):
                return []
            found = await self._found(wanted, context)
        except SlackFailure as failure:
            raise _source_error(failure) from failure
        # The same thread counts once, by its best message.
        best = {one.place.thread: one for one in reversed(found)}
        shown = [one for one in found if best[one.place.thread] is one][: self._limit]
        quotes = Quotes(self._people, self._bot.site, admitted)
        return scored_by_rank(await asyncio.gather(*map(quotes.excerpt, shown)))

    async def _found(self, wanted: Wanted, context: RunContext | None) -> list[Found]:
        """Search public channels by the first way that works; read the private one of the asker."""
        public, private = (_part(wanted, private=private) for private in (False, True))
        rankings = [
            await self._search_public(public, context) if public.channels else [],
            await self._recent.search(private) if private.channels else [],
        ]
        merged = [one for one in chain.from_iterable(zip_longest(*rankings)) if one is not None]
        return await self._admission.admitted(merged, wanted)

    async def _search_public(self, wanted: Wanted, context: RunContext | None) -> Sequence[Found]:
        token = context.action_token if context is not None else None
        slacks_own: list[Way | None] = [
            RealTimeSearch(self._gateway, token) if token else None,
            self._messages,
        ]
        for way in slacks_own:
            if way is None:
                continue
            try:
                return await way.search(wanted)
            except SlackFailure as failure:
                log.warning("slack_history.refused", method=failure.method, error=failure.code)
        return await self._recent.search(wanted)


def _part(wanted: Wanted, *, private: bool) -> Wanted:
    """Return the same search in the public channels only, or in the private ones only."""
    part: Mapping[str, Channel] = {
        key: channel for key, channel in wanted.channels.items() if channel.private is private
    }
    return replace(wanted, channels=part)


def _source_error(failure: SlackFailure) -> SourceError:
    if failure.code in _UNREADABLE:
        return SourceNotFound(_NOT_FOUND)
    if failure.code in _UNAUTHORIZED:
        return SourceUnauthorized(str(failure))
    return SourceUnavailable(str(failure))
