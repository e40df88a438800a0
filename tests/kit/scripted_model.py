"""A language model that does what a script says: the same for every vendor's fake."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from slackbot.messages import StopReason, TokenUsage

Request = Mapping[str, Any]
"""The body of a vendor's request, as parsed from JSON."""

Ending = Literal["complete", "cut", "reset", "hang"]
"""How a stream ends: properly; without saying why it stopped; by a reset; never."""


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """A tool call. `arguments` is the JSON text that the model writes, well-formed or not."""

    name: str
    arguments: str = "{}"
    id: str = ""


@dataclass(frozen=True, slots=True)
class MidStreamError:
    """A vendor's error inside a stream that had begun well."""

    code: str
    message: str = "scripted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One answer of the model; times are in seconds.

    `before_piece` is awaited with the index of each piece of text before that is sent.
    `stop_reason` is derived from the tool calls unless given. An `ending` other than "complete"
    comes after all text and tool calls.
    """

    text: Sequence[str] = ()
    tool_calls: Sequence[ScriptedCall] = ()
    first_piece_after: float = 0.0
    piece_every: float = 0.0
    before_piece: Callable[[int], Awaitable[object]] | None = None
    stop_reason: StopReason | None = None
    usage: TokenUsage = field(default_factory=lambda: TokenUsage(11, 7))
    ending: Ending | MidStreamError = "complete"

    @property
    def stopped_by(self) -> StopReason:
        """Why the model stops."""
        return self.stop_reason or ("tool_calls" if self.tool_calls else "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error in place of an answer. `code` is the vendor's own.

    It comes `after` so many seconds; `retry_after` is what its Retry-After header says.
    """

    code: str
    message: str = "scripted"
    after: float = 0.0
    retry_after: str | None = None


Step = Round | Refusal
Script = Sequence[Step] | Callable[[Request], Step]


class ScriptedModel:
    """Answers request after request by the script, and keeps the requests for assertions.

    `broken` is what the script raised: a fault of the test, that looks like one of the model.
    """

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self.broken: list[Exception] = []
        self._script = script

    def answer(self, request: Request) -> Step:
        """Return what the script says to this request; a script that is over is a test's bug."""
        self.requests.append(request)
        try:
            return self._step(request)
        except Exception as error:
            self.broken.append(error)
            raise

    def _step(self, request: Request) -> Step:
        if callable(self._script):
            return self._script(request)
        if len(self.requests) > len(self._script):
            raise AssertionError(f"the script has {len(self._script)} rounds; this is one more")
        return self._script[len(self.requests) - 1]


def says(text: str, *, words_at_once: int = 1) -> Round:
    """Return a round that says `text` in pieces of so many words."""
    words = text.split(" ")
    groups = [words[i : i + words_at_once] for i in range(0, len(words), words_at_once)]
    return Round(text=[" ".join(group) + " " for group in groups[:-1]] + [" ".join(groups[-1])])
