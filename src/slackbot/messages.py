"""The words that model, tools and knowledge share: messages, tool calls, results, usage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Role = Literal["user", "assistant"]

StopReason = Literal[
    "end", "tool_calls", "max_tokens", "filtered", "guardrail", "malformed", "context_exceeded"
]
"""Why a model stopped, in no vendor's words; each provider maps its own onto these."""

_EMPTY: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's request to run a tool. `malformed` holds the raw text when it was not JSON."""

    id: str
    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    malformed: str | None = None

    @classmethod
    def parsed(cls, call_id: str, name: str, written: str) -> ToolCall:
        """Return the call with the arguments that a model wrote, which may be none at all."""
        try:
            arguments = json.loads(written or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            return cls(call_id, name, malformed=written)
        return cls(call_id, name, arguments)

    @property
    def request(self) -> str:
        """What it asks for: the same for two calls that only their ids tell apart.

        An argument that is empty is one that was left out.
        """
        given = {name: value for name, value in self.arguments.items() if value not in _EMPTY}
        return f"{self.name}{json.dumps(given, sort_keys=True, default=str)}"


@dataclass(frozen=True, slots=True)
class ReadMore:
    """The tool call that returns the whole of a document of which a search showed a part."""

    tool: str
    arguments: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class KnowledgeResult:
    """One thing that a source found: a page, an issue, a message, or an excerpt of one.

    `content` is Markdown. `relevance_score` orders the results of one source; scores of different
    sources are not comparable. `container` is the space, project, repository or channel.
    """

    title: str
    content: str
    url: str
    source: str
    relevance_score: float
    updated_at: datetime | None = None
    container: str | None = None
    read_more: ReadMore | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back: text for the model, and the documents that it rests on.

    A tool fills `content`, `found`, `is_error`, and the names of sources that it could not ask
    (`unreached`). The agent adds `call_id`, the number under which the model may cite each of
    `found` (`cited_as`, in the same order), and renders both into `content`.
    """

    content: str
    found: tuple[KnowledgeResult, ...] = ()
    is_error: bool = False
    unreached: tuple[str, ...] = ()
    call_id: str = ""
    cited_as: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that somebody put beside their words: an image or a document.

    `media_type` is as in HTTP, such as `image/png`.
    """

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model.

    Tool calls are an assistant's, tool results and attachments a user's; every call is answered by
    exactly one result in the next message.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ("user", "assistant"):
            raise ValueError(f"role must be 'user' or 'assistant', not {self.role!r}")
        if self.tool_calls and self.role != "assistant":
            raise ValueError("only an assistant's message can hold tool calls")
        if self.tool_results and self.role != "user":
            raise ValueError("only a user's message can hold tool results")
        if self.attachments and self.role != "user":
            raise ValueError("only a user's message can hold attachments")


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens that were read and written. `input_tokens` excludes those read from a cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __post_init__(self) -> None:
        counts = (
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_write_tokens,
        )
        if min(counts) < 0:
            raise ValueError("token counts cannot be negative")

    @property
    def prompt_tokens(self) -> int:
        """All that was read, whether from a cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True, slots=True)
class LLMResponse:
    """What a model said in one round: text, tool calls, or both."""

    content: str
    model: str
    usage: TokenUsage = field(default_factory=TokenUsage)
    tool_calls: tuple[ToolCall, ...] = ()
    stop_reason: StopReason = "end"
