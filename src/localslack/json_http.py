"""JSON over HTTP, as the page and other programs of this machine speak it with localslack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from localslack.errors import SlackError

if TYPE_CHECKING:
    from localslack.model import Json


async def json_object(request: web.Request) -> Json:
    """Return the object that a request carries.

    It must say that it is JSON: a form of another web site, which browsers send unasked, cannot.

    Raises:
        SlackError: `invalid_json`, `json_not_object`.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send JSON, as application/json.")
    try:
        given = json.loads(await request.read())
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(given, dict):
        raise SlackError("json_not_object")
    return given


def json_answer(body: Json, *, status: int = 200) -> web.Response:
    """Return an answer that is never kept and never taken for anything but JSON."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.json_response(body, status=status, headers=headers)
