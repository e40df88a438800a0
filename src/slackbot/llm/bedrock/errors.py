"""What boto3, botocore and urllib3 raise, as errors of our own tree."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore import exceptions as aws
from botocore.eventstream import ParserError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelRejected, ModelStreamCut

if TYPE_CHECKING:
    from collections.abc import Iterator

# ModelTimeout, ModelError, Throttling and ModelNotReady; every 5xx is one more.
_BUSY_STATUSES = {408, 424, 429}
# This has no error code of its own, and each model puts it in other words.
_TOO_LONG = re.compile(
    r"(input|prompt) is too long|context (limit|length|window)|too many input tokens", re.IGNORECASE
)


@contextmanager
def vendor_errors() -> Iterator[None]:
    """Turn what boto3, botocore and urllib3 raise into errors of our tree, message and all."""
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(error) from error
    except (aws.ConnectionError, aws.HTTPClientError, ReadTimeoutError) as error:
        raise ModelBusy(str(error)) from error
    except (HTTPError, ParserError) as error:
        raise ModelStreamCut(str(error)) from error
    except aws.BotoCoreError as error:
        raise ModelRejected(str(error)) from error


def _refusal(error: aws.ClientError) -> ModelError:
    """Return our error for one that Bedrock sent, at the start or within a stream."""
    message = str(error)
    if _TOO_LONG.search(message):
        return ContextExceeded(message)
    if isinstance(error, aws.EventStreamError):
        return ModelStreamCut(message)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status in _BUSY_STATUSES or status >= 500:
        return ModelBusy(message)
    return ModelRejected(message)
