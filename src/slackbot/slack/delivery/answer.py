"""The mark in a final message's metadata by which the record tells what it answers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from slackbot.conversation import OutcomeState

EVENT_TYPE = "slackbot_answer"
PART_EVENT_TYPE = "slackbot_answer_part"
_STATES: tuple[OutcomeState, ...] = get_args(OutcomeState)


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


def answered(message: Mapping[str, object]) -> tuple[str | None, OutcomeState | None]:
    """Return the `ts` of what a message answers, and how that ended: `None` for a mere part.

    Both are `None` where its metadata say nothing of the kind.
    """
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(payload, Mapping):
        return None, None
    source, kind = payload.get("source_ts"), metadata.get("event_type")
    if not isinstance(source, str) or kind not in (EVENT_TYPE, PART_EVENT_TYPE):
        return None, None
    if kind == PART_EVENT_TYPE:
        return source, None
    return source, next((state for state in _STATES if state == payload.get("state")), "answered")
