"""Answers that come bit by bit: in batches, to the last byte, and in words when they break off."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING

import pytest
import trustme

from slackbot.resilience.http import BrokenOff, NoAnswer, Silence, StreamingClient, streaming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slackbot.resilience.http import StreamedAnswer

    Script = Callable[[asyncio.StreamWriter], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
PIECES = 30
PIECE_EVERY = 0.01
ENOUGH = 300


class Server:
    """Plays the same script for each request, and keeps what it was sent."""

    def __init__(self, script: Script) -> None:
        self.heads: list[bytes] = []
        self.connections = 0
        self._script = script

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request, until the script or the client has enough."""
        self.connections += 1
        try:
            while not writer.is_closing():
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(len(b"body"))
                await self._script(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def write_slowly(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for number in range(PIECES):
        writer.write(chunk(b"%d " % number))
        await asyncio.sleep(PIECE_EVERY)
    writer.write(END)


@asynccontextmanager
async def serving(
    script: Script,
    *,
    url: str | None = None,
    port: int = 0,
    read_timeout: float = 30.0,
    authority: trustme.CA | None = None,
) -> AsyncIterator[tuple[Server, Callable[[], Awaitable[StreamedAnswer]]]]:
    """Yield a server, over TLS if there is an authority, and what posts to it or elsewhere."""
    server = Server(script)
    ours = theirs = None
    if authority is not None:
        ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        theirs = ssl.create_default_context()
        authority.issue_cert("127.0.0.1").configure_cert(ours)
        authority.configure_trust(theirs)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", port, ssl=ours)
    port = listening.sockets[0].getsockname()[1]
    scheme = "http" if ours is None else "https"
    address = url or f"{scheme}://127.0.0.1:{port}/model/a%3Ab%2Fc"
    client = StreamingClient(
        address,
        max_connections=4,
        connect_timeout=5.0,
        read_timeout=read_timeout,
        certificates=theirs,
    )

    async def post() -> StreamedAnswer:
        return await client.post(address, {"X-Signed": "yes", "User-Agent": "us"}, b"body")

    try:
        yield server, post
    finally:
        await client.close()
        listening.close()


async def read(answer: StreamedAnswer, *, at_least: int = 1) -> list[bytes]:
    """Read an answer to its end: the first piece at once, and then so much at a time."""
    with closing(answer):
        batches = [await answer.batch()]
        while batch := await answer.batch(at_least):
            batches.append(batch)
    return batches


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_pieces_are_gathered_and_none_is_lost(is_encrypted: bool) -> None:
    clock = asyncio.get_running_loop().time
    async with serving(write_slowly, authority=trustme.CA() if is_encrypted else None) as (_, post):
        began = clock()
        batches = await read(await post(), at_least=4096)
        took = clock() - began
    assert b"".join(batches) == b"".join(b"%d " % number for number in range(PIECES))
    assert 2 <= len(batches) <= 2 + took / streaming.GATHER_SECONDS


async def test_what_is_enough_does_not_wait_for_more_nor_an_end_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "GATHER_SECONDS", 3600.0)

    async def write_and_end(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for _ in range(9):
            writer.write(chunk(b"x" * 100))
            await asyncio.sleep(PIECE_EVERY)
        writer.write(chunk(b"z" * ENOUGH) + END)

    async with serving(write_and_end) as (_, post), asyncio.timeout(30):
        batches = await read(await post(), at_least=ENOUGH)
    assert b"".join(batches) == b"x" * 900 + b"z" * ENOUGH
    assert len(batches) <= 1 + 900 // ENOUGH + 1


async def test_the_next_answer_of_a_connection_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "GATHER_SECONDS", 3600.0)
    answers = [chunk(b"long "), chunk(b"x" * ENOUGH), chunk(b"sh"), chunk(b"ort")]

    async def write(writer: asyncio.StreamWriter) -> None:
        first, rest = answers.pop(0), answers.pop(0)
        writer.write(HEAD + first)
        await asyncio.sleep(PIECE_EVERY)
        writer.write(rest + END)

    async with serving(write) as (server, post), asyncio.timeout(30):
        assert b"".join(await read(await post(), at_least=ENOUGH)) == b"long " + b"x" * ENOUGH
        assert b"".join(await read(await post())) == b"short"
    assert server.connections == 1


async def test_a_request_goes_out_as_it_is() -> None:
    async with serving(write_slowly) as (server, post):
        await read(await post())
    lines = server.heads[0].decode().lower().splitlines()
    assert lines[0] == "post /model/a%3ab%2fc http/1.1"
    assert {line.partition(":")[0] for line in lines[1:] if line} == {
        "host", "x-signed", "user-agent", "content-length", "content-type",
    }  # fmt: skip


async def test_a_connection_is_used_again() -> None:
    async with serving(write_slowly) as (server, post):
        for _ in range(3):
            await read(await post())
    assert (len(server.heads), server.connections) == (3, 1)


async def test_an_answer_that_is_left_closes_its_connection() -> None:
    closed = asyncio.Event()

    async def never_end(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"Well, "))
        await writer.drain()
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(0.005)
                writer.write(chunk(b"and "))
                await writer.drain()
        closed.set()

    async with serving(never_end) as (_, post):
        with closing(await post()) as answer:
            assert (await answer.batch(ENOUGH)).startswith(b"Well, ")
        async with asyncio.timeout(30):
            await closed.wait()


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("at_least", [1, ENOUGH])
@pytest.mark.parametrize("kind", ["end", "reset"])
async def test_what_came_before_a_connection_was_lost_comes_first(
    kind: str, at_least: int, is_late: bool
) -> None:
    """Also to who reads on only after it was lost."""
    lost = asyncio.Event()

    async def break_off(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"one "))
        await asyncio.sleep(0.02)  # the first batch is out, the next one is waited for
        writer.write(chunk(b"two "))
        await asyncio.sleep(0.02)
        if kind == "reset":
            writer.transport.abort()
        else:
            writer.close()
        lost.set()

    async with serving(break_off) as (_, post):
        with closing(await post()) as answer:
            came = await answer.batch()
            if is_late:
                await lost.wait()
                await asyncio.sleep(0.02)
            while len(came) < len(b"one two "):
                came += await answer.batch(at_least)
            assert came == b"one two "
            for _ in range(2):
                with pytest.raises(BrokenOff):
                    await answer.batch()


