"""What goes wrong in asking a source: in errors of our own, and what each says of the source."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import aiohttp
from pydantic import ValidationError

from slackbot.errors import SourceUnavailable
from slackbot.resilience.breaker import CircuitOpen
from slackbot.resilience.retry import RateLimited, TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slackbot.resilience.breaker import Verdict

PASSING_ERRORS: Final = (
    TryAgain,
    aiohttp.ClientOSError,
    aiohttp.ClientConnectionResetError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientResponseError,  # what came was no HTTP
)
"""To ask once more may help."""


class Faulty(Exception):
    """The source answered that something in it is broken, and not that it will pass."""


class RequestRejected(SourceUnavailable):
    """The source did not understand the request (400 or 422): asking otherwise may work."""


@contextmanager
def own_errors(name: str) -> Iterator[None]:
    """Turn what aiohttp, yarl, pydantic and the clock raise into errors of our own tree."""
    try:
        yield
    except CircuitOpen as failure:
        raise SourceUnavailable(f"{name} is down and not asked for a while") from failure
    except TryAgain as failure:
        raise SourceUnavailable(f"{name}: {failure}, after retries") from failure
    except Faulty as failure:
        raise SourceUnavailable(str(failure)) from failure
    except TimeoutError as failure:
        raise SourceUnavailable(f"{name} took too long to answer") from failure
    except (aiohttp.ClientError, zlib.error) as failure:
        raise SourceUnavailable(f"{name}: {type(failure).__name__}") from failure
    except ValidationError as failure:
        # Its text quotes the answer, which is nothing for logs: not chained.
        problem = failure.errors(include_url=False, include_input=False)[0]["type"]
        raise SourceUnavailable(f"{name} answered with unreadable JSON: {problem}") from None


def judge(error: Exception) -> Verdict:
    """Tell what an error says of the source: any answer that makes sense says that it is up."""
    match error:
        case RateLimited():  # known without asking, at times
            return "unknown"
        case TryAgain() | TimeoutError() | aiohttp.ClientError() | Faulty():
            return "down"
        case _:
            return "up"
