"""What has been read of a stream of Chat Completions, piece by piece, as a response."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openai.types.chat.chat_completion_chunk import ChoiceDelta

from slackbot.errors import ModelStreamCut
from slackbot.messages import LLMResponse, TokenUsage, ToolCall

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

    from slackbot.messages import StopReason

_STOP_REASONS: dict[str, StopReason] = {
    "stop": "end",
    "tool_calls": "tool_calls",
    "length": "max_tokens",
    "content_filter": "filtered",
}


@dataclass(slots=True)
class _PartialCall:
    id: str
    name: str
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PartialResponse:
    """The response that a stream's chunks make up so far."""

    _texts: list[str] = field(default_factory=list)
    _calls: list[_PartialCall] = field(default_factory=list)
    _latest: dict[int, _PartialCall] = field(default_factory=dict)
    _reason: str | None = None
    _usage: TokenUsage = field(default_factory=TokenUsage)

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Take in a chunk, and return its text."""
        if chunk.usage is not None:
            self._usage = _usage(chunk.usage)
        added = ""
        for choice in chunk.choices:
            self._reason = choice.finish_reason or self._reason
            if isinstance(choice.delta, ChoiceDelta):  # Azure's asynchronous filter sends none
                added += choice.delta.content or choice.delta.refusal or ""
                for piece in choice.delta.tool_calls or ():
                    self._add_call(piece)
        self._texts.append(added)
        return added

    def _add_call(self, piece: ChoiceDeltaToolCall) -> None:
        """Take in a piece of a call.

        A new id begins a new call: some servers number all of them 0 (ollama/ollama#15457), or not
        at all (ollama/ollama#7881).
        """
        call = self._latest.get(piece.index)
        if call is None or piece.id not in (None, "", call.id):
            call = _PartialCall(piece.id or f"call_{len(self._calls)}", "")
            self._calls.append(call)
            self._latest[piece.index] = call
        if piece.function is not None:
            call.name = call.name or piece.function.name or ""
            call.pieces.append(piece.function.arguments or "")

    def finished(self, model: str) -> LLMResponse:
        """Return the whole.

        Raises:
            ModelStreamCut: no chunk said why the model stopped, so that it had not.
        """
        if self._reason is None:
            raise ModelStreamCut("the stream ended without a finish_reason")
        calls = tuple(
            ToolCall.parsed(call.id, call.name, "".join(call.pieces)) for call in self._calls
        )
        reason = _STOP_REASONS.get(self._reason, "end")
        return LLMResponse(
            content="".join(self._texts),
            model=model,
            usage=self._usage,
            tool_calls=calls,
            stop_reason="tool_calls" if calls and reason == "end" else reason,
        )


def _usage(usage: CompletionUsage) -> TokenUsage:
    """Return the counts; their `prompt_tokens` include what was read from a cache or written."""
    details = usage.prompt_tokens_details
    read = (details.cached_tokens if details else None) or 0
    written = (details.cache_write_tokens if details else None) or 0
    return TokenUsage(
        input_tokens=max(usage.prompt_tokens - read - written, 0),
        output_tokens=usage.completion_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
