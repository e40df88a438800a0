"""A language model in this process that says what its script says, round by round."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slackbot.messages import LLMResponse, TokenUsage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slackbot.llm import Message, OnText
    from slackbot.messages import StopReason
    from slackbot.tools import ToolSpec


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of the model: pieces of text, then tool calls, or an error in place of its end.

    It begins after so many seconds of `silence`.
    """

    pieces: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    stop_reason: StopReason = "end"
    error: Exception | None = None
    hangs: bool = False
    silence: float = 0.0


def says(*pieces: str, stop_reason: StopReason = "end") -> Round:
    """A round of text."""
    return Round(pieces, stop_reason=stop_reason)


def calls(*tool_calls: ToolCall, saying: str = "") -> Round:
    """A round that calls tools."""
    return Round((saying,) if saying else (), tool_calls, stop_reason="tool_calls")


def fails(error: Exception, *pieces: str) -> Round:
    """A round that breaks, after some text or before any."""
    return Round(pieces, error=error)


@dataclass(frozen=True, slots=True)
class Request:
    """What the model was sent in one round."""

    messages: tuple[Message, ...]
    system: str
    tools: tuple[ToolSpec, ...]


@dataclass(slots=True)
class ScriptedProvider:
    """Plays its rounds in order; the last is repeated for ever. Keeps what it was sent."""

    rounds: Sequence[Round]
    requests: list[Request] = field(default_factory=list)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Iterable[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        played = self.rounds[min(len(self.requests), len(self.rounds) - 1)]
        self.requests.append(Request(tuple(messages), system, tuple(tools)))
        if played.silence:
            await asyncio.sleep(played.silence)
        for piece in played.pieces:
            if on_text is not None:
                await on_text(piece)
        if played.hangs:
            await asyncio.Event().wait()
        if played.error is not None:
            raise played.error
        return LLMResponse(
            "".join(played.pieces),
            "scripted",
            TokenUsage(10, 5),
            played.calls,
            played.stop_reason,
        )
