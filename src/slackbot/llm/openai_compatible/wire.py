"""Chat Completions' requests: from our messages to the wire format. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openai.types import chat as wire
    from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

    from slackbot.messages import Attachment, Message, ToolCall, ToolResult
    from slackbot.tools import ToolSpec

    Request = CompletionCreateParamsStreaming
    Part = wire.ChatCompletionContentPartParam

_IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def to_wire(
    model: str,
    messages: Sequence[Message],
    system: str,
    tools: Sequence[ToolSpec],
    *,
    takes_pdf: bool,
) -> Request:
    """Return the request. The chat templates of local models want alternating roles."""
    said = filter(_says_something, messages)
    request: Request = {
        "model": model,
        "messages": [
            *_system(system),
            *(
                line
                for role, run in groupby(said, lambda message: message.role)
                for line in (_user(run, takes_pdf) if role == "user" else _assistant(run))
            ),
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools:
        request["tools"] = [_tool(spec) for spec in tools]
    return request


def _says_something(message: Message) -> bool:
    return bool(
        message.content.strip() or message.tool_calls or message.tool_results or message.attachments
    )


def _system(system: str) -> list[wire.ChatCompletionMessageParam]:
    return [{"role": "system", "content": system}] if system.strip() else []


def _user(run: Iterable[Message], takes_pdf: bool) -> list[wire.ChatCompletionMessageParam]:
    """Return what a user says at once: results stand right after the calls that they answer."""
    lines: list[wire.ChatCompletionMessageParam] = []
    parts: list[Part] = []
    for message in run:
        lines += map(_result, message.tool_results)
        if message.content.strip():
            parts.append({"type": "text", "text": message.content})
        parts += (_attached(attachment, takes_pdf) for attachment in message.attachments)
    if parts:
        lines.append({"role": "user", "content": _content(parts)})
    return lines


def _content(parts: list[Part]) -> str | list[Part]:
    """Return text as a string: not every local model's template knows parts."""
    texts = [part["text"] for part in parts if part["type"] == "text"]
    return "\n\n".join(texts) if len(texts) == len(parts) else parts


def _assistant(run: Iterable[Message]) -> list[wire.ChatCompletionMessageParam]:
    said = list(run)
    line: wire.ChatCompletionAssistantMessageParam = {
        "role": "assistant",
        "content": "\n\n".join(m.content for m in said if m.content.strip()) or None,
    }
    if calls := [_call(call) for message in said for call in message.tool_calls]:
        line["tool_calls"] = calls
    return [line]


def _call(call: ToolCall) -> wire.ChatCompletionMessageFunctionToolCallParam:
    """Return a call; Ollama refuses arguments that are no JSON, as malformed ones would be."""
    arguments = json.dumps(dict(call.arguments), ensure_ascii=False)
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _result(result: ToolResult) -> wire.ChatCompletionToolMessageParam:
    """Return a result; that it is an error has no field of its own."""
    content = result.content if result.content.strip() else "(empty)"
    return {
        "role": "tool",
        "tool_call_id": result.call_id,
        "content": f"Error: {content}" if result.is_error else content,
    }


def _attached(attachment: Attachment, takes_pdf: bool) -> Part:
    """Return a file as the part of a message: text as text, and by its name what nobody reads."""
    if attachment.media_type in _IMAGES:
        return {"type": "image_url", "image_url": {"url": _data_url(attachment)}}
    if attachment.media_type == "application/pdf" and takes_pdf:
        return {
            "type": "file",
            "file": {"filename": attachment.name, "file_data": _data_url(attachment)},
        }
    if attachment.media_type.startswith("text/"):
        text = attachment.data.decode(errors="replace")
        return {"type": "text", "text": f"[attachment {attachment.name}]\n{text}"}
    return {"type": "text", "text": f"[attachment {attachment.name} could not be passed on]"}


def _data_url(attachment: Attachment) -> str:
    return f"data:{attachment.media_type};base64,{b64encode(attachment.data).decode()}"


def _tool(spec: ToolSpec) -> wire.ChatCompletionFunctionToolParam:
    return {
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": dict(spec.input_schema),
        },
    }
