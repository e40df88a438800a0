"""Amazon Bedrock on loopback: `converse` and `converse-stream` with real event-stream framing.

Shapes, error statuses and the tool name pattern are those of botocore's model of bedrock-runtime
(2023-09-30); what Converse demands of a conversation is in `violation`.
"""

from __future__ import annotations

import asyncio
import json
import re
from binascii import crc32
from itertools import pairwise
from struct import pack
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kit.model_server import Frames, ModelServer
from kit.scripted_model import Refusal, Request, Round, Script

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator, Mapping

    from slackbot.messages import StopReason, TokenUsage

STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}
STOP_REASON: Mapping[StopReason, str] = {
    "end": "end_turn",
    "tool_calls": "tool_use",
    "max_tokens": "max_tokens",
    "filtered": "content_filtered",
    "guardrail": "guardrail_intervened",
    "malformed": "malformed_model_output",
    "context_exceeded": "model_context_window_exceeded",
}
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TOOL_USE_ID = re.compile(r"[a-zA-Z0-9_.:-]{1,64}")
DOCUMENT_NAME = re.compile(r"(?:[a-zA-Z0-9()\[\]-]|\s(?!\s)){1,200}")
IMAGE_FORMATS = frozenset({"png", "jpeg", "gif", "webp"})
DOCUMENT_FORMATS = frozenset({"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"})
MOST_IMAGES, MOST_DOCUMENTS, MOST_CACHE_POINTS = 20, 5, 4
_STRING_HEADER = 7


class FakeBedrock(ModelServer):
    """`async with FakeBedrock(script) as bedrock:` serves the script at `bedrock.url`.

    The arguments of tool calls come `argument_piece` characters at a time. `requests` have the
    `modelId` of their path.
    """

    def __init__(
        self, script: Script, *, argument_piece: int = 12, tls: ssl.SSLContext | None = None
    ) -> None:
        routes = {
            "/model/{model_id}/converse": self._converse,
            "/model/{model_id}/converse-stream": self._converse_stream,
        }
        super().__init__(script, routes, tls=tls)
        self._argument_piece = argument_piece

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        step = await self._step(request)
        if isinstance(step, web.StreamResponse):
            return step
        await asyncio.sleep(step.first_piece_after + step.piece_every * len(step.text))
        return web.json_response(_whole(step))

    async def _converse_stream(self, request: web.Request) -> web.StreamResponse:
        step = await self._step(request)
        if isinstance(step, web.StreamResponse):
            return step
        frames = _frames(step, self._argument_piece)
        return await self.stream(request, step, frames, "application/vnd.amazon.eventstream")

    async def _step(self, request: web.Request) -> Round | web.StreamResponse:
        self.headers.append(request.headers)
        body = {"modelId": request.match_info["model_id"], **await request.json()}
        if problem := violation(body):
            return _error("ValidationException", problem)
        step = self.model.answer(body)
        if isinstance(step, Refusal):
            await asyncio.sleep(step.after)
            return _error(step.code, step.message, step.retry_after)
        return step


def _frames(step: Round, argument_piece: int) -> Frames:
    text_ends = [event("contentBlockStop", {"contentBlockIndex": 0})] if step.text else []
    return Frames(
        first=event("messageStart", {"role": "assistant"}),
        piece=lambda piece: event("contentBlockDelta", _text_delta(piece)),
        behind=b"".join((*text_ends, *_tool_events(step, argument_piece))),
        last=b"".join(_last_events(step)),
        error=exception,
    )


def _text_delta(piece: str) -> dict[str, Any]:
    return {"contentBlockIndex": 0, "delta": {"text": piece}}


def _tool_events(step: Round, piece_length: int) -> Iterator[bytes]:
    """Announce all tool calls, then write their arguments turn by turn, piece by piece."""
    blocks = list(enumerate(step.tool_calls, start=1))
    for index, call in blocks:
        use = {"toolUseId": call.id or f"tooluse_{index}", "name": call.name}
        yield event("contentBlockStart", {"contentBlockIndex": index, "start": {"toolUse": use}})
    longest = max((len(call.arguments) for call in step.tool_calls), default=0)
    for start in range(0, longest, piece_length):
        for index, call in blocks:
            if piece := call.arguments[start : start + piece_length]:
                delta = {"toolUse": {"input": piece}}
                yield event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
    for index, _ in blocks:
        yield event("contentBlockStop", {"contentBlockIndex": index})


def _last_events(step: Round) -> Iterator[bytes]:
    yield event("messageStop", {"stopReason": STOP_REASON[step.stopped_by]})
    yield event("metadata", {"usage": _usage(step.usage), "metrics": {"latencyMs": 1}})


def _usage(usage: TokenUsage) -> dict[str, int]:
    return {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.input_tokens + usage.output_tokens,
        "cacheReadInputTokens": usage.cache_read_tokens,
        "cacheWriteInputTokens": usage.cache_write_tokens,
    }


def _whole(step: Round) -> dict[str, Any]:
    """Return a round as the body of `converse`."""
    content: list[dict[str, Any]] = [{"text": "".join(step.text)}] if step.text else []
    content += [
        {
            "toolUse": {
                "toolUseId": call.id or f"tooluse_{index}",
                "name": call.name,
                "input": json.loads(call.arguments),
            }
        }
        for index, call in enumerate(step.tool_calls, start=1)
    ]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": STOP_REASON[step.stopped_by],
        "usage": _usage(step.usage),
        "metrics": {"latencyMs": 1},
    }


def _error(code: str, message: str, retry_after: str | None = None) -> web.Response:
    headers = {"x-amzn-errortype": code}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return web.json_response({"message": message}, status=STATUS[code], headers=headers)


