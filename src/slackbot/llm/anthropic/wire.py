"""Messages' wire format: from our messages to a request, from its events to a response. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from slackbot.errors import ModelStreamCut
from slackbot.messages import LLMResponse, TokenUsage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anthropic import types as wire
    from anthropic.types.message_create_params import MessageCreateParamsStreaming

    from slackbot.messages import Attachment, Message, StopReason, ToolResult
    from slackbot.tools import ToolSpec

    Request = MessageCreateParamsStreaming
    Event = wire.RawMessageStreamEvent
    Block = (
        wire.TextBlockParam
        | wire.ImageBlockParam
        | wire.DocumentBlockParam
        | wire.ToolUseBlockParam
        | wire.ToolResultBlockParam
    )

_ImageType = Literal["image/gif", "image/jpeg", "image/png", "image/webp"]
_IMAGES: Mapping[str, _ImageType] = {
    "image/gif": "image/gif",
    "image/jpeg": "image/jpeg",
    "image/png": "image/png",
    "image/webp": "image/webp",
}
_LARGEST_IMAGE = 3_750_000  # bytes: 5 MB in base64, which is the vendor's limit ("Vision")
_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_STOP_REASONS: Mapping[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "max_tokens",
    "pause_turn": "max_tokens",  # the vendor's own limit of one turn: the answer is cut
    "refusal": "filtered",
    "model_context_window_exceeded": "context_exceeded",
}


def to_wire(
    model: str,
    max_tokens: int,
    messages: Sequence[Message],
    system: str,
    tools: Sequence[ToolSpec],
    *,
    prompt_cache: bool,
) -> Request:
    """Return the request. Messages refuses blank text and messages without content.

    What a model thought is not sent back, and need not be ("Adaptive thinking", Claude docs): it is
    valid only behind the very conversation that it was thought in ("Preserved thinking"), which
    trimming to the context window changes.
    """
    offered = [_tool(spec) for spec in tools]
    instructions = list(_text(system))
    said = ((message.role, block) for message in messages for block in _blocks(message))
    turns = [(role, [block for _, block in run]) for role, run in groupby(said, itemgetter(0))]
    if prompt_cache:
        asked = [blocks for role, blocks in turns if role == "user"]
        _mark(offered, instructions, *asked[-2:])
    request: Request = {
        "model": model,
        "max_tokens": max_tokens,
        "messages": [{"role": role, "content": blocks} for role, blocks in turns],
        "stream": True,
    }
    if instructions:
        request["system"] = instructions
    if offered:
        request["tools"] = offered
    return request


def _mark(*parts: Sequence[wire.ToolParam | Block]) -> None:
    """Let each part be cached with all that stands before it: tools, system prompt, messages.

    The last message is one of these, as the next request goes on behind it; the user's message
    before it is where the last request ended. The vendor looks for what it has cached at marks, or
    up to 20 blocks before them, and takes four marks ("Prompt caching", Claude docs).
    """
    for blocks in filter(None, parts):
        blocks[-1]["cache_control"] = {"type": "ephemeral"}


def _blocks(message: Message) -> Iterator[Block]:
    """Yield the content blocks of a message: results first, files before text, calls after it."""
    yield from map(_result, message.tool_results)
    yield from map(_attached, message.attachments)
    yield from _text(message.content)
    for call in message.tool_calls:
        yield {
            "type": "tool_use",
            "id": _id(call.id),
            "name": call.name,
            "input": dict(call.arguments),
        }


def _text(text: str) -> Iterator[wire.TextBlockParam]:
    if text.strip():
        yield {"type": "text", "text": text}


def _result(result: ToolResult) -> wire.ToolResultBlockParam:
    return {
        "type": "tool_result",
        "tool_use_id": _id(result.call_id),
        "content": result.content if result.content.strip() else "(empty)",
        "is_error": result.is_error,
    }


def _id(call_id: str) -> str:
    """Return an id as Messages takes it: a provider before this one may have given another sort."""
    return _NOT_IN_AN_ID.sub("_", call_id)


def _attached(attachment: Attachment) -> Block:
    """Return a file as a block: text as a document, and by its name what cannot be read."""
    name, kind = attachment.name, attachment.media_type
    if (image := _IMAGES.get(kind)) and 0 < len(attachment.data) <= _LARGEST_IMAGE:
        data = b64encode(attachment.data).decode()
        return {"type": "image", "source": {"type": "base64", "media_type": image, "data": data}}
    if kind == "application/pdf" and attachment.data:
        data = b64encode(attachment.data).decode()
        return {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": data},
            "title": name,
        }
    text = attachment.data.decode(errors="replace") if kind.startswith("text/") else ""
    if text.strip():
        return {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": text},
            "title": name,
        }
    return {"type": "text", "text": f"[attachment {name} could not be passed on]"}


def _tool(spec: ToolSpec) -> wire.ToolParam:
    return {
        "name": spec.name,
        "description": spec.description,
        "input_schema": dict(spec.input_schema),
    }


def from_wire(model: str, events: Sequence[Event]) -> LLMResponse:
    """Return the response that a whole stream makes up.

    Raises:
        ModelStreamCut: there is no message_stop, which the client does not notice.
    """
    calls: dict[int, tuple[str, str, list[str]]] = {}
    reason: str | None = None
    usage = TokenUsage()
    for event in events:
        if event.type == "message_start":
            usage = _usage(event.message.usage, TokenUsage())
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            calls[event.index] = (event.content_block.id, event.content_block.name, [])
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            calls[event.index][2].append(event.delta.partial_json)
        elif event.type == "message_delta":
            reason = event.delta.stop_reason
            usage = _usage(event.usage, usage)
    if not events or events[-1].type != "message_stop":
        raise ModelStreamCut("the stream ended without message_stop")
    return LLMResponse(
        content="".join(map(text_of, events)),
        model=model,
        usage=usage,
        tool_calls=tuple(
            ToolCall.parsed(call_id, name, "".join(pieces))
            for call_id, name, pieces in calls.values()
        ),
        stop_reason=_STOP_REASONS.get(reason or "", "end"),
    )


def _usage(counts: wire.Usage | wire.MessageDeltaUsage, before: TokenUsage) -> TokenUsage:
    """Return the counts, cumulative as they are; what is left out stays as it was before."""
    read, written = counts.cache_read_input_tokens, counts.cache_creation_input_tokens
    return TokenUsage(
        before.input_tokens if counts.input_tokens is None else counts.input_tokens,
        counts.output_tokens,
        before.cache_read_tokens if read is None else read,
        before.cache_write_tokens if written is None else written,
    )


def text_of(event: Event) -> str:
    """Return the text in an event of a stream."""
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        return event.delta.text
    return ""
