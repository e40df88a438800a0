"""What boto3, botocore and the connection raise, as errors of our own tree."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore import exceptions as aws
from botocore.eventstream import ParserError

from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelRejected, ModelStreamCut
from slackbot.resilience.http import BrokenOff, NoAnswer, Silence
from slackbot.resilience.limits import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_THROTTLED = 429
# ModelTimeout, ModelError, Throttling and ModelNotReady; every 5xx is one more.
_BUSY_STATUSES = {408, 424, _THROTTLED}
# These have no error codes of their own, and each model puts them in other words.
_TOO_LONG = re.compile(
    r"(input|prompt) is too long|context (limit|length|window)|too many input tokens", re.IGNORECASE
)
_NO_CACHING = re.compile(r"prompt caching|cache ?point", re.IGNORECASE)


class CachingRefused(ModelRejected):
    """The model takes no cache marks, or none at that place: it may take the rest."""


@contextmanager
def vendor_errors(clock: Callable[[], float] = time.time) -> Iterator[None]:
    """Turn what boto3 and the connection raise into errors of our tree, message and all."""
    try:
        yield
    except aws.EventStreamError as error:
        raise _end_of_stream(error) from error
    except aws.ClientError as error:
        raise _refusal(error, clock) from error
    except (NoAnswer, Silence, aws.ConnectionError, aws.HTTPClientError) as error:
        raise ModelBusy(str(error)) from error
    except (BrokenOff, ParserError) as error:
        raise ModelStreamCut(str(error)) from error
    except aws.BotoCoreError as error:
        raise ModelRejected(str(error)) from error


def _end_of_stream(error: aws.EventStreamError) -> ModelError:
    """Return our error for one within a stream that had begun well."""
    message = str(error)
    if _TOO_LONG.search(message):
        return ContextExceeded(message)
    if error.response["Error"]["Code"] == "validationException":
        return ModelRejected(message)
    return ModelStreamCut(message)


def _refusal(error: aws.ClientError, clock: Callable[[], float]) -> ModelError:
    """Return our error for one in place of a stream."""
    message = str(error)
    metadata = error.response["ResponseMetadata"]
    status = metadata["HTTPStatusCode"]
    if _TOO_LONG.search(message) and status != _THROTTLED:
        return ContextExceeded(message)
    if status in _BUSY_STATUSES or status >= 500:
        wait = parse_retry_after(metadata["HTTPHeaders"].get("retry-after"), clock())
        return ModelBusy(message, retry_after=wait)
    return CachingRefused(message) if _NO_CACHING.search(message) else ModelRejected(message)
