"""A browser without a screen: asks the page of a local workspace for its routes, as someone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientSession, ClientWebSocketResponse

    Json = dict[str, Any]

NET = 30.0
"""Seconds after which nobody waits any longer: much more than a slow machine needs."""


@dataclass(frozen=True)
class Visitor:
    """One person before the page. `session` has the page's address as its base."""

    session: ClientSession
    seat: str

    async def read(self, route: str, **query: str) -> Json:
        """Return what a reading route answers; a refusal has `error`."""
        async with self.session.get(f"/page/{route}", params={"as": self.seat, **query}) as answer:
            assert answer.status in (200, 404)
            body: Json = await answer.json()
            assert (answer.status == 404) == ("error" in body)
            return body

    async def act(self, do: str, **arguments: object) -> Json:
        """Do something; a refusal has `error`."""
        given = {"as": self.seat, "do": do, **arguments}
        async with self.session.post("/page/act", json=given) as answer:
            assert answer.status == 200
            body: Json = await answer.json()
            assert body["ok"] == ("error" not in body)
            return body

    async def open_window(self) -> Live:
        """Open a live window and wait until it is told what happens."""
        window = Live(await self.session.ws_connect(f"/page/live?as={self.seat}"))
        assert await window.next() == {"type": "hello", "seq": 1}
        return window


class Live:
    """What one open window is told."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[Json] = []

    async def next(self) -> Json:
        """Return the next frame."""
        frame: Json = await self.socket.receive_json(timeout=NET)
        self.frames.append(frame)
        return frame

    async def until(self, wanted: Callable[[Json], object]) -> Json:
        """Return the first frame from now on for which `wanted` is true."""
        async with asyncio.timeout(NET):
            while not wanted(frame := await self.next()):
                pass
        return frame
