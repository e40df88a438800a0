"""What is read from Slack: threads, histories, channels, people, searches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from slackbot.slack.api.calls import SlackCalls, cursor_in, objects_in
from slackbot.slack.api.priorities import ANSWER_READ, CATCH_UP, PROFILE_READ, SEARCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.slack.api.priorities import Priority

SHARED, DIRECT = "public_channel,private_channel", "im"
"""Types of channels, by Slack's names."""

CHANNELS_PER_PAGE, CHANNEL_PAGES = 500, 10
MARKED_PER_PAGE = 100

CONTEXT_RESULTS = 20
MESSAGE_RESULTS = 100
"""Slack's upper bounds for one call; more calls would soon meet its limits."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a thread or of a history; `cursor` is empty on the last one."""

    messages: Sequence[Mapping[str, object]]
    cursor: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A message that somebody reacted to, as Slack shows it, and its channel."""

    channel: str
    message: Mapping[str, object]


class SlackReading(SlackCalls):
    """Typed calls that change nothing."""

    async def replies(
        self,
        channel: str,
        thread_ts: str,
        *,
        cursor: str = "",
        oldest: str = "0",
        limit: int = 200,
        priority: Priority = ANSWER_READ,
    ) -> Page:
        """Return a page of a thread with its metadata, oldest messages first."""
        answer = await self._call(
            "conversations.replies",
            lambda: self._client.conversations_replies(
                channel=channel,
                ts=thread_ts,
                cursor=cursor or None,
                oldest=oldest,
                inclusive=True,
                limit=limit,
                include_all_metadata=True,
            ),
            priority,
        )
        return Page(objects_in(answer.get("messages")), cursor_in(answer))

    async def history(
        self, channel: str, *, cursor: str = "", limit: int = 200, priority: Priority = SEARCH
    ) -> Page:
        """Return a page of what stands in a channel itself, newest messages first."""
        answer = await self._call(
            "conversations.history",
            lambda: self._client.conversations_history(
                channel=channel, cursor=cursor or None, limit=limit
            ),
            priority,
        )
        return Page(objects_in(answer.get("messages")), cursor_in(answer))

    async def channels(
        self, types: str = SHARED, priority: Priority = SEARCH
    ) -> Sequence[Mapping[str, object]]:
        """Return Slack's objects of the channels that the bot is in, the first 5,000 of them."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(CHANNEL_PAGES):
            answer = await self._call(
                "users.conversations",
                partial(
                    self._client.users_conversations,
                    types=types,
                    limit=CHANNELS_PER_PAGE,
                    cursor=cursor or None,
                ),
                priority,
            )
            found += objects_in(answer.get("channels"))
            cursor = cursor_in(answer)
            if not cursor:
                break
        return found

    async def marked_by(self, user: str, *, cursor: str = "") -> tuple[Sequence[Marked], str]:
        """Return a page of the messages that somebody reacted to, the last first, and its cursor.

        Source: https://docs.slack.dev/reference/methods/reactions.list
        """
        answer = await self._call(
            "reactions.list",
            lambda: self._client.reactions_list(
                user=user, full=True, limit=MARKED_PER_PAGE, cursor=cursor or None
            ),
            CATCH_UP,
        )
        marked = [
            Marked(str(item.get("channel")), message)
            for item in objects_in(answer.get("items"))
            if item.get("type") == "message" and isinstance(message := item.get("message"), dict)
        ]
        return marked, cursor_in(answer)

    async def search_context(self, query: str, action_token: str) -> Sequence[Mapping[str, object]]:
        """Search public channels in the name of the person whose event carried the token.

        Returns the best of Slack's objects, at most 20 of them.
        """
        answer = await self._call(
            "assistant.search.context",
            lambda: self._client.api_call(
                "assistant.search.context",
                json={
                    "query": query,
                    "action_token": action_token,
                    "channel_types": ["public_channel"],
                    "content_types": ["messages"],
                    "limit": CONTEXT_RESULTS,
                },
            ),
            SEARCH,
        )
        results = answer.get("results")
        return objects_in(results.get("messages")) if isinstance(results, dict) else []

    async def search_messages(self, query: str) -> Sequence[Mapping[str, object]]:
        """Search all that the person can read whose token this is; a bot's token is refused.

        Returns the best of Slack's objects, at most 100 of them.
        """
        answer = await self._call(
            "search.messages",
            lambda: self._client.search_messages(query=query, count=MESSAGE_RESULTS),
            SEARCH,
        )
        found = answer.get("messages")
        return objects_in(found.get("matches")) if isinstance(found, dict) else []

    async def user_info(self, user: str) -> Mapping[str, object]:
        """Return Slack's user object."""
        answer = await self._call(
            "users.info", lambda: self._client.users_info(user=user), PROFILE_READ
        )
        found = answer.get("user")
        return found if isinstance(found, dict) else {}
