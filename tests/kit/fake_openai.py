"""OpenAI's Chat Completions on loopback, streamed as server-sent events.

Shapes are those of the `openai` package's types; what servers demand of a conversation, each with
who does, is in `violation`.
"""

from __future__ import annotations

import asyncio
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kit.model_server import Frames, ModelServer
from kit.scripted_model import Refusal, Request, Round, Script

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slackbot.messages import StopReason, TokenUsage

STATUS = {
    "content_filter": 400,
    "context_length_exceeded": 400,
    "exceed_context_size_error": 400,
    "insufficient_quota": 429,
    "internal_error": 500,
    "invalid_api_key": 401,
    "invalid_value": 400,
    "lock_timeout": 409,
    "model_not_found": 404,
    "overloaded": 503,
    "rate_limit_exceeded": 429,
    "request_timeout": 408,
    "unsupported_country_region_territory": 403,
    "unsupported_parameter": 400,
}
FINISH_REASON: Mapping[StopReason, str] = {
    "end": "stop",
    "tool_calls": "tool_calls",
    "max_tokens": "length",
    "filtered": "content_filter",
}
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LONGEST_CALL_ID = 40


class FakeOpenAI(ModelServer):
    """`async with FakeOpenAI(script) as server:` serves the script at `server.url`.

    A `thinking` model takes its limit of tokens as `max_completion_tokens` only, another one as
    `max_tokens` only. Refusals have `refusal_headers`. The arguments of tool calls come
    `argument_piece` characters at a time.
    """

    def __init__(
        self,
        script: Script,
        *,
        thinking: bool = False,
        refusal_headers: Mapping[str, str] | None = None,
        argument_piece: int = 12,
    ) -> None:
        super().__init__(script, {"/v1/chat/completions": self._create}, base="/v1")
        self._limit = "max_completion_tokens" if thinking else "max_tokens"
        self._refusal_headers = refusal_headers
        self._argument_piece = argument_piece

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(request.headers)
        body = await request.json()
        if self._limit not in body:
            return _error("unsupported_parameter", f"Unsupported parameter. Use '{self._limit}'.")
        if problem := violation(body):
            return _error("invalid_value", problem)
        step = self.model.answer(body)
        if isinstance(step, Refusal):
            await asyncio.sleep(step.after)
            return _error(step.code, step.message, self._refusal_headers)
        frames = Frames(
            first=event(chunk({"role": "assistant", "content": ""})),
            piece=lambda piece: event(chunk({"content": piece})),
            behind=b"".join(map(event, _tool_chunks(step, self._argument_piece))),
            last=b"".join(_last_events(step)),
            error=lambda code, message: event(_error_body(code, message)),
        )
        return await self.stream(request, step, frames, "text/event-stream")


def _tool_chunks(step: Round, piece_length: int) -> Iterator[dict[str, Any]]:
    """Announce all tool calls, then write their arguments turn by turn, piece by piece."""
    calls = list(enumerate(step.tool_calls))
    for index, call in calls:
        function = {"name": call.name, "arguments": ""}
        begun = {"id": call.id or f"call_{index}", "type": "function", "function": function}
        yield chunk({"tool_calls": [{"index": index, **begun}]})
    longest = max((len(call.arguments) for call in step.tool_calls), default=0)
    for start in range(0, longest, piece_length):
        for index, call in calls:
            if piece := call.arguments[start : start + piece_length]:
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})


def _last_events(step: Round) -> Iterator[bytes]:
    yield event(chunk({}, FINISH_REASON[step.stopped_by]))
    yield event({**chunk({}), "choices": [], "usage": _usage(step.usage)})
    yield b"data: [DONE]\n\n"


def chunk(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    """Return a `chat.completion.chunk` with one choice."""
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "test-model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def event(data: Mapping[str, Any]) -> bytes:
    """Return a server-sent event."""
    return f"data: {json.dumps(data)}\n\n".encode()


def _usage(usage: TokenUsage) -> dict[str, Any]:
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": usage.output_tokens,
        "total_tokens": prompt + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
    }


def _error(code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(_error_body(code, message), status=STATUS[code], headers=headers)


def _error_body(code: str, message: str) -> dict[str, Any]:
    """Return an error; llama.cpp's code is the status, and its type what is wrong."""
    if code == "exceed_context_size_error":
        return {"error": {"message": message, "type": code, "code": STATUS[code]}}
    return {"error": {"message": message, "type": "error", "param": None, "code": code}}


def violation(request: Request) -> str | None:
    """Return the first rule that a request breaks."""
    return next(_violations(request), None)


def _violations(request: Request) -> Iterator[str]:
    messages = request["messages"]
    if request.get("tools") == []:
        yield "[] is too short - 'tools'"
    for tool in request.get("tools", []):
        if not TOOL_NAME.fullmatch(tool["function"]["name"]):
            yield f"The name of a tool, {tool['function']['name']!r}, does not match the pattern."
        if tool["function"]["parameters"].get("type") != "object":
            yield "Invalid schema for function: type must be 'object'."
    if any(message["role"] == "system" for message in messages[1:]):
        yield "Qwen's template: System message must be at the beginning."
    speakers = [m["role"] for m in messages if m["role"] in ("user", "assistant")]
    turns = [m["role"] for m in messages if m["role"] != "system"]
    if turns[:1] != ["user"]:
        yield "Mistral's template: the conversation must start with a user message."
    if any(before == after == "user" for before, after in pairwise(speakers)):
        yield "Mistral's template: conversation roles must alternate."
    if any(before == after for before, after in pairwise(turns) if after != "tool"):
        yield "Mistral's template: conversation roles must alternate."
    for message in messages:
        yield from _message_violations(message)
    yield from _result_violations(messages)


def _message_violations(message: Mapping[str, Any]) -> Iterator[str]:
    content = message["content"]
    if content is None and not message.get("tool_calls"):
        yield "Invalid value for 'content': expected a string, got null."
    if content is not None and not content:
        yield "vLLM: the content of a message is empty."
    if message.get("tool_calls") == []:
        yield "[] is too short - 'tool_calls'"
    for call in message.get("tool_calls", []):
        if not 0 < len(call["id"]) <= LONGEST_CALL_ID:
            yield "Invalid 'tool_calls.id': string too long or empty."
        try:
            json.loads(call["function"]["arguments"])
        except ValueError:
            yield "Ollama: invalid tool call arguments."


def _result_violations(messages: list[dict[str, Any]]) -> Iterator[str]:
    pending: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in pending:
                yield "Messages with role 'tool' must be a response to preceding 'tool_calls'."
            pending.discard(message["tool_call_id"])
            continue
        if pending:
            yield f"'tool_calls' must be followed by tool messages responding to each: {pending}"
        pending = {call["id"] for call in message.get("tool_calls", [])}
    if pending:
        yield f"'tool_calls' must be followed by tool messages responding to each: {pending}"
