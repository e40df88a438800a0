"""Lets in only what comes from this machine: neither other web sites nor names that point here.

Any page that someone visits can make their browser call 127.0.0.1. So each request must name this
machine as its host, which one to a name that an attacker points here does not, and one that says
what site it comes from must come from here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?")


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse with 403 what another site sends."""
    origin = request.headers.get("Origin")
    if not _HOST.fullmatch(request.host):
        raise web.HTTPForbidden(text="This is for 127.0.0.1 and localhost only.")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(text="This comes from another site.")
    return await handler(request)
