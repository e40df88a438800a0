"""chat.startStream, chat.appendStream, chat.stopStream: a message that grows while it is read.

Slack's documentation of the three: at most 12,000 characters of Markdown a call, always in reply
to a message, and in channels only for a named recipient. Metadata is taken when the stream stops
(the slack-sdk's signatures). Reported by users: a stream ends by itself after about five minutes,
and stays in the mode, text or chunks, that its first content was sent in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localslack.errors import SlackError, invalid_arguments
from localslack.methods.block_kit import TASK_STATES, check_blocks
from localslack.methods.call import Call, Method
from localslack.methods.content import (
    MARKDOWN_LIMIT,
    checked_blocks,
    markdown_text,
    metadata,
)
from localslack.model import Message, Stream
from localslack.wire import message_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localslack.methods.call import Methods
    from localslack.model import Json, StreamMode, TaskDisplay

STREAM_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What one call adds to a stream. `mode` is `None` where it adds nothing."""

    mode: StreamMode | None = None
    text: str = ""
    tasks: tuple[Json, ...] = ()
    plan_title: str | None = None
    blocks: tuple[Json, ...] = ()


def start_stream(call: Call) -> Json:
    """Begin a message in a thread, to be written piece by piece."""
    arguments = call.arguments
    room = call.room_to_write()
    recipient = arguments.optional_text("recipient_user_id")
    if room.channel.kind != "im":
        if recipient is None:
            raise SlackError("missing_recipient_user_id")
        if arguments.optional_text("recipient_team_id") is None:
            raise SlackError("missing_recipient_team_id")
    thread_ts = arguments.text("thread_ts")
    piece = _piece(call)
    stream = Stream(
        mode=piece.mode,
        recipient=recipient,
        expires_at=call.now + STREAM_SECONDS,
        display=_display(call),
    )
    message = call.workspace.post(
        Message(
            channel=room.channel.id,
            ts=call.workspace.next_ts(call.now),
            user=call.app.user_id,
            body=piece.text,
            markdown=True,
            own_blocks=piece.blocks,
            thread_ts=thread_ts,
            bot_id=call.app.bot_id,
            app_id=call.app.id,
            stream=_with_tasks(stream, piece),
        ),
        call.now,
    )
    return {"channel": message.channel, "ts": message.ts}


def append_stream(call: Call) -> Json:
    """Add a piece to a stream that is open."""
    message, stream = _open_stream(call)
    piece = _piece(call)
    if piece.mode is None:
        raise SlackError("no_text")
    stream = _in_mode(stream, piece)
    message = replace(message, own_blocks=(*message.own_blocks, *piece.blocks))
    call.workspace.append(message, piece.text, _with_tasks(stream, piece))
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(call: Call) -> Json:
    """Add a last piece, blocks beneath it and metadata, and end the stream."""
    message, stream = _open_stream(call)
    piece = _piece(call)
    stream = replace(_with_tasks(_in_mode(stream, piece), piece), open=False)
    last = checked_blocks(call.arguments)
    given = metadata(call.arguments)
    if piece.text:
        message = call.workspace.append(message, piece.text, replace(stream, open=True))
    finished = replace(
        message,
        own_blocks=(*message.own_blocks, *piece.blocks, *last),
        metadata=given or None,
        stream=stream,
    )
    finished = call.workspace.change(finished, call.now)
    shown = message_json(finished, call.workspace)
    return {"channel": finished.channel, "ts": finished.ts, "message": shown}


def _open_stream(call: Call) -> tuple[Message, Stream]:
    message = call.own_message("message_not_owned_by_app")
    if message.stream is None or not message.is_streaming(call.now):
        raise SlackError("message_not_in_streaming_state")
    return message, message.stream


def _piece(call: Call) -> Piece:
    text = markdown_text(call.arguments)
    chunks = call.arguments.objects("chunks", "invalid_chunks")
    if text is not None and chunks:
        raise SlackError("cannot_provide_both_markdown_text_and_chunks")
    if text is not None:
        return Piece("markdown_text", text)
    if not chunks:
        return Piece()
    written = "".join(chunk["text"] for chunk in chunks if _is_text(chunk))
    if len(written) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    return Piece(
        "chunks",
        written,
        tuple(chunk for chunk in chunks if _is_task(chunk)),
        _plan_title(chunks),
        tuple(block for chunk in chunks for block in _blocks_of(chunk)),
    )


def _is_text(chunk: Json) -> bool:
    """Whether a chunk is text; one of no known kind is refused here."""
    if chunk.get("type") not in ("markdown_text", "task_update", "plan_update", "blocks"):
        raise SlackError("invalid_chunks")
    if chunk["type"] != "markdown_text":
        return False
    if not isinstance(chunk.get("text"), str):
        raise SlackError("invalid_chunks")
    return True


def _is_task(chunk: Json) -> bool:
    if chunk["type"] != "task_update":
        return False
    if not chunk.get("id") or chunk.get("status", "pending") not in TASK_STATES:
        raise SlackError("invalid_chunks")
    return True


def _plan_title(chunks: Iterable[Json]) -> str | None:
    """Return what the last plan_update says."""
    titles = [chunk.get("title") for chunk in chunks if chunk["type"] == "plan_update"]
    if not all(isinstance(title, str) for title in titles):
        raise SlackError("invalid_chunks")
    return titles[-1] if titles else None


def _display(call: Call) -> TaskDisplay:
    """Return how tasks are shown: `timeline`, unless it says `plan` (the slack-sdk's signature)."""
    match call.arguments.optional_text("task_display_mode"):
        case "plan":
            return "plan"
        case "timeline" | None:
            return "timeline"
        case other:
            raise invalid_arguments(f"must be a valid enum value: task_display_mode, {other!r}")


def _blocks_of(chunk: Json) -> list[Json]:
    blocks = chunk.get("blocks", []) if chunk["type"] == "blocks" else []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_chunks")
    check_blocks(blocks)
    return blocks


def _in_mode(stream: Stream, piece: Piece) -> Stream:
    if piece.mode is None or stream.mode == piece.mode:
        return stream
    if stream.mode is not None:
        raise SlackError("streaming_mode_mismatch")
    return replace(stream, mode=piece.mode)


def _with_tasks(stream: Stream, piece: Piece) -> Stream:
    tasks = dict(stream.tasks)
    for task in piece.tasks:
        tasks[task["id"]] = tasks.get(task["id"], {}) | task
    plan_title = stream.plan_title if piece.plan_title is None else piece.plan_title
    return replace(stream, tasks=tasks, plan_title=plan_title)


STREAMS: Methods = {
    "chat.startStream": Method(start_stream, ("chat:write",)),
    "chat.appendStream": Method(append_stream, ("chat:write",)),
    "chat.stopStream": Method(stop_stream, ("chat:write",)),
}
