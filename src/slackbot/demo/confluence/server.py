"""A small Confluence Cloud on loopback with the sample company's pages: its paths, its JSON.

Shapes after Atlassian's OpenAPI descriptions of REST v1 (search) and v2 (pages, spaces), which the
tests hold its answers against.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from slackbot.demo.company.wiki import SPACES
from slackbot.demo.confluence.search import ConfluenceIndex
from slackbot.demo.confluence.wire import ConfluenceWire
from slackbot.demo.listening import Listener, basic, is_signed_in
from slackbot.demo.query import QueryError
from slackbot.demo.reading_page import reading_page
from slackbot.knowledge.confluence.documents import Files, page_markdown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from slackbot.demo.company.wiki import Page

MAX_LIMIT = 250
_CURSOR_PREFIX = "_sa_"
_BAD_REQUEST = "com.atlassian.confluence.api.service.exceptions.BadRequestException"


class ConfluenceServer:
    """Serves pages on 127.0.0.1 to one account, known by its e-mail address and API token."""

    def __init__(self, pages: Iterable[Page], *, email: str, token: str) -> None:
        self._index = ConfluenceIndex(pages)
        self._authorization = basic(email, token)
        self._listener = Listener()
        self._wire = ConfluenceWire("")

    async def start(self, port: int = 0) -> str:
        """Listen, on a free port if none is given; return the site's address."""
        app = web.Application(middlewares=[self._authenticate])
        app.router.add_get("/wiki/rest/api/search", self._search)
        app.router.add_get("/wiki/api/v2/pages/{id}", self._page)
        app.router.add_get("/wiki/api/v2/pages/{id}/attachments", self._attachments)
        app.router.add_get("/wiki/api/v2/spaces/{id}", self._space)
        app.router.add_get(r"/wiki/spaces/{key}/pages/{id:\d+}{title:.*}", self._view)
        self._wire = ConfluenceWire(await self._listener.start(app, port))
        return self._wire.site

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._listener.stop()

    @web.middleware
    async def _authenticate(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if "/api/" in request.path and not is_signed_in(request, self._authorization):
            return web.json_response({"code": 401, "message": "Unauthorized"}, status=401)
        return await handler(request)

    async def _search(self, request: web.Request) -> web.Response:
        cql = request.query.get("cql", "")
        try:
            start, limit = _window(request)
            found = self._index.search(cql)
        except QueryError:
            return _bad_request(f"Could not parse cql : {cql}")
        except ValueError:
            return _bad_request("Invalid limit or cursor")
        shown = found[start : start + limit]
        with_space = "content.space" in request.query.get("expand", "").split(",")
        links: dict[str, str] = {
            "base": f"{self._wire.site}/wiki",
            "context": "/wiki",
            "self": f"{self._wire.site}{request.path_qs}",
        }
        if start + limit < len(found):
            query = {**request.query, "next": "true", "cursor": _cursor(start + limit)}
            links["next"] = f"/rest/api/search?{urlencode(query)}"
        return web.json_response(
            {
                "results": [
                    self._wire.hit(page, self._index.excerpt(page, cql), with_space=with_space)
                    for page in shown
                ],
                "start": start,
                "limit": limit,
                "size": len(shown),
                "totalSize": len(found),
                "cqlQuery": cql,
                "searchDuration": 7,
                "_links": links,
            }
        )

    async def _page(self, request: web.Request) -> web.Response:
        with_body = request.query.get("body-format") == "storage"
        return web.json_response(self._wire.page(self._found(request), with_body=with_body))

    async def _attachments(self, request: web.Request) -> web.Response:
        files = self._wire.attachments(self._found(request))
        try:
            start, limit = _window(request)
        except ValueError:
            raise _v2_refusal(web.HTTPBadRequest, "INVALID_REQUEST_PARAMETER") from None
        links = {"base": f"{self._wire.site}/wiki"}
        if start + limit < len(files):
            links["next"] = f"{request.path}?limit={limit}&cursor={_cursor(start + limit)}"
        return web.json_response({"results": files[start : start + limit], "_links": links})

    def _found(self, request: web.Request) -> Page:
        """Return the page that is asked for, or raise the answer that there is none."""
        page_id = request.match_info["id"]
        if not page_id.isdecimal():
            raise _v2_refusal(web.HTTPBadRequest, "INVALID_REQUEST_PARAMETER")
        page = self._index.pages.get(page_id)
        if page is None:
            raise _v2_refusal(web.HTTPNotFound, "NOT_FOUND")
        return page

    async def _space(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        space = next((space for space in SPACES if space.id == wanted), None)
        if space is None:
            raise _v2_refusal(web.HTTPNotFound, "NOT_FOUND")
        return web.json_response(self._wire.space(space))

    async def _view(self, request: web.Request) -> web.Response:
        """Show a page to the person who follows a link of the bot's; closed spaces stay closed."""
        page = self._index.pages.get(request.match_info["id"])
        if page is None or page.space.closed:
            raise web.HTTPNotFound
        note = f"{page.space.name} · {page.author} · {page.updated:%d %B %Y}"
        return reading_page(page.title, note, page_markdown(page.body, Files(page.files)))


def _bad_request(message: str) -> web.Response:
    """Return an error as REST v1 shapes it."""
    body = {
        "statusCode": 400,
        "data": {"authorized": True, "valid": False, "errors": [], "successful": False},
        "message": f"{_BAD_REQUEST}: {message}",
    }
    return web.json_response(body, status=400)


def _v2_refusal(kind: type[web.HTTPClientError], code: str) -> web.HTTPClientError:
    """Return an error as REST v2 shapes it."""
    error = {"status": kind.status_code, "code": code, "title": code.title(), "detail": None}
    return kind(text=json.dumps({"errors": [error]}), content_type="application/json")


def _window(request: web.Request) -> tuple[int, int]:
    """Return where the results asked for start, and how many, or raise `ValueError`."""
    limit = min(int(request.query.get("limit", "25")), MAX_LIMIT)
    return _offset(request.query.get("cursor")), limit


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
