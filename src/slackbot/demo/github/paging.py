"""Pages of a list, in GitHub's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

MAX_PER_PAGE: Final = 100

Entry = TypeVar("Entry")


def page_of(request: web.Request, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the page that is asked for. GitHub takes numbers that are none for its defaults."""
    per_page = min(_number(request, "per_page", 30), MAX_PER_PAGE)
    start = (_number(request, "page", 1) - 1) * per_page
    return entries[start : start + per_page]


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return max(int(text), 1) if text.isascii() and text.isdecimal() else default
