"""Typed lines from a file descriptor, without ever blocking the event loop or the way out.

A daemon thread reads the descriptor itself: a terminal, a pipe, a file and /dev/null all work, and
neither Ctrl+C nor the end of the process waits for the next line. (`sys.stdin` would: its buffer's
lock is held while it waits, and the interpreter stops at that on exit.)
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_READ_BYTES = 65_536


async def read_lines(descriptor: int) -> AsyncIterator[str]:
    """Yield each line without its end, until the end of the file."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def hand_over(line: str | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, line)

    def pump() -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads any more
            while piece := _read(descriptor):
                *lines, rest = (rest + decoder.decode(piece)).split("\n")
                for line in lines:
                    hand_over(line.removesuffix("\r"))
            if rest:
                hand_over(rest)
            hand_over(None)

    threading.Thread(target=pump, name="localslack-stdin", daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line


def _read(descriptor: int) -> bytes:
    """Read some bytes; none at the end, which for a terminal that went away is an error."""
    try:
        return os.read(descriptor, _READ_BYTES)
    except OSError:
        return b""
