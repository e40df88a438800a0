"""The files of the page: each read anew from the disk, with an ETag, so that nothing is stale."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from aiohttp import web

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_NAME = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*\.[a-z0-9]+")
_FOLDER = Path(str(files("localslack.page"))) / "static"


def index_file(host: str) -> web.FileResponse:
    """Return the page itself. `host` is the one that it was asked for under.

    It may load and reach only what comes from here: whatever a message holds, no script of its
    own runs and nothing is fetched for it.
    """
    policy = (
        "default-src 'self'",
        f"connect-src 'self' ws://{host}",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return _file("index.html", {"Content-Security-Policy": "; ".join(policy)})


def static_file(name: str) -> web.FileResponse:
    """Return one of the page's files, or raise `HTTPNotFound`."""
    if not _NAME.fullmatch(name):
        raise web.HTTPNotFound
    return _file(name, {})


def _file(name: str, headers: dict[str, str]) -> web.FileResponse:
    path = _FOLDER / name
    content_type = _TYPES.get(path.suffix)
    if content_type is None or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(
        path,
        headers=headers
        | {
            "Content-Type": content_type,
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
