"""Converse's wire format: from our messages to a request, from its events to a response. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING

from slackbot.errors import ModelStreamCut
from slackbot.llm.bedrock.attachments import file_blocks, surplus
from slackbot.messages import LLMResponse, TokenUsage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_bedrock_runtime import type_defs as wire

    from slackbot.messages import Message, StopReason, ToolResult
    from slackbot.tools import ToolSpec

    Request = wire.ConverseStreamRequestTypeDef
    Event = wire.ConverseStreamOutputTypeDef
    Block = wire.ContentBlockUnionTypeDef

_STOP_REASONS: dict[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "max_tokens",
    "guardrail_intervened": "guardrail",
    "content_filtered": "filtered",
    "malformed_model_output": "malformed",
    "malformed_tool_use": "malformed",
    "model_context_window_exceeded": "context_exceeded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What all requests of one provider have in common; what is None is not sent."""

    model_id: str
    max_tokens: int = 4096
    temperature: float | None = None
    guardrail_id: str | None = None
    guardrail_version: str = "DRAFT"


def to_wire(
    parameters: Parameters, messages: Sequence[Message], system: str, tools: Sequence[ToolSpec]
) -> Request:
    """Return the request. Converse wants alternating roles and refuses blank text."""
    document_numbers = count(1)
    request: Request = {
        "modelId": parameters.model_id,
        "messages": [
            {"role": role, "content": _content(list(run), document_numbers)}
            for role, run in groupby(filter(_is_said, messages), lambda message: message.role)
        ],
        "inferenceConfig": {"maxTokens": parameters.max_tokens},
    }
    if parameters.temperature is not None:
        request["inferenceConfig"]["temperature"] = parameters.temperature
    if parameters.guardrail_id is not None:
        request["guardrailConfig"] = {
            "guardrailIdentifier": parameters.guardrail_id,
            "guardrailVersion": parameters.guardrail_version,
            "streamProcessingMode": "sync",  # nothing is shown that was not looked at
        }
    if system.strip():
        request["system"] = [{"text": system}]
    if tools:
        request["toolConfig"] = {"tools": [_tool(spec) for spec in tools]}
    return request


def _is_said(message: Message) -> bool:
    return bool(
        message.content.strip() or message.tool_calls or message.tool_results or message.attachments
    )


def _content(run: Sequence[Message], document_numbers: Iterator[int]) -> list[Block]:
    """Return the content blocks of messages that are one to Converse.

    Results stand before files, files before text, calls after it.
    """
    unsent = surplus([file for message in run for file in message.attachments])
    blocks: list[Block] = []
    for message in run:
        blocks += map(_result, message.tool_results)
        for file in message.attachments:
            blocks += file_blocks(file, unsent, document_numbers)
        if message.content.strip():
            blocks.append({"text": message.content})
        blocks += map(_call_block, message.tool_calls)
    return blocks


def _call_block(call: ToolCall) -> Block:
    return {
        "toolUse": {"toolUseId": call.id, "name": call.name, "input": dict(call.arguments)},
    }


def _result(result: ToolResult) -> Block:
    return {
        "toolResult": {
            "toolUseId": result.call_id,
            "content": [{"text": result.content if result.content.strip() else "(empty)"}],
            "status": "error" if result.is_error else "success",
        }
    }


def _tool(spec: ToolSpec) -> wire.ToolTypeDef:
    return {
        "toolSpec": {
            "name": spec.name,
            "description": spec.description,
            "inputSchema": {"json": dict(spec.input_schema)},
        }
    }


def from_wire(model_id: str, events: Sequence[Event]) -> LLMResponse:
    """Return the response that a whole stream makes up.

    Raises:
        ModelStreamCut: there is no messageStop, which boto3 does not notice.
    """
    calls: dict[int, tuple[str, str, list[str]]] = {}
    reason: str | None = None
    usage = TokenUsage()
    for event in events:
        match event:
            case {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": use}}}:
                calls[index] = (use["toolUseId"], use["name"], [])
            case {"contentBlockDelta": {"contentBlockIndex": index, "delta": {"toolUse": piece}}}:
                calls[index][2].append(piece["input"])
            case {"messageStop": stop}:
                reason = stop["stopReason"]
            case {"metadata": {"usage": counts}}:
                usage = TokenUsage(
                    counts["inputTokens"],
                    counts["outputTokens"],
                    counts.get("cacheReadInputTokens", 0),
                    counts.get("cacheWriteInputTokens", 0),
                )
    if reason is None:
        raise ModelStreamCut("the stream ended without messageStop")
    return LLMResponse(
        content=text_of(events),
        model=model_id,
        usage=usage,
        tool_calls=tuple(
            ToolCall.parsed(call_id, name, "".join(pieces))
            for call_id, name, pieces in calls.values()
        ),
        stop_reason=_STOP_REASONS.get(reason, "end"),
    )


def text_of(events: Sequence[Event]) -> str:
    """Return the text in some events of a stream."""
    deltas = (
        event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event
    )
    return "".join(delta.get("text", "") for delta in deltas)
