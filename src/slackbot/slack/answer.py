"""The mark in a final message's metadata by which the record tells what it answers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slackbot.conversation import OutcomeState

EVENT_TYPE = "slackbot_answer"
PART_EVENT_TYPE = "slackbot_answer_part"


def answer_metadata(source_ts: str, state: OutcomeState) -> dict[str, object]:
    """Return the metadata of the final message that answers the one with `source_ts`."""
    return {
        "event_type": EVENT_TYPE,
        "event_payload": {"source_ts": source_ts, "state": state},
    }


def part_metadata(source_ts: str, number: int) -> dict[str, object]:
    """Return the metadata of a message that holds a part of an answer, but not its end."""
    return {
        "event_type": PART_EVENT_TYPE,
        "event_payload": {"source_ts": source_ts, "number": number},
    }


def answered_ts(message: Mapping[str, object]) -> str | None:
    """Return the `ts` of what a message is the final answer to, `None` if it is not one."""
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    source = payload.get("source_ts") if isinstance(payload, Mapping) else None
    return source if isinstance(source, str) else None
