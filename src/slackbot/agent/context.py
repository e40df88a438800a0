"""Keeping what a model is sent within its context window, as far as that can be estimated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slackbot.messages import Message, TokenUsage
    from slackbot.tools import ToolSpec

CHARACTERS_PER_TOKEN = 3.0
"""A cautious estimate until the model's first usage is known: no exact counter is free."""

FEWEST_CHARACTERS_PER_TOKEN = 0.5
MESSAGE_CHARACTERS = 20
"""What a message, a call or a result costs beside its text."""

IMAGE_CHARACTERS = 4_800
"""Some 1,600 tokens, whatever it weighs in bytes."""

DROPPED = "(Left out to make room. Call the tool again if you still need this.)"


class ContextWindow:
    """How much of one run's transcript is sent, in estimated tokens.

    The estimate follows what the model says that it read in the round before.
    """

    def __init__(self, max_tokens: int) -> None:
        self._max_tokens = float(max_tokens)
        self._characters_per_token = CHARACTERS_PER_TOKEN
        self._sent = 0

    def fit(
        self, transcript: Sequence[Message], system: str, tools: Iterable[ToolSpec]
    ) -> tuple[Message, ...]:
        """Return what of the transcript fits beside the system prompt and the tools."""
        fixed = len(system) + sum(_size_of_tool(tool) for tool in tools)
        room = int(self._max_tokens * self._characters_per_token) - fixed
        kept = trimmed(transcript, room)
        self._sent = fixed + sum(map(size, kept))
        return kept

    def learn(self, usage: TokenUsage) -> None:
        """Take in what the model read of what it was sent last."""
        if read := usage.prompt_tokens:
            self._characters_per_token = max(self._sent / read, FEWEST_CHARACTERS_PER_TOKEN)

    def halve(self) -> None:
        """Send half of what was sent last: the model's window is smaller than was thought."""
        self._max_tokens = self._sent / self._characters_per_token / 2


def trimmed(transcript: Sequence[Message], room: int) -> tuple[Message, ...]:
    """Leave out the oldest until the rest is at most `room` characters, or no more may go.

    Tool results go first, each one's text whole: its place stays, for every call has its result.
    Then goes what was said before the question. The question and the newest result always stay.
    """
    kept = list(transcript)
    surplus = sum(map(size, kept)) - room
    results = [
        (at, position)
        for at, message in enumerate(kept)
        for position, _ in enumerate(message.tool_results)
    ]
    for at, position in results[:-1]:
        if surplus <= 0:
            break
        shorter = _without_result(kept[at], position)
        surplus -= size(kept[at]) - size(shorter)
        kept[at] = shorter
    question = max(
        (at for at, message in enumerate(kept) if message.role == "user" and message.content),
        default=0,
    )
    first = 0
    while surplus > 0 and first + 1 < question:  # an exchange: what was said, and the answer to it
        surplus -= size(kept[first]) + size(kept[first + 1])
        first += 2
    return tuple(kept[first:])


def size(message: Message) -> int:
    """Return how many characters a message is sent as, by estimate."""
    calls = sum(
        MESSAGE_CHARACTERS + len(call.name) + len(json.dumps(dict(call.arguments), default=str))
        for call in message.tool_calls
    )
    results = sum(MESSAGE_CHARACTERS + len(result.content) for result in message.tool_results)
    files = sum(
        IMAGE_CHARACTERS if file.media_type.startswith("image/") else len(file.data)
        for file in message.attachments
    )
    return MESSAGE_CHARACTERS + len(message.content) + calls + results + files


def _without_result(message: Message, position: int) -> Message:
    results = list(message.tool_results)
    if len(results[position].content) > len(DROPPED):
        results[position] = replace(results[position], content=DROPPED)
    return replace(message, tool_results=tuple(results))


def _size_of_tool(tool: ToolSpec) -> int:
    return len(tool.name) + len(tool.description) + len(json.dumps(tool.input_schema))
