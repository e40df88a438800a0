"""The gateway that `docs/new_provider.md` writes a provider for, on loopback."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from kit.scripted_model import Refusal, Request, Round, Script, ScriptedModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from kit.scripted_model import ScriptedCall


class FakeGateway:
    """`async with FakeGateway(script) as gateway:` serves the script at `gateway.url`.

    The code of a refusal is its status.
    """

    def __init__(self, script: Script) -> None:
        self._model = ScriptedModel(script)
        self.url = ""
        self.open_streams = 0
        app = web.Application()
        app.router.add_post("/", self._answer)
        # A client that goes away cancels the handler, so that a hanging stream is let go of.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )

    @property
    def requests(self) -> list[Request]:
        """The bodies of the requests."""
        return self._model.requests

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        step = self._model.answer(json.loads(await request.read()))
        if isinstance(step, Refusal):
            await asyncio.sleep(step.after)
            return web.Response(status=int(step.code), text=step.message)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        self.open_streams += 1
        try:
            for line in _lines(step):
                await response.write(json.dumps(line).encode() + b"\n")
            if step.ending == "hang":
                await asyncio.Event().wait()
            if step.ending == "reset":
                assert request.transport is not None
                request.transport.abort()
        finally:
            self.open_streams -= 1
        return response


def _lines(step: Round) -> Iterator[dict[str, Any]]:
    yield from ({"text": piece} for piece in step.text)
    yield from ({"call": _call(call)} for call in step.tool_calls)
    if step.ending == "complete":
        yield {"stop": step.stopped_by, "usage": asdict(step.usage)}


def _call(call: ScriptedCall) -> dict[str, Any]:
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        return {"id": call.id, "name": call.name, "malformed": call.arguments}
    return {"id": call.id, "name": call.name, "arguments": arguments}
