"""Anthropic's Messages API on loopback, streamed as server-sent events.

Shapes are those of the `anthropic` package's types; error types and their statuses are those of
"Errors" in Anthropic's documentation; what Messages demands of a conversation is in `violation`.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kit.model_server import Frames, ModelServer
from kit.scripted_model import Refusal, Request, Round, Script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slackbot.messages import StopReason, TokenUsage

STATUS = {
    "api_error": 500,
    "authentication_error": 401,
    "billing_error": 402,
    "conflict_error": 409,
    "invalid_request_error": 400,
    "not_found_error": 404,
    "overloaded_error": 529,
    "permission_error": 403,
    "rate_limit_error": 429,
    "request_too_large": 413,
    "timeout_error": 504,
}
SPENT = "enforced_spend_limit_reached"
"""A rate limit's error whose cause lasts for the rest of the month."""

STOP_REASON: Mapping[StopReason, str] = {
    "end": "end_turn",
    "tool_calls": "tool_use",
    "max_tokens": "max_tokens",
    "filtered": "refusal",
    "context_exceeded": "model_context_window_exceeded",
}
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
TOOL_USE_ID = re.compile(r"[a-zA-Z0-9_-]+")
MOST_CACHE_MARKS = 4


class FakeAnthropic(ModelServer):
    """`async with FakeAnthropic(script) as server:` serves the script at `server.url`.

    Refusals have `refusal_headers`. The model thinks before it answers, as newer ones do.
    """

    def __init__(self, script: Script, *, refusal_headers: Mapping[str, str] | None = None) -> None:
        super().__init__(script, {"/v1/messages": self._create})
        self._refusal_headers = refusal_headers

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(request.headers)
        body = await request.json()
        if problem := violation(body):
            return _error("invalid_request_error", problem)
        step = self.model.answer(body)
        if isinstance(step, Refusal):
            await asyncio.sleep(step.after)
            return _error(step.code, step.message, self._refusal_headers)
        frames = Frames(
            first=b"".join(_first_events(step)),
            piece=lambda piece: _delta(1, {"type": "text_delta", "text": piece}),
            behind=b"".join((_stop(1), *_tool_events(step))),
            last=b"".join(_last_events(step)),
            error=lambda code, message: event(_error_body(code, message)),
        )
        return await self.stream(request, step, frames, "text/event-stream")


def _first_events(step: Round) -> Iterator[bytes]:
    """Begin the message, think (unseen, but for its signature), and begin the text."""
    message: dict[str, Any] = {
        "id": "msg_test",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_usage(step.usage), "output_tokens": 1},
    }
    yield event({"type": "message_start", "message": message})
    yield _start(0, {"type": "thinking", "thinking": "", "signature": ""})
    yield event({"type": "ping"})
    yield _delta(0, {"type": "signature_delta", "signature": "c2lnbmVk"})
    yield _stop(0)
    yield _start(1, {"type": "text", "text": ""})


def _tool_events(step: Round) -> Iterator[bytes]:
    """Write one tool call after the other, its arguments a few characters at a time."""
    for index, call in enumerate(step.tool_calls, start=2):
        call_id = call.id or f"toolu_{index}"
        yield _start(index, {"type": "tool_use", "id": call_id, "name": call.name, "input": {}})
        for at in range(0, len(call.arguments) + 1, 12):  # an empty piece is the last, or the only
            piece = call.arguments[at : at + 12]
            yield _delta(index, {"type": "input_json_delta", "partial_json": piece})
        yield _stop(index)


def _last_events(step: Round) -> Iterator[bytes]:
    delta = {"stop_reason": STOP_REASON[step.stopped_by], "stop_sequence": None}
    usage = {"output_tokens": step.usage.output_tokens}
    yield event({"type": "message_delta", "delta": delta, "usage": usage})
    yield event({"type": "message_stop"})


def _start(index: int, block: Mapping[str, Any]) -> bytes:
    return event({"type": "content_block_start", "index": index, "content_block": block})


def _delta(index: int, delta: Mapping[str, Any]) -> bytes:
    return event({"type": "content_block_delta", "index": index, "delta": delta})


def _stop(index: int) -> bytes:
    return event({"type": "content_block_stop", "index": index})


def event(data: Mapping[str, Any]) -> bytes:
    """Return a server-sent event, which is named by its type."""
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


def _usage(usage: TokenUsage) -> dict[str, int]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
    }


def _error(code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    status = STATUS["rate_limit_error" if code == SPENT else code]
    return web.json_response(_error_body(code, message), status=status, headers=headers)


def _error_body(code: str, message: str) -> dict[str, Any]:
    if code == SPENT:
        details = {"error_code": code}
        error = {"type": "rate_limit_error", "message": message, "details": details}
    else:
        error = {"type": code, "message": message}
    return {"type": "error", "error": error, "request_id": "req_test"}


def violation(request: Request) -> str | None:
    """Return the first of Messages' rules that a request breaks."""
    return next(_violations(request), None)


def _violations(request: Request) -> Iterator[str]:
    messages, tools = request["messages"], request.get("tools", [])
    blocks = [block for message in messages for block in message["content"]]
    if not messages or messages[0]["role"] != "user":
        yield "messages: first message must use the user role"
    if messages and messages[-1]["role"] != "user":
        yield "This model does not support assistant message prefill."
    if not all(message["content"] for message in messages):
        yield "messages: all messages must have non-empty content"
    texts = [block for block in (*blocks, *request.get("system", [])) if block["type"] == "text"]
    if not all(block["text"].strip() for block in texts):
        yield "messages: text content blocks must contain non-whitespace text"
    if not tools and any(block["type"] in ("tool_use", "tool_result") for block in blocks):
        yield "Requests which include `tool_use` or `tool_result` blocks must define tools."
    for tool in tools:
        if not TOOL_NAME.fullmatch(tool["name"]):
            yield f"tools.name: {tool['name']!r} should match the pattern."
        if tool["input_schema"].get("type") != "object":
            yield "tools.input_schema.type: Input should be 'object'"
    marked = [b for b in (*tools, *request.get("system", []), *blocks) if "cache_control" in b]
    if len(marked) > MOST_CACHE_MARKS:
        yield f"A maximum of {MOST_CACHE_MARKS} blocks with cache_control may be provided."
    yield from _tool_result_violations(messages)


def _tool_result_violations(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    nothing: dict[str, Any] = {"content": []}
    for message, following in zip([nothing, *messages], [*messages, nothing], strict=True):
        used = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
        types = [block["type"] for block in following["content"]]
        answered = [b["tool_use_id"] for b in following["content"] if b["type"] == "tool_result"]
        if len(set(used)) != len(used):
            yield "`tool_use` ids must be unique"
        if not all(map(TOOL_USE_ID.fullmatch, used)):
            yield "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
        if sorted(used) != sorted(answered):
            yield (
                "Each `tool_use` block must have a corresponding `tool_result` block in the next "
                f"message: {used}, {answered}."
            )
        if "tool_result" in types[len(answered) :]:
            yield "`tool_result` blocks must come first in the content of a message."
