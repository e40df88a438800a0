"""Tests cannot reach anything but this machine."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

OUTSIDE = "192.0.2.1"  # TEST-NET-1, RFC 5737: routed nowhere


def test_a_connection_to_another_machine_is_refused_by_name() -> None:
    with socket.socket() as one, pytest.raises(RuntimeError, match=OUTSIDE):
        one.connect((OUTSIDE, 443))


async def test_an_asyncio_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(RuntimeError, match=OUTSIDE):
        await asyncio.open_connection(OUTSIDE, 443)


async def test_a_connection_to_this_machine_is_let_through() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


def test_no_settings_and_no_proxies_come_in_from_outside() -> None:
    forbidden = ("AWS_ACCESS", "AWS_REGION", "SLACK_", "CONFLUENCE_", "HTTP_PROXY", "HTTPS_PROXY")
    assert [name for name in os.environ if name.upper().startswith(forbidden)] == []
