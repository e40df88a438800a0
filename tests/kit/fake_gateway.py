"""The gateway that `docs/new_provider.md` writes a provider for, on loopback."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kit.model_server import Frames, ModelServer
from kit.scripted_model import Refusal, Script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kit.scripted_model import ScriptedCall


class FakeGateway(ModelServer):
    """`async with FakeGateway(script) as gateway:` serves the script at `gateway.url`.

    The code of a refusal is its status.
    """

    def __init__(self, script: Script) -> None:
        super().__init__(script, {"/": self._answer}, base="/")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        step = self.model.answer(json.loads(await request.read()))
        if isinstance(step, Refusal):
            await asyncio.sleep(step.after)
            return web.Response(status=int(step.code), text=step.message)
        frames = Frames(
            first=b"",
            piece=lambda piece: _line({"text": piece}),
            behind=b"".join(_line({"call": _call(call)}) for call in step.tool_calls),
            last=_line({"stop": step.stopped_by, "usage": asdict(step.usage)}),
            error=lambda code, message: _line({"error": {"code": code, "message": message}}),
        )
        return await self.stream(request, step, frames, "application/x-ndjson")


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _call(call: ScriptedCall) -> dict[str, Any]:
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        return {"id": call.id, "name": call.name, "malformed": call.arguments}
    return {"id": call.id, "name": call.name, "arguments": arguments}