async def test_silence_is_told_whenever_it_sets_in() -> None:
    async def say_nothing(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def fall_silent(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(b"one "))
        await asyncio.sleep(30)

    async with serving(say_nothing, read_timeout=0.1) as (_, post):
        with pytest.raises(Silence, match="timed out"):
            await post()
    async with serving(fall_silent, read_timeout=0.1) as (_, post):
        with closing(await post()) as answer:
            assert await answer.batch() == b"one "
            with pytest.raises(Silence, match="timed out"):
                await answer.batch()


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.9\r\n\r\n", b"HTTP/1.1 2"])
async def test_what_does_not_speak_http_is_no_answer(said: bytes) -> None:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    async with serving(say) as (_, post):
        with pytest.raises(NoAnswer):
            await post()


async def test_a_refusal_is_read_as_far_as_it_says_anything() -> None:
    async def refuse(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 9000000\r\n\r\n")
        with suppress(ConnectionError):  # the client has read enough
            for _ in range(9):
                writer.write(b"x" * 1_000_000)
                await writer.drain()

    async with serving(refuse) as (_, post):
        with closing(await post()) as answer:
            assert (answer.status, answer.headers["retry-after"]) == (503, "7")
            assert await answer.refusal() == b"x" * streaming.MAX_REFUSAL_BYTES


async def test_a_redirect_is_not_followed() -> None:
    async def redirect(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 307 There\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n")

    async with serving(redirect) as (server, post):
        with closing(await post()) as answer:
            assert (answer.status, await answer.refusal()) == (307, b"")
    assert len(server.heads) == 1


async def test_a_proxy_of_the_environment_is_asked_for_what_is_not_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{unused_tcp_port}")
    far = "http://model.example/model/a%3Ab"
    async with serving(write_slowly, url=far, port=unused_tcp_port) as (proxy, post):
        await read(await post())
    assert proxy.heads[0].startswith(b"POST http://model.example/model/a%3Ab HTTP/1.1")
    async with serving(write_slowly) as (server, post):
        await read(await post())
    assert server.heads[0].startswith(b"POST /model/")
