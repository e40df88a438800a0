"""Every call to Slack's Web API, typed: what it needs, what it is for, what it returns.

When a call leaves, and whether it is made again, is the affair of `slackbot.slack.api.traffic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.slack.api.calls import Tally, scopes_in, text_in
from slackbot.slack.api.client import web_client
from slackbot.slack.api.failures import SlackFailure, SlackRefusal
from slackbot.slack.api.priorities import (
    FINAL_POST,
    FINAL_TEXT,
    IDENTITY,
    PROGRESS,
    REFUSAL,
    STREAM_START,
    TAKEN_SIGN,
)
from slackbot.slack.api.reading import Page, SlackReading
from slackbot.slack.api.scopes import METHOD_SCOPES
from slackbot.slack.events import BotIdentity

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.slack.api.priorities import Priority

__all__ = [
    "METHOD_SCOPES", "Metadata", "Page", "SlackFailure", "SlackGateway", "SlackRefusal", "Tally",
    "web_client",
]  # fmt: skip

Metadata = dict[str, object]
"""Slack's message metadata: `event_type` and `event_payload`."""


class SlackGateway(SlackReading):
    """Typed calls to Slack; all of them raise `SlackFailure` (a `DeliveryError`) only."""

    async def auth_test(self) -> BotIdentity:
        """Say who the bot is; a Slack that is busy or ailing is asked again for a few seconds."""
        answer = await self._call("auth.test", self._client.auth_test, IDENTITY)
        return BotIdentity(
            team=text_in(answer, "team_id"),
            user_id=text_in(answer, "user_id"),
            bot_id=text_in(answer, "bot_id"),
            site=text_in(answer, "url").rstrip("/"),
            scopes=scopes_in(answer),
        )

    async def add_reaction(
        self, channel: str, ts: str, name: str, priority: Priority = TAKEN_SIGN
    ) -> None:
        """Mark a message; a mark that is there already is no error."""
        try:
            await self._call(
                "reactions.add",
                lambda: self._client.reactions_add(channel=channel, name=name, timestamp=ts),
                priority,
            )
        except SlackFailure as failure:
            if failure.code != "already_reacted":
                raise

    async def set_status(
        self, channel: str, thread_ts: str, status: str, priority: Priority = PROGRESS
    ) -> None:
        """Say what is being done in a thread; an empty status clears it."""
        await self._call(
            "assistant.threads.setStatus",
            lambda: self._client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread_ts, status=status
            ),
            priority,
            channel=channel,
        )

    async def start_stream(
        self, channel: str, thread_ts: str, text: str, *, recipient_team: str, recipient_user: str
    ) -> str:
        """Begin a message that grows; return its ts."""
        answer = await self._call(
            "chat.startStream",
            lambda: self._client.chat_startStream(
                channel=channel,
                thread_ts=thread_ts,
                markdown_text=text,
                recipient_team_id=recipient_team,
                recipient_user_id=recipient_user,
            ),
            STREAM_START,
        )
        return text_in(answer, "ts")

    async def append_stream(self, channel: str, ts: str, text: str) -> None:
        """Add to a message that grows."""
        await self._call(
            "chat.appendStream",
            lambda: self._client.chat_appendStream(channel=channel, ts=ts, markdown_text=text),
            PROGRESS,
        )

    async def stop_stream(
        self, channel: str, ts: str, text: str, metadata: Metadata | None
    ) -> None:
        """Add the last of a message that grows, and end it.

        A second time is refused with `message_not_in_streaming_state`.
        """
        await self._call(
            "chat.stopStream",
            lambda: self._client.chat_stopStream(
                channel=channel, ts=ts, markdown_text=text or None, metadata=metadata
            ),
            FINAL_TEXT,
        )

    async def post(
        self,
        channel: str,
        thread_ts: str,
        text: str,
        metadata: Metadata | None,
        *,
        plain: bool = False,
    ) -> str:
        """Say something in a thread, without previews of what it links to; return its ts.

        What is `plain` is shown letter by letter, though Slack still makes links of addresses that
        it knows. Whether a post was made is not known after an ambiguous failure.
        """
        written = {"text": text, "mrkdwn": False} if plain else {"markdown_text": text}
        answer = await self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread_ts,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **written,
            ),
            FINAL_POST,
            channel=channel,
        )
        return text_in(answer, "ts")

    async def whisper(
        self, channel: str, user: str, words: Callable[[], str], thread_ts: str | None
    ) -> None:
        """Say something that only one person sees, until they reload: the words of that moment.

        In a thread it shows only if that has begun (chat.postEphemeral's reference).
        """
        await self._call(
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(
                channel=channel, user=user, text=words(), thread_ts=thread_ts
            ),
            REFUSAL,
        )

    async def delete(self, channel: str, ts: str) -> None:
        """Take a message of the bot's own back; one that is gone already is no error."""
        try:
            await self._call(
                "chat.delete",
                lambda: self._client.chat_delete(channel=channel, ts=ts),
                FINAL_TEXT,
            )
        except SlackFailure as failure:
            if failure.code != "message_not_found":
                raise

    async def update(self, channel: str, ts: str, text: str, metadata: Metadata | None) -> None:
        """Put other text in the place of a message's."""
        await self._call(
            "chat.update",
            lambda: self._client.chat_update(
                channel=channel, ts=ts, markdown_text=text, metadata=metadata
            ),
            FINAL_TEXT,
        )
