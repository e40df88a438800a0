"""Frames are read as botocore reads them, and what is no frame is refused."""

from __future__ import annotations

import json
from binascii import crc32
from struct import pack
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer, ParserError
from botocore.exceptions import EventStreamError
from hypothesis import given
from hypothesis import strategies as st

from kit.fake_bedrock import event, exception, frame
from slackbot.llm.bedrock.frames import EventDecoder

TEXT = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Zürich 🎉"}})

payloads = st.dictionaries(st.text(max_size=9), st.text(max_size=99), max_size=3)
events = st.lists(st.tuples(st.sampled_from(["messageStart", "contentBlockDelta"]), payloads))


@given(events, st.integers(1, 50))
def test_events_come_out_as_botocore_reads_them(
    sent: list[tuple[str, dict[str, str]]], piece: int
) -> None:
    """However the bytes are cut up."""
    data = b"".join(event(kind, payload) for kind, payload in sent)
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    botocores: list[Any] = list(buffer)
    decoder = EventDecoder()
    pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
    ours = [one for each in pieces for one in decoder.feed(each)]
    assert ours == [{kind: payload} for kind, payload in sent]
    assert ours == [
        {message.headers[":event-type"]: json.loads(message.payload)} for message in botocores
    ]


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
def test_a_byte_that_is_not_what_was_sent_is_noticed(at: int, change: int) -> None:
    data = bytearray(TEXT)
    data[at] ^= change
    with pytest.raises(ParserError):
        list(EventDecoder().feed(bytes(data)))


def test_an_event_may_be_empty() -> None:
    headers = b"\x0b:event-type\x07\x00\x0bmessageStop" + b"\x0d:message-type\x07\x00\x05event"
    assert list(EventDecoder().feed(_frame(headers, b""))) == [{"messageStop": {}}]


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (exception("throttlingException", "Slow down"), "throttlingException", "Slow down"),
        (
            frame(
                {":message-type": "error", ":error-code": "Oops", ":error-message": "It broke"}, {}
            ),
            "Oops",
            "It broke",
        ),
        (frame({}, {}), "", ""),
    ],
)
def test_what_is_no_event_is_an_error(data: bytes, code: str, message: str) -> None:
    decoder = EventDecoder()
    events_and_error = decoder.feed(TEXT + data)
    assert next(events_and_error)
    with pytest.raises(EventStreamError) as caught:
        next(events_and_error)
    assert caught.value.response["Error"] == {"Code": code, "Message": message}


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 502 Bad Gateway",
        pack("!III", 0, 0, crc32(pack("!II", 0, 0))),
        pack("!III", 16, 1, crc32(pack("!II", 16, 1))),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ParserError):
        list(EventDecoder().feed(data))


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        (b"", b"{"),
        (b"", b'{"text": "\xff"}'),
        (b"\x01a\xee", b"{}"),  # a header of no known type
        (b"\x01a\x04\x00", b"{}"),  # a value that is shorter than its type
        (b"", b"[]"),
    ],
)
def test_a_frame_with_nonsense_in_it_is_refused(headers: bytes, payload: bytes) -> None:
    with pytest.raises(ParserError):
        list(EventDecoder().feed(_frame(headers, payload)))


def _frame(headers: bytes, payload: bytes) -> bytes:
    lengths = pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = lengths + pack("!I", crc32(lengths)) + headers + payload
    return message + pack("!I", crc32(message))
