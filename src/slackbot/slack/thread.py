"""Reads threads from Slack, the record of what was said."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import structlog

from slackbot.conversation import Said
from slackbot.slack.delivery.answer import answered
from slackbot.slack.delivery.marks import attempts, own_marks
from slackbot.slack.events import SPOKEN_SUBTYPES, strip_mention
from slackbot.slack.ingress import live_links, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.conversation import ThreadKey
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

NEWEST_MESSAGES = 200
PAGES = 10
READ_SUBTYPES = (*SPOKEN_SUBTYPES, "bot_message")
"""The subtypes of messages in which somebody or something says something."""


class SlackThreads:
    """Implements `slackbot.conversation.ThreadReader` by conversations.replies."""

    def __init__(
        self, gateway: SlackGateway, bot: BotIdentity, *, newest: int = NEWEST_MESSAGES
    ) -> None:
        self._gateway = gateway
        self._bot = bot
        self._newest = newest

    async def read(self, thread: ThreadKey) -> Sequence[Said]:
        """Return the newest messages of a thread in order of time.

        Slack pages from the oldest on; a thread that is longer than `PAGES` pages is cut there.

        Raises:
            DeliveryError: Slack did not let it be read.
        """
        said: deque[Said] = deque(maxlen=self._newest)
        cursor = ""
        for _ in range(PAGES):
            page = await self._gateway.replies(thread.channel, thread.thread_ts, cursor=cursor)
            said.extend(read for message in page.messages if (read := as_said(message, self._bot)))
            cursor = page.cursor
            if not cursor:
                return tuple(said)
        log.info("thread.cut", channel=thread.channel, pages=PAGES)
        return tuple(said)


def as_said(message: Mapping[str, object], bot: BotIdentity) -> Said | None:
    """Return what a message says; nothing for notices of Slack's own and for empty ones."""
    ts, text = message.get("ts"), message.get("text")
    speaker = message.get("user") or message.get("bot_id")
    if message.get("subtype") not in READ_SUBTYPES:
        return None
    if not (isinstance(ts, str) and isinstance(text, str) and isinstance(speaker, str)):
        return None
    plain = plain_text(strip_mention(text, bot.user_id))
    by_bot = message.get("user") == bot.user_id or message.get("bot_id") == bot.bot_id
    if by_bot and plain:
        answers, state = answered(message)
        return Said(ts, bot.user_id, plain, True, answers, state, live_links(text))
    begun = attempts(own_marks(message, bot))
    # A mention of the bot and nothing else has no text, and may have been attempted.
    return Said(ts, speaker, plain, attempts=begun) if plain or begun else None
