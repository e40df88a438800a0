"""HTTP whose answers come bit by bit: one request, and its answer in batches while it is written.

Its rules: a request goes out as it is, to the address that it names and nowhere else; an answer
that nobody waits for any more closes its connection at once.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

import aiohttp
from yarl import URL

from slackbot.resilience.http.proxies import proxy_for

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping
    from types import TracebackType

BATCH_SECONDS: Final = 0.1
"""How long pieces gather: to wake a task for each would cost more than to read it."""

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
    """Posts requests, at most `max_connections` at a time; who asks more waits in line.

    Time-outs are in seconds; `read_timeout` bounds the wait for the first byte and every pause
    after it. `certificates` is what servers are trusted by, if not what the system trusts.
    """

    def __init__(
        self,
        *,
        max_connections: int,
        connect_timeout: float,
        read_timeout: float,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._read_timeout = read_timeout
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
        address = URL(url, encoded=True)
        with _own_errors(NoAnswer):
            response = await self._session.post(
                address,
                headers=headers,
                data=body,
                allow_redirects=False,
                proxy=proxy_for(address),
            )
        return StreamedAnswer(response, self._read_timeout)

    async def close(self) -> None:
        """Close the connections. What is still under way must be cancelled before."""
        await self._session.close()


class StreamedAnswer:
    """An answer that has begun. Leaving its context before its end closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse, read_timeout: float) -> None:
        self._response = response
        self._read_timeout = read_timeout
        self._body = response.content
        self._next_batch_at = 0.0
        self._is_time = asyncio.Event()
        self._body.on_eof(self._is_time.set)
        if (connection := response.connection) and connection.protocol:
            # aiohttp would set its timer anew for each piece; ours is set for each batch.
            connection.protocol.read_timeout = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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
            while len(body) < MAX_REFUSAL_BYTES and (piece := await self._piece()):
                body += piece
        return body[:MAX_REFUSAL_BYTES]

    async def batch(self) -> bytes:
        """Return what has come since the last batch; nothing at the end.

        The first one, one after a pause, and the last are returned at once, those between them ten
        times a second. What came before a connection was lost is returned before that is told.

        Raises:
            BrokenOff: the connection was lost.
            Silence: it took too long.
        """
        await self._gathered()
        with _own_errors(BrokenOff):
            try:
                batch = await self._piece()
            except (aiohttp.ClientError, OSError):
                # aiohttp would keep to itself what nobody had read when the connection was lost.
                batch = self._body._read_nowait(-1)
                if not batch:
                    raise
        self._next_batch_at = asyncio.get_running_loop().time() + BATCH_SECONDS
        return batch

    async def _piece(self) -> bytes:
        """Return what is there, and wait for it if there is nothing; nothing at the end."""
        if piece := self._body.read_nowait():
            return piece
        async with asyncio.timeout(self._read_timeout):
            return await self._body.readany()

    async def _gathered(self) -> None:
        """Wait until the next batch is due, or the end has come."""
        loop = asyncio.get_running_loop()
        if self._body.is_eof() or loop.time() >= self._next_batch_at:
            return
        self._is_time.clear()
        timer = loop.call_at(self._next_batch_at, self._is_time.set)
        try:
            await self._is_time.wait()
        finally:
            timer.cancel()


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
