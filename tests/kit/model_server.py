"""What every vendor's fake has in common: a server on loopback that plays a script's streams."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aiohttp import web

from kit.scripted_model import MidStreamError, Request, Round, Script, ScriptedModel

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


ARRIVED = web.RequestKey("arrived", float)
"""When a request came, by the loop's clock."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A round in a vendor's words: what comes before its text, for each piece, and behind it.

    `last` ends a stream that is complete; `error` makes one that ends in an error of this code and
    message.
    """

    first: bytes
    piece: Callable[[str], bytes]
    behind: bytes
    last: bytes
    error: Callable[[str, str], bytes]


class ModelServer:
    """`async with` it: the script is served at `url`, by HTTPS with what `tls` has to show."""

    def __init__(
        self,
        script: Script,
        routes: Mapping[str, Handler],
        *,
        base: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.model = ScriptedModel(script)
        self.url = ""
        self.headers: list[Mapping[str, str]] = []
        self.open_streams = 0
        self._base = base
        self._tls = tls
        self._idle = asyncio.Event()
        self._idle.set()
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_routes([web.post(path, _timed(handler)) for path, handler in routes.items()])
        # A client that goes away cancels the handler, so that a hanging stream is let go of.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )

    @property
    def requests(self) -> list[Request]:
        """The bodies of the accepted requests."""
        return self.model.requests

    async def idle(self, timeout: float = 60.0) -> None:
        """Wait until no stream is open, or raise `TimeoutError`."""
        async with asyncio.timeout(timeout):
            await self._idle.wait()

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024, ssl_context=self._tls).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"{'https' if self._tls else 'http'}://{host}:{port}{self._base}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def stream(
        self, request: web.Request, step: Round, frames: Frames, content_type: str
    ) -> web.StreamResponse:
        """Send a round at its pace, and end the stream in its way."""
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        self.open_streams += 1
        self._idle.clear()
        try:
            await _play(step, frames, request, response)
        finally:
            self.open_streams -= 1
            if not self.open_streams:
                self._idle.set()
        return response


def _timed(handler: Handler) -> Handler:
    """Note when a request comes: what the fake itself takes is part of the model's time."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[ARRIVED] = asyncio.get_running_loop().time()
        return await handler(request)

    return handle


async def _play(
    step: Round, frames: Frames, request: web.Request, response: web.StreamResponse
) -> None:
    clock = asyncio.get_running_loop().time
    await response.write(frames.first)
    due = request[ARRIVED] + step.first_piece_after
    for index, piece in enumerate(step.text):
        await asyncio.sleep(max(0.0, due - clock()))
        if step.before_piece is not None:
            await step.before_piece(index)
        await response.write(frames.piece(piece))
        due += step.piece_every
    if not step.text:
        await asyncio.sleep(max(0.0, due - clock()))
    await response.write(frames.behind)
    match step.ending:
        case "complete":
            await response.write(frames.last)
        case "cut":
            pass
        case "reset":
            assert request.transport is not None
            request.transport.abort()
        case "hang":
            await asyncio.Event().wait()
        case MidStreamError(code, message):
            await response.write(frames.error(code, message))
