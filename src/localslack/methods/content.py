"""What a message may hold: the limits and exclusions of text, Markdown, blocks and metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.markdown import settled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localslack.arguments import Arguments
    from localslack.model import Json

TEXT_LIMIT = 40_000  # Slack's documentation of chat.postMessage
UPDATE_TEXT_LIMIT = 4_000  # reported by users: chat.update gives msg_too_long beyond it
MARKDOWN_LIMIT = 12_000  # Slack's documentation of markdown_text, and of the markdown block
BLOCKS_LIMIT = 50  # Slack's documentation of Block Kit, as are the four that follow
SECTION_LIMIT, HEADER_LIMIT, CONTEXT_LIMIT, ACTIONS_LIMIT = 3_000, 150, 10, 5
ALL_BLOCKS_LIMIT = 13_000  # reported by users: msg_blocks_too_long beyond 12,000 to 13,000
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
    problems = tuple(_problems(blocks))
    if len(blocks) > BLOCKS_LIMIT:
        problems = (f"no more than {BLOCKS_LIMIT} items allowed [json-pointer:/blocks]",)
    if problems:
        raise SlackError("invalid_blocks", response_metadata={"messages": list(problems)})
    markdown = sum(len(_text_of(block)) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_LIMIT or sum(map(_text_length, blocks)) > ALL_BLOCKS_LIMIT:
        raise SlackError("msg_blocks_too_long")
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


def _problems(blocks: Iterable[Json]) -> Iterable[str]:
    for place, block in enumerate(blocks):
        at = f"[json-pointer:/blocks/{place}]"
        match block.get("type"):
            case None:
                yield f"missing required field: type {at}"
            case "section" if len(_text_of(block)) > SECTION_LIMIT:
                yield f"must be less than {SECTION_LIMIT + 1} characters {at}"
            case "header" if len(_text_of(block)) > HEADER_LIMIT:
                yield f"must be less than {HEADER_LIMIT + 1} characters {at}"
            case "context" if len(block.get("elements", ())) > CONTEXT_LIMIT:
                yield f"no more than {CONTEXT_LIMIT} items allowed {at}"
            case "context_actions" if len(block.get("elements", ())) > ACTIONS_LIMIT:
                yield f"no more than {ACTIONS_LIMIT} items allowed {at}"
            case "section" | "header" | "markdown" if not (_text_of(block) or "fields" in block):
                yield f"missing required field: text {at}"


def _text_of(block: Json) -> str:
    text = block.get("text", "")
    return str(text.get("text", "") if isinstance(text, dict) else text)


def _text_length(value: object) -> int:
    """All text within a block, however deep it stands."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_text_length(item) for item in value.values())
    if isinstance(value, list):
        return sum(map(_text_length, value))
    return 0
