"""HTTP whose answers come bit by bit: one request, and its answer while it is written.

Its rules: a request goes out as it is, to the address that it names and nowhere else; an answer
that nobody waits for any more closes its connection at once.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from slackbot.resilience.http.proxies import proxy_for

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

GATHER_SECONDS: Final = 0.1
"""The longest that what has come waits for more."""

KEEP_ALIVE_SECONDS: Final = 120.0
"""How long a connection is kept for the next question: shorter than what stands between forgets it
(AWS's NAT gateways after 350 s, Azure's load balancers after 240)."""

MAX_REFUSAL_BYTES: Final = 65_536


class NoAnswer(Exception):
    """No answer began: nobody was reached, or who was did not speak HTTP."""


class Silence(Exception):
    """The other side took too long to say anything, before its answer or within."""


class BrokenOff(Exception):
    """The connection was lost within an answer."""


class StreamingClient:
    """Posts requests to one server, at most `max_connections` at a time; who asks more waits.

    Between them stands the proxy that the environment names for `base_url`. Time-outs are in
    seconds; `read_timeout` bounds the wait for the first byte and every pause after it.
    `certificates` is what servers are trusted by, if not what the system trusts.
    """

    def __init__(
        self,
        base_url: str,
        *,
        max_connections: int,
        connect_timeout: float,
        read_timeout: float,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._proxy = proxy_for(URL(base_url))
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=connect_timeout, sock_read=read_timeout
            ),
            connector=aiohttp.TCPConnector(
                limit=max_connections,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                ssl=certificates or True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> StreamedAnswer:
        """Return the answer as soon as it begins. `url` is encoded, and stays as it is.

        Raises:
            NoAnswer: nobody was reached, or no HTTP came back.
            Silence: it took too long.
        """
        with _own_errors(NoAnswer):
            response = await self._session.post(
                URL(url, encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
                proxy=self._proxy,
            )
        return StreamedAnswer(response)

    async def close(self) -> None:
        """Close the connections. What is still under way must be cancelled before."""
        await self._session.close()


class StreamedAnswer:
    """An answer that has begun. To be closed, which before its end closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._body = response.content
        connection = response.connection  # none if the answer came whole
        self._transport = None if connection is None else connection.transport
        self._loop = asyncio.get_running_loop()
        self._woken_at = 1

    def close(self) -> None:
        """Let go of the connection: it is used again if the answer was read to its end."""
        self._wake_at(1)  # what comes on it next is not to wait
        self._response.release()

    @property
    def status(self) -> int:
        """HTTP's status code."""
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, whose names are found in any case."""
        return self._response.headers

    async def refusal(self) -> bytes:
        """Return the body of an answer that is no stream: as much of it as says anything.

        Raises:
            BrokenOff: it was lost on the way.
            Silence: it took too long.
        """
        body = b""
        with _own_errors(BrokenOff):
            while len(body) < MAX_REFUSAL_BYTES and (piece := await self._body.readany()):
                body += piece
        return body[:MAX_REFUSAL_BYTES]

    async def batch(self, at_least: int = 1) -> bytes:
        """Return what has come since the last batch, once it has so many bytes; b"" at the end.

        What has come waits for more for a tenth of a second at most. What came before a connection
        was lost is returned before that is told.

        Raises:
            BrokenOff: the connection was lost.
            Silence: it took too long.
        """
        self._wake_at(at_least)
        timer = self._loop.call_later(GATHER_SECONDS, self._wake_at, 1) if at_least > 1 else None
        try:
            with _own_errors(BrokenOff):
                return await self._read()
        finally:
            if timer is not None:
                timer.cancel()

    async def _read(self) -> bytes:
        try:
            return await self._body.readany()
        except (aiohttp.ClientError, OSError):
            # aiohttp would keep to itself what nobody had read when the connection was lost.
            if rest := self._body._read_nowait(-1):
                return rest
            raise

    def _wake_at(self, size: int) -> None:
        """Have the kernel tell of so many bytes or of the end, not of each piece (socket(7)).

        To be woken for a piece costs more than to read it.
        """
        if size == self._woken_at or self._transport is None or self._transport.is_closing():
            return
        self._woken_at = size
        connected = self._transport.get_extra_info("socket")
        with suppress(OSError):  # macOS refuses once the other side has gone
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)


@contextmanager
def _own_errors(lost: type[NoAnswer | BrokenOff]) -> Iterator[None]:
    """Turn what aiohttp raises into errors of our own, with words that an operator can use."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise NoAnswer(f"could not connect in time: {error}") from error
    except TimeoutError as error:
        raise Silence("timed out: nothing came") from error
    except aiohttp.ClientConnectorError as error:
        raise NoAnswer(f"could not connect: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise lost(f"{type(error).__name__}: {error}") from error