def last_text(request: Request) -> str:
    """Return the text that a request ends with."""
    content = request["messages"][-1]["content"]
    return [str(block["text"]) for block in content if "text" in block][-1]


def event(kind: str, payload: Mapping[str, Any]) -> bytes:
    """Frame an event."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, payload)


def exception(code: str, message: str) -> bytes:
    """Frame an exception; in a stream its code begins with a small letter."""
    headers = {
        ":exception-type": code,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers, {"message": message})


def frame(headers: Mapping[str, str], payload: Mapping[str, Any]) -> bytes:
    """Encode one message of `application/vnd.amazon.eventstream`.

    Total length, headers length and the CRC of both; headers; payload; CRC of all before it.
    """
    head = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    body = json.dumps(payload).encode()
    lengths = pack("!II", 12 + len(head) + len(body) + 4, len(head))
    message = lengths + pack("!I", crc32(lengths)) + head + body
    return message + pack("!I", crc32(message))


def _header(name: bytes, value: bytes) -> bytes:
    return pack("!B", len(name)) + name + pack("!BH", _STRING_HEADER, len(value)) + value


def violation(request: Request) -> str | None:
    """Return the first of Converse's rules that a request breaks."""
    return next(_violations(request), None)


def _violations(request: Request) -> Iterator[str]:
    messages = request.get("messages", [])
    tools = request.get("toolConfig", {}).get("tools", [])
    system = request.get("system", [])
    blocks = [block for message in messages for block in message["content"]]
    if not messages or messages[0]["role"] != "user":
        yield "A conversation must start with a user message."
    if any(before["role"] == after["role"] for before, after in pairwise(messages)):
        yield "Roles must alternate between user and assistant."
    if not all(message["content"] for message in messages):
        yield "The content field of a message is empty."
    texts = [block["text"] for block in (*blocks, *system) if "text" in block]
    if not all(text.strip() for text in texts):
        yield "The text field in the ContentBlock object is blank."
    if not tools and any("toolUse" in block or "toolResult" in block for block in blocks):
        yield "The toolConfig field must be defined when using toolUse and toolResult blocks."
    yield from _tool_spec_violations(tool["toolSpec"] for tool in tools if "toolSpec" in tool)
    yield from _tool_result_violations(messages)
    yield from _file_violations(messages)
    yield from _cache_point_violations(
        [tools, system, *(message["content"] for message in messages)]
    )


def _file_violations(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what `Message`, `ImageBlock` and `DocumentBlock` say that files must not be."""
    names: list[str] = []
    for message in messages:
        content = message["content"]
        images = [block["image"] for block in content if "image" in block]
        documents = [block["document"] for block in content if "document" in block]
        names += [document["name"] for document in documents]
        if message["role"] != "user" and (images or documents):
            yield "Only a user's message can hold images and documents."
        if documents and not any("text" in block for block in content):
            yield "A text block must be included when a document is."
        if len(images) > MOST_IMAGES or len(documents) > MOST_DOCUMENTS:
            yield f"A message holds more than {MOST_IMAGES} images or {MOST_DOCUMENTS} documents."
        if not all(image["format"] in IMAGE_FORMATS for image in images):
            yield "An image is of an unknown format."
        if not all(document["format"] in DOCUMENT_FORMATS for document in documents):
            yield "A document is of an unknown format."
    if not all(DOCUMENT_NAME.fullmatch(name) for name in names):
        yield "A document's name has characters that it may not have."
    if len(set(names)) != len(names):
        yield "Two documents have the same name."


def _cache_point_violations(places: list[list[dict[str, Any]]]) -> Iterator[str]:
    """Yield what Claude on Bedrock refuses about cache points; Bedrock's user guide has the limit.

    That none may follow a document other than a PDF is aws/aws-sdk-java-v2#6277.
    """
    pairs = [pair for place in places for pair in pairwise([{}, *place]) if "cachePoint" in pair[1]]
    if len(pairs) > MOST_CACHE_POINTS:
        yield f"A request has more than {MOST_CACHE_POINTS} cache points."
    for before, _ in pairs:
        if not before or "cachePoint" in before:
            yield "There is nothing available to cache. Please remove the invalid cache point."
        if before.get("document", {"format": "pdf"})["format"] != "pdf":
            yield "content.type: Field required"


def _tool_spec_violations(specs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for spec in specs:
        if not TOOL_NAME.fullmatch(spec["name"]):
            yield f"Tool name {spec['name']!r} does not match [a-zA-Z0-9_-]+ of at most 64."
        if not spec.get("description"):
            yield "A tool's description must have at least one character."
        if spec["inputSchema"]["json"].get("type") != "object":
            yield "A tool's inputSchema must be of type object."


def _tool_result_violations(messages: list[dict[str, Any]]) -> Iterator[str]:
    nothing: dict[str, Any] = {"content": []}
    for message, following in zip([nothing, *messages], [*messages, nothing], strict=True):
        used = _ids(message, "toolUse")
        answered = _ids(following, "toolResult")
        if len(set(used)) != len(used):
            yield "toolUse ids must be unique."
        if not all(TOOL_USE_ID.fullmatch(used_id) for used_id in used):
            yield "A toolUseId does not match [a-zA-Z0-9_.:-]+ of at most 64."
        if sorted(used) != sorted(answered):
            yield (
                "Expected toolResult blocks in the next user message for exactly the toolUse ids "
                f"{used}, got {answered}."
            )


def _ids(message: Mapping[str, Any], kind: str) -> list[str]:
    return [block[kind]["toolUseId"] for block in message["content"] if kind in block]
