"""What the `openai` package raises, as errors of our own tree."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import openai

from slackbot.errors import (
    ContextExceeded,
    ModelBusy,
    ModelError,
    ModelFiltered,
    ModelRejected,
    ModelStreamCut,
)
from slackbot.resilience.limits import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NONSENSE = (ValueError, AttributeError, KeyError, TypeError)
"""What an event raises that is no JSON, or has another shape: the client checks none of them."""

# Request Timeout, Conflict, Too Early and Too Many Requests; every 5xx is one more.
_BUSY_STATUSES = {408, 409, 425, 429}
# OpenAI, vLLM, llama.cpp and LM Studio have words of their own each; the last are OpenAI's for a
# request that is longer than what may be sent within a minute.
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context (length|size|window)"
    r"|(input|prompt) is too long|must be reduced in order to run",
    re.IGNORECASE,
)


@contextmanager
def vendor_errors(clock: Callable[[], float]) -> Iterator[None]:
    """Turn what the client raises before the answer begins into errors of our tree.

    `clock` is in seconds since the epoch, as a Retry-After may be a date.
    """
    try:
        yield
    except openai.APIStatusError as error:
        raise _refusal(error, clock) from error
    except openai.APIConnectionError as error:
        raise ModelBusy(_reason(error)) from error
    except openai.OpenAIError as error:
        raise ModelRejected(str(error)) from error


@contextmanager
def stream_errors() -> Iterator[None]:
    """Turn what the client raises within an answer into errors of our tree."""
    try:
        yield
    except openai.APITimeoutError as error:
        raise ModelBusy(_reason(error)) from error
    except openai.APIError as error:
        kind = ContextExceeded if _is_too_long(error) else ModelStreamCut
        raise kind(_reason(error)) from error
    except NONSENSE as error:
        raise ModelStreamCut(f"an event makes no sense: {error}") from error


def wants_another_limit(error: openai.BadRequestError) -> bool:
    """Whether it is refused that the limit of tokens is called `max_tokens`.

    "Unsupported parameter: 'max_tokens' is not supported with this model. Use
    'max_completion_tokens' instead." (OpenAI and Azure, of the models that think.)
    """
    return "max_completion_tokens" in str(error)


def _refusal(error: openai.APIStatusError, clock: Callable[[], float]) -> ModelError:
    message = str(error)
    if error.code == "content_filter":  # Azure's for a question that it does not let through
        return ModelFiltered(message)
    if _is_too_long(error):
        return ContextExceeded(message)
    if error.code == "insufficient_quota":  # a 429 that does not pass
        return ModelRejected(message)
    if error.status_code in _BUSY_STATUSES or error.status_code >= 500:
        wait = parse_retry_after(error.response.headers.get("Retry-After"), clock())
        return ModelBusy(message, retry_after=wait)
    return ModelRejected(message)


def _is_too_long(error: openai.APIError) -> bool:
    return any(_TOO_LONG.search(str(said)) for said in (error.code, error.type, error))


def _reason(error: openai.APIError) -> str:
    """Return the message; a connection's error has its own behind it."""
    return f"{error} {error.__cause__ or ''}".strip()
