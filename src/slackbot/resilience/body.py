"""The body of an answer: how much of it is read, unpacked, and how long its lists may be.

Whoever sends it may be broken or hostile, and 64 KiB of gzip can hold 64 MiB.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from pydantic import FailFast, Field

from slackbot.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

MAX_BODY_BYTES: Final = 5 * 1024 * 1024
MAX_ENTRIES: Final = 1_000
MAX_COMMAS: Final = 300_000

Entry = TypeVar("Entry")

Entries = Annotated[list[Entry], FailFast(), Field(max_length=MAX_ENTRIES)]
"""A list in an answer.

Without these bounds pydantic tells of every entry that is wrong: 5 MiB of them hold the event loop
for 15 s, and 3 GiB of memory.
"""


def require_few_values(body: bytes) -> None:
    """Refuse JSON of very many values, or of text with as many commas: such a body takes too long.

    5 MiB of empty lists hold the event loop for up to 0.3 s, and a thread would not help: the
    parser does not let others run meanwhile.

    Raises:
        SourceUnavailable: it has more commas than any answer that is asked for.
    """
    if body.count(b",") > MAX_COMMAS:
        raise SourceUnavailable(f"the answer has more than {MAX_COMMAS} values")


async def read_body(pieces: AsyncIterable[bytes], coding: str) -> bytes:
    """Return what the pieces off the wire hold. `coding` is the value of Content-Encoding.

    Raises:
        SourceUnavailable: it is longer than the cap, packed or unpacked, or packed otherwise.
        zlib.error: it is not packed as it says.
    """
    if coding not in ("identity", "gzip"):
        raise SourceUnavailable("the answer is packed in a way that was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if coding == "gzip" else None
    body, received = bytearray(), 0
    async for piece in pieces:
        received += len(piece)
        room = MAX_BODY_BYTES - len(body) + 1
        if unpacker is None:
            body += piece[:room]
        elif unpacker.eof:  # zlib would keep all that follows, in memory
            raise SourceUnavailable("the answer goes on behind its end")
        else:
            body += unpacker.decompress(piece, room)
        if max(received, len(body)) > MAX_BODY_BYTES:
            raise SourceUnavailable(f"the answer is longer than {MAX_BODY_BYTES} bytes")
    return bytes(body)
