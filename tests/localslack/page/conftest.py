"""A real browser, and a page on loopback that loads the renderers and keeps what was pressed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from aiohttp import web

import localslack
from kit.browser import chromium
from kit.loopback import serving
from kit.stage import Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Error

__all__ = ["chromium"]

_HERE = Path(__file__).parent
_STATIC = Path(localslack.__file__).parent / "page" / "static"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def files() -> AsyncIterator[str]:
    """Origin of a server of the page's static files and of the files beside this one."""

    async def answer(request: web.Request) -> web.StreamResponse:
        inside = request.path.removeprefix("/static/")
        file = _HERE / request.path[1:] if inside == request.path else _STATIC / inside
        return web.FileResponse(file) if file.is_file() else web.Response(status=404)

    async with serving(answer) as origin:
        yield origin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _stage(chromium: Browser, files: str) -> AsyncIterator[Stage]:
    page = await chromium.new_page()
    await page.goto(f"{files}/gallery_stage.html")
    await page.wait_for_function("globalThis.stage !== undefined")
    yield await Stage.on(page)
    await page.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stage(_stage: Stage) -> AsyncIterator[Stage]:
    """A stage on which nothing may fail unnoticed."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    _stage.page.on("pageerror", note)
    yield _stage
    _stage.page.remove_listener("pageerror", note)
    assert errors == []
