"""Lines from pipes, terminals, files and nothing at all."""

from __future__ import annotations

import asyncio
import os
import pty
import threading
from typing import TYPE_CHECKING

import pytest

from localslack.terminal import read_lines

if TYPE_CHECKING:
    from pathlib import Path


async def all_lines(descriptor: int) -> list[str]:
    async with asyncio.timeout(2):
        return [line async for line in read_lines(descriptor)]


async def test_a_pipe_gives_its_lines_whatever_pieces_they_come_in() -> None:
    reading, writing = os.pipe()
    lines = asyncio.create_task(all_lines(reading))
    for piece in (b"one\ntw", "ö\r".encode()[:3], "ö\r".encode()[3:], b"\nlast"):
        os.write(writing, piece)
        await asyncio.sleep(0)
    os.close(writing)
    assert await lines == ["one", "twö", "last"]
    os.close(reading)


async def test_a_terminal_gives_lines_until_it_is_closed() -> None:
    master, slave = pty.openpty()
    lines = asyncio.create_task(all_lines(slave))
    os.write(master, b"hello\n\x04")
    assert await lines == ["hello"]
    os.close(slave)
    os.close(master)


async def test_a_file_gives_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text("one\n\ntwo\n")
    descriptor = os.open(path, os.O_RDONLY)
    assert await all_lines(descriptor) == ["one", "", "two"]
    os.close(descriptor)


async def test_nothing_at_all_ends_at_once() -> None:
    descriptor = os.open(os.devnull, os.O_RDONLY)
    assert await all_lines(descriptor) == []
    os.close(descriptor)
    assert await all_lines(descriptor) == []  # a descriptor that is closed has ended, too


def test_the_end_of_the_loop_does_not_wait_for_a_line() -> None:
    """As with Ctrl+C: whoever reads is cancelled, and the thread ends with what comes next."""
    reading, writing = os.pipe()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(read_lines(reading)), timeout=0.02)

    asyncio.run(give_up())
    [thread] = [each for each in threading.enumerate() if each.name == "localslack-stdin"]
    os.write(writing, b"too late\n")
    thread.join(timeout=2)
    assert not thread.is_alive()
    os.close(reading)
    os.close(writing)
