"""The vendors whose providers keep one contract, each with the errors and reasons of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kit.fake_anthropic import SPENT
from kit.scripted_model import Refusal, Script
from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelFiltered, ModelRejected
from slackbot.llm import LLMProvider

if TYPE_CHECKING:
    from slackbot.messages import StopReason


class Server(Protocol):
    """A vendor's fake."""

    @property
    def requests(self) -> list[Any]: ...
    @property
    def open_streams(self) -> int: ...


Start = Callable[[Script], Awaitable[tuple[Server, LLMProvider]]]


@dataclass(frozen=True)
class Vendor:
    """A provider under test: how to start it against a script, and what is its vendor's own.

    `mid_stream` are the codes of errors within an answer. `stop_reasons` are those that the vendor
    has; some say the others by an error.
    """

    start: Start
    refusals: tuple[tuple[Refusal, type[ModelError]], ...]
    mid_stream: tuple[str, ...]
    stop_reasons: tuple[StopReason, ...]


def _bedrock(start: Start) -> Vendor:
    busy = (
        "ThrottlingException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ModelErrorException",
        "ServiceUnavailableException",
        "InternalServerException",
    )
    rejected = (
        "AccessDeniedException",
        "ExpiredTokenException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
        "ValidationException",
    )
    too_long = (
        "Input is too long for requested model.",
        "The model returned: prompt is too long: 208310 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000",
    )
    return Vendor(
        start=start,
        refusals=(
            *((Refusal(code=code), ModelBusy) for code in busy),
            *((Refusal(code=code), ModelRejected) for code in rejected),
            *(
                (Refusal(code="ValidationException", message=text), ContextExceeded)
                for text in too_long
            ),
        ),
        mid_stream=(
            "throttlingException",
            "modelStreamErrorException",
            "internalServerException",
            "serviceUnavailableException",
        ),
        stop_reasons=(
            "end",
            "max_tokens",
            "filtered",
            "guardrail",
            "malformed",
            "context_exceeded",
        ),
    )


def _openai(start: Start) -> Vendor:
    busy = ("rate_limit_exceeded", "internal_error", "overloaded", "request_timeout")
    rejected = (
        "insufficient_quota",
        "invalid_api_key",
        "invalid_value",
        "model_not_found",
        "unsupported_country_region_territory",
    )
    too_much = (
        "Request too large: Limit 30000, Requested 30600. The input or output tokens must be "
        "reduced in order to run successfully."
    )
    too_long = (
        ("context_length_exceeded", "Your input exceeds what the model can take."),
        ("exceed_context_size_error", "request (4390 tokens) exceeds what is available"),
        ("invalid_value", "This model's maximum context length is 16384 tokens."),
        ("internal_error", "Context size has been exceeded."),
        ("rate_limit_exceeded", too_much),
    )
    return Vendor(
        start=start,
        refusals=(
            *((Refusal(code=code), ModelBusy) for code in busy),
            *((Refusal(code=code), ModelRejected) for code in rejected),
            (Refusal(code="content_filter"), ModelFiltered),
            *((Refusal(code=code, message=text), ContextExceeded) for code, text in too_long),
        ),
        mid_stream=("internal_error", "overloaded"),
        stop_reasons=("end", "max_tokens", "filtered"),
    )


def _anthropic(start: Start) -> Vendor:
    busy = (
        "rate_limit_error",
        "overloaded_error",
        "api_error",
        "timeout_error",
        "conflict_error",
    )
    rejected = (
        "authentication_error",
        "billing_error",
        "invalid_request_error",
        "not_found_error",
        "permission_error",
        SPENT,
    )
    too_long = (
        ("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
        (
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000",
        ),
        ("request_too_large", "Request exceeds the maximum size"),
    )
    return Vendor(
        start=start,
        refusals=(
            *((Refusal(code=code), ModelBusy) for code in busy),
            *((Refusal(code=code), ModelRejected) for code in rejected),
            *((Refusal(code=code, message=text), ContextExceeded) for code, text in too_long),
        ),
        mid_stream=("overloaded_error", "api_error", "rate_limit_error"),
        stop_reasons=("end", "max_tokens", "filtered", "context_exceeded"),
    )


def _gateway(start: Start) -> Vendor:
    return Vendor(
        start=start,
        refusals=(
            (Refusal(code="429"), ModelBusy),
            (Refusal(code="503"), ModelBusy),
            (Refusal(code="403"), ModelRejected),
        ),
        mid_stream=(),
        stop_reasons=("end", "max_tokens", "filtered", "malformed"),
    )


VENDORS: dict[str, Callable[[Start], Vendor]] = {
    "anthropic": _anthropic,
    "bedrock": _bedrock,
    "openai": _openai,
    "gateway": _gateway,
}
"""By the name of the fixture that starts it; the gateway is that of `docs/new_provider.md`."""
