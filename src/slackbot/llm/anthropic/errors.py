"""What the `anthropic` package and httpx2 raise, as errors of our own tree."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anthropic
import httpx2

from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelRejected, ModelStreamCut
from slackbot.resilience.limits import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Request Timeout, Conflict and Too Many Requests; every 5xx is one more, 529 (overloaded) with it.
_BUSY_STATUSES = {408, 409, 429}
# Budgets that are used up: a 429 each that does not pass within minutes.
_SPENT = {"contract_spend_limit_reached", "enforced_spend_limit_reached"}
_TOO_LARGE = 413  # bytes, not tokens; less of the conversation helps as well
_WITHIN_A_STREAM = 200
# This has no error code of its own.
_TOO_LONG = re.compile(r"prompt is too long|exceed context limit", re.IGNORECASE)


@contextmanager
def vendor_errors(clock: Callable[[], float]) -> Iterator[None]:
    """Turn what the client raises, before an answer or within it, into errors of our tree.

    `clock` is in seconds since the epoch, as a Retry-After may be a date.
    """
    try:
        yield
    except anthropic.APIStatusError as error:
        raise _refusal(error, clock) from error
    except anthropic.APIConnectionError as error:
        raise _unconnected(error) from None  # its cause may show the key
    except anthropic.AnthropicError as error:
        raise ModelRejected(str(error)) from error
    except httpx2.ReadTimeout as error:
        raise ModelBusy("the model fell silent within its answer") from error
    except httpx2.RequestError as error:
        raise ModelStreamCut(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # an event that is no JSON
        raise ModelStreamCut(f"an event makes no sense: {error}") from error


@contextmanager
def sense() -> Iterator[None]:
    """Turn what reading an event raises that has another shape into an error of our tree."""
    try:
        yield
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelStreamCut(f"an event makes no sense: {error}") from error


def _refusal(error: anthropic.APIStatusError, clock: Callable[[], float]) -> ModelError:
    """Return our error for one that Anthropic sent, at the start or within a stream."""
    message = str(error)
    status = error.status_code
    if status == _TOO_LARGE or _TOO_LONG.search(message):
        return ContextExceeded(message)
    if status == _WITHIN_A_STREAM:
        return ModelStreamCut(message)
    if error.error_code not in _SPENT and (status in _BUSY_STATUSES or status >= 500):
        wait = parse_retry_after(error.response.headers.get("Retry-After"), clock())
        return ModelBusy(message, retry_after=wait)
    return ModelRejected(message)


def _unconnected(error: anthropic.APIConnectionError) -> ModelError:
    """Return our error where no answer began; names the cause, whose own text may quote headers."""
    cause = error.__cause__
    if isinstance(cause, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol):
        return ModelRejected(f"the key or the address makes no request ({type(cause).__name__})")
    return ModelBusy(f"{error.message} ({type(cause).__name__})")
