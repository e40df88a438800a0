"""What a message may hold: the limits and exclusions of text, Markdown, blocks and metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.markdown import settled
from localslack.methods.block_kit import check_blocks

if TYPE_CHECKING:
    from localslack.arguments import Arguments
    from localslack.model import Json

TEXT_LIMIT = 40_000  # Slack's documentation of chat.postMessage
UPDATE_TEXT_LIMIT = 4_000  # reported by users: chat.update gives msg_too_long beyond it
MARKDOWN_LIMIT = 12_000  # Slack's documentation of markdown_text
METADATA_LIMIT = 8_000  # Slack's documentation of message metadata


@dataclass(frozen=True, slots=True)
class Content:
    """What to say: `body` is Markdown, or mrkdwn as Slack keeps it."""

    body: str
    markdown: bool
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()


def content(arguments: Arguments, text_limit: int) -> Content:
    """Read the content of a message.

    Raises:
        SlackError: `no_text`, `msg_too_long`, `markdown_text_conflict`, `invalid_blocks`,
            `msg_blocks_too_long` or `invalid_attachments`.
    """
    markdown = markdown_text(arguments)
    text = arguments.optional_text("text")
    blocks = checked_blocks(arguments)
    attachments = arguments.objects("attachments", "invalid_attachments") or ()
    if markdown is not None:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        return Content(markdown, markdown=True, attachments=attachments)
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    if len(text or "") > text_limit:
        raise SlackError("msg_too_long")
    return Content(settled(text or ""), markdown=False, blocks=blocks, attachments=attachments)


def markdown_text(arguments: Arguments) -> str | None:
    """Read `markdown_text`; empty is the same as absent."""
    markdown = arguments.optional_text("markdown_text")
    if markdown is not None and len(markdown) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    return markdown or None


def checked_blocks(arguments: Arguments) -> tuple[Json, ...]:
    """Read `blocks`, within Block Kit's limits."""
    blocks = arguments.objects("blocks", "invalid_blocks_format") or ()
    check_blocks(blocks)
    return blocks


def metadata(arguments: Arguments) -> Json | None:
    """Read `metadata`: an event type and an object with the payload."""
    given = arguments.object("metadata", "invalid_metadata_format")
    if given is None or given == {}:
        return given
    if not isinstance(given.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(given)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return given
