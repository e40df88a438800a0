"""The frames of `application/vnd.amazon.eventstream`, read as Converse's events. Pure.

botocore's own reading of a frame parses headers that are always the same, and walks each payload
along the service model: a third of the CPU that a streamed answer took.
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.eventstream import ChecksumMismatch, EventStreamHeaderParser, ParserError
from botocore.exceptions import EventStreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slackbot.llm.bedrock.wire import Event

_PRELUDE = struct.Struct("!III")  # length of all, length of the headers, checksum of both
_CHECKSUM = struct.Struct("!I")  # of all before it
_LEAST = _PRELUDE.size + _CHECKSUM.size


class EventDecoder:
    """Takes a stream's bytes in any pieces, and gives its events."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield the events that are complete with these bytes.

        Raises:
            EventStreamError: Bedrock's own error, in place of an event.
            ParserError: what came is no event stream.
        """
        self._data += data
        at = 0
        try:
            while (length := self._complete_length(at)) is not None:
                at += length
                yield _event(self._data[at - length : at])
        finally:
            self._data = self._data[at:]

    def _complete_length(self, at: int) -> int | None:
        """Return the length of the frame that begins there, if it has come in full."""
        if len(self._data) < at + _PRELUDE.size:
            return None
        length, headers_length, checksum = _PRELUDE.unpack_from(self._data, at)
        _check(self._data[at : at + _PRELUDE.size - _CHECKSUM.size], checksum)
        if length < _LEAST + headers_length:
            raise ParserError(f"a frame of {length} bytes has headers of {headers_length}")
        return int(length) if len(self._data) >= at + length else None


def _event(frame: bytes) -> Event:
    _, headers_length, _ = _PRELUDE.unpack_from(frame)
    end = len(frame) - _CHECKSUM.size
    _check(frame[:end], *_CHECKSUM.unpack_from(frame, end))
    payload_at = _PRELUDE.size + headers_length
    try:
        headers = _headers(frame[_PRELUDE.size : payload_at])
        payload: Any = json.loads(frame[payload_at:end] or b"{}")
    except (KeyError, ValueError, struct.error) as error:
        raise ParserError(f"a frame cannot be read: {error!r}") from error
    if not isinstance(payload, dict):
        raise ParserError(f"the payload of a frame is {type(payload).__name__}")
    if headers.get(":message-type") != "event":
        raise EventStreamError({"Error": _error(headers, payload)}, "ConverseStream")
    event: Event = {headers.get(":event-type", ""): payload}  # type: ignore[misc]
    return event


@lru_cache(maxsize=64)
def _headers(data: bytes) -> Mapping[str, Any]:
    """Parse headers; a stream has a handful of different ones."""
    headers: Mapping[str, Any] = EventStreamHeaderParser().parse(data)
    return headers


def _error(headers: Mapping[str, Any], payload: Mapping[str, Any]) -> Any:
    """Return what went wrong: a modelled exception has it in its payload, others in headers."""
    return {
        "Code": headers.get(":exception-type", headers.get(":error-code", "")),
        "Message": payload.get("message", headers.get(":error-message", "")),
    }


def _check(data: bytes, checksum: int) -> None:
    if (actual := crc32(data)) != checksum:
        raise ChecksumMismatch(checksum, actual)
