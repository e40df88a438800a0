"""A small Confluence Cloud on loopback with the sample company's pages: its paths, its JSON.

Shapes after Atlassian's OpenAPI descriptions of REST v1 (search) and v2 (pages, spaces), which the
tests hold its answers against.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import html
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from slackbot.demo.company.wiki import SPACES
from slackbot.demo.confluence.search import ConfluenceIndex
from slackbot.demo.query import QueryError
from slackbot.demo.reading_page import reading_page
from slackbot.knowledge.text.storage import storage_to_markdown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from slackbot.demo.company.wiki import Page, Space

MAX_LIMIT = 250
_CURSOR_PREFIX = "_sa_"
_BAD_REQUEST = "com.atlassian.confluence.api.service.exceptions.BadRequestException"


class ConfluenceServer:
    """Serves pages on 127.0.0.1 to one account, known by its e-mail address and API token."""

    def __init__(self, pages: Iterable[Page], *, email: str, token: str) -> None:
        self._index = ConfluenceIndex(pages)
        account = base64.b64encode(f"{email}:{token}".encode()).decode()
        self._authorization = f"Basic {account}"
        self._runner: web.AppRunner | None = None
        self._site = ""

    async def start(self, port: int = 0) -> str:
        """Listen, on a free port if none is given; return the site's address."""
        app = web.Application(middlewares=[self._authenticate])
        app.router.add_get("/wiki/rest/api/search", self._search)
        app.router.add_get("/wiki/api/v2/pages/{id}", self._page)
        app.router.add_get("/wiki/api/v2/spaces/{id}", self._space)
        app.router.add_get(r"/wiki/spaces/{key}/pages/{id:\d+}{title:.*}", self._view)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        listener = web.TCPSite(self._runner, "127.0.0.1", port)
        await listener.start()
        self._site = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self._site

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _authenticate(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if "/api/" in request.path and not hmac.compare_digest(
            given.encode(), self._authorization.encode()
        ):
            return web.json_response({"code": 401, "message": "Unauthorized"}, status=401)
        return await handler(request)

    async def _search(self, request: web.Request) -> web.Response:
        cql = request.query.get("cql", "")
        try:
            limit = min(int(request.query.get("limit", "25")), MAX_LIMIT)
            start = _offset(request.query.get("cursor"))
            found = self._index.search(cql)
        except QueryError:
            return _bad_request(f"Could not parse cql : {cql}")
        except ValueError:
            return _bad_request("Invalid limit or cursor")
        shown = found[start : start + limit]
        expand = request.query.get("expand", "").split(",")
        links: dict[str, str] = {
            "base": f"{self._site}/wiki",
            "context": "/wiki",
            "self": f"{self._site}{request.path_qs}",
        }
        if start + limit < len(found):
            query = {**request.query, "next": "true", "cursor": _cursor(start + limit)}
            links["next"] = f"/rest/api/search?{urlencode(query)}"
        return web.json_response(
            {
                "results": [self._hit(page, cql, "content.space" in expand) for page in shown],
                "start": start,
                "limit": limit,
                "size": len(shown),
                "totalSize": len(found),
                "cqlQuery": cql,
                "searchDuration": 7,
                "_links": links,
            }
        )

    def _hit(self, page: Page, cql: str, with_space: bool) -> dict[str, object]:
        path = f"/spaces/{page.space.key}/pages/{page.id}"
        content: dict[str, object] = {
            "id": page.id,
            "type": "page",
            "status": "current",
            "title": page.title,
            "_expandable": {"space": f"/rest/api/space/{page.space.key}"},
            "_links": {"webui": path, "self": f"{self._site}/wiki/rest/api/content/{page.id}"},
        }
        if with_space:
            content["space"] = self._space_v1(page.space)
        return {
            "content": content,
            "title": html.escape(page.title, quote=False),
            "excerpt": self._index.excerpt(page, cql),
            "url": path,
            "resultGlobalContainer": {
                "title": page.space.name,
                "displayUrl": f"/spaces/{page.space.key}",
            },
            "breadcrumbs": [],
            "entityType": "content",
            "iconCssClass": "aui-icon content-type-page",
            "lastModified": _timestamp(page.updated),
            "friendlyLastModified": f"{page.updated:%b %d, %Y}",
            "score": 0.0,
        }

    def _space_v1(self, space: Space) -> dict[str, object]:
        return {
            "id": int(space.id),
            "key": space.key,
            "name": space.name,
            "type": "global",
            "status": "current",
            "_expandable": {"homepage": ""},
            "_links": {"self": f"{self._site}/wiki/rest/api/space/{space.key}"},
        }

    async def _page(self, request: web.Request) -> web.Response:
        page_id = request.match_info["id"]
        if not page_id.isdecimal():
            return _v2_error(400, "INVALID_REQUEST_PARAMETER", "'id' is not the correct type")
        page = self._index.pages.get(page_id)
        if page is None:
            return _v2_error(404, "NOT_FOUND", "Not Found")
        body: dict[str, object] = {}
        if request.query.get("body-format") == "storage":
            body["storage"] = {"representation": "storage", "value": page.body}
        path = f"/spaces/{page.space.key}/pages/{page.id}"
        written = _timestamp(page.updated)
        return web.json_response(
            {
                "id": page.id,
                "status": "current",
                "title": page.title,
                "spaceId": page.space.id,
                "authorId": page.author,
                "createdAt": written,
                "version": {"number": 1, "createdAt": written, "authorId": page.author},
                "body": body,
                "_links": {"webui": path, "base": f"{self._site}/wiki"},
            }
        )

    async def _space(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        space = next((space for space in SPACES if space.id == wanted), None)
        if space is None:
            return _v2_error(404, "NOT_FOUND", "Not Found")
        return web.json_response(
            {
                "id": space.id,
                "key": space.key,
                "name": space.name,
                "type": "global",
                "status": "current",
                "_links": {"webui": f"/spaces/{space.key}", "base": f"{self._site}/wiki"},
            }
        )

    async def _view(self, request: web.Request) -> web.Response:
        """Show a page to the person who follows a link of the bot's; closed spaces stay closed."""
        page = self._index.pages.get(request.match_info["id"])
        if page is None or page.space.closed:
            raise web.HTTPNotFound
        note = f"{page.space.name} · {page.author} · {page.updated:%d %B %Y}"
        return reading_page(page.title, note, storage_to_markdown(page.body))


def _bad_request(message: str) -> web.Response:
    """Return an error as REST v1 shapes it."""
    body = {
        "statusCode": 400,
        "data": {"authorized": True, "valid": False, "errors": [], "successful": False},
        "message": f"{_BAD_REQUEST}: {message}",
    }
    return web.json_response(body, status=400)


def _v2_error(status: int, code: str, title: str) -> web.Response:
    error = {"status": status, "code": code, "title": title, "detail": None}
    return web.json_response({"errors": [error]}, status=status)


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _cursor(offset: int) -> str:
    return _CURSOR_PREFIX + base64.urlsafe_b64encode(str(offset).encode()).decode()


def _offset(cursor: str | None) -> int:
    """Return where a cursor points to, or raise `ValueError`."""
    if cursor is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor.removeprefix(_CURSOR_PREFIX)))
    except binascii.Error as error:
        raise ValueError("not a cursor") from error
