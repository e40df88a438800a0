"""Messages of the bot that never became an answer: left for the next start, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from slackbot.agent.fences import closing_fence
from slackbot.slack.api.failures import SlackFailure
from slackbot.slack.delivery.answer import part_metadata

if TYPE_CHECKING:
    from slackbot.conversation import Incoming
    from slackbot.slack.gateway import SlackGateway

log = structlog.get_logger(__name__)

BROKEN_OFF = "_This answer was interrupted._"


async def leave(
    gateway: SlackGateway, incoming: Incoming, ts: str, written: str, words: str
) -> None:
    """End a stream that says `written` with a few words, so that it does not pass for an answer."""
    rest = f"{closing_fence(written)}\n\n{words}"
    try:
        await gateway.stop_stream(incoming.channel, ts, rest, part_metadata(incoming.ts, 0))
    except SlackFailure as failure:
        log.info("reply.not_left", code=failure.code)


async def take_back(gateway: SlackGateway, channel: str, ts: str) -> None:
    """Remove a message, whether it still grows or not; where that is not allowed, say what it is.

    Slack deletes no message that is streaming.
    """
    try:
        await gateway.stop_stream(channel, ts, "", None)
    except SlackFailure as failure:
        log.debug("reply.not_streaming", code=failure.code)
    try:
        await gateway.delete(channel, ts)
    except SlackFailure as failure:
        log.info("reply.not_deleted", code=failure.code)
        try:
            await gateway.update(channel, ts, BROKEN_OFF, None)
        except SlackFailure as failed:
            log.warning("reply.not_taken_back", code=failed.code)
