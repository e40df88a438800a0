"""A pipe that is full: whoever writes to it hangs, as on a disk that does not answer."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIPE_BYTES = 65_536
"""At least as much as a pipe holds."""


@contextmanager
def full_pipe(path: Path) -> Iterator[int]:
    """Make a named pipe that takes no byte more until somebody reads; give the end to read."""
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        with suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n" * PIPE_BYTES)
        yield reader
    finally:
        os.close(writer)
        os.close(reader)
