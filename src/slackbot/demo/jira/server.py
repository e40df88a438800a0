"""A small Jira Cloud on loopback with the sample company's tickets: its paths, its JSON.

Shapes after Atlassian's OpenAPI description of REST v3, which the tests hold its answers against.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from slackbot.demo.company.people import EMPLOYEE
from slackbot.demo.jira.search import JiraIndex, email, issue_id
from slackbot.demo.jira.wire import JiraWire
from slackbot.demo.listening import Listener, basic, is_signed_in
from slackbot.demo.query import QueryError
from slackbot.demo.reading_page import reading_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from slackbot.demo.company.tickets import Ticket

MAX_RESULTS: Final = 5000
NOT_FOUND: Final = "Issue does not exist or you do not have permission to see it."


class _Search(BaseModel):
    """What a search may ask for, in the query or in a body."""

    jql: str = ""
    next_page_token: str | None = Field(default=None, alias="nextPageToken")
    max_results: int = Field(default=50, alias="maxResults", ge=0)
    fields: list[str] = []


class JiraServer:
    """Serves tickets on 127.0.0.1 to one account, known by its e-mail address and API token."""

    def __init__(self, tickets: Iterable[Ticket], *, email: str, token: str) -> None:
        self._index = JiraIndex(tickets)
        self._by_id = {issue_id(ticket): ticket for ticket in self._index.tickets.values()}
        self._authorization = basic(email, token)
        self._listener = Listener()
        self._wire = JiraWire("", self._index.tickets)

    async def start(self, port: int = 0) -> str:
        """Listen, on a free port if none is given; return the site's address."""
        app = web.Application(middlewares=[self._authenticate])
        app.router.add_get("/rest/api/3/search/jql", self._search)
        app.router.add_post("/rest/api/3/search/jql", self._search)
        app.router.add_get("/rest/api/3/issue/{key}", self._issue)
        app.router.add_get("/rest/api/3/issue/{key}/comment", self._comments)
        app.router.add_get("/rest/api/3/project/{key}", self._project)
        app.router.add_get("/rest/api/3/user/search", self._people)
        app.router.add_get("/rest/api/3/mypermissions", self._permissions)
        app.router.add_get("/browse/{key}", self._view)
        site = await self._listener.start(app, port)
        self._wire = JiraWire(site, self._index.tickets)
        return site

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
            return _error(401, "Client must be authenticated to access this resource.")
        return await handler(request)

    async def _search(self, request: web.Request) -> web.Response:
        try:
            search = await _asked(request)
            start = _offset(search.next_page_token)
            found = self._index.search(search.jql)
        except ValidationError:
            return _error(400, "Invalid request payload. Refer to the REST API documentation.")
        except QueryError as error:
            return _error(400, str(error))
        end = start + min(search.max_results, MAX_RESULTS)
        shown = found[start:end]
        if search.fields:
            issues = [self._wire.issue(ticket, search.fields) for ticket in shown]
        else:
            issues = [{"id": issue_id(ticket)} for ticket in shown]
        following = {} if end >= len(found) else {"nextPageToken": _page_token(end)}
        return web.json_response({"issues": issues, **following, "isLast": not following})

    async def _issue(self, request: web.Request) -> web.Response:
        ticket = self._ticket(request)
        if ticket is None:
            return _error(404, NOT_FOUND)
        return web.json_response(self._wire.issue(ticket, _fields(request) or ["*all"]))

    async def _comments(self, request: web.Request) -> web.Response:
        ticket = self._ticket(request)
        if ticket is None:
            return _error(404, NOT_FOUND)
        try:
            start = int(request.query.get("startAt", "0"))
            limit = int(request.query.get("maxResults", "100"))
        except ValueError:
            return _error(400, "startAt and maxResults are numbers")
        order = request.query.get("orderBy", "created")
        if order.lstrip("+-") != "created":
            return _error(400, f"cannot order by {order}")
        places = sorted(
            range(len(ticket.comments)),
            key=lambda place: ticket.comments[place].at,
            reverse=order.startswith("-"),
        )
        return web.json_response(
            {
                "startAt": start,
                "maxResults": limit,
                "total": len(places),
                "comments": [
                    self._wire.comment(ticket, place) for place in places[start : start + limit]
                ],
            }
        )

    async def _project(self, request: web.Request) -> web.Response:
        key = request.match_info["key"].upper()
        for ticket in self._index.tickets.values():
            if ticket.project.key == key:
                return web.json_response(self._wire.project(ticket.project))
        return _error(404, f"No project could be found with key '{key}'.")

    async def _people(self, request: web.Request) -> web.Response:
        """Find people by the beginning of their names or e-mail addresses, as Jira does."""
        wanted = request.query.get("query", "").casefold()
        if not wanted:
            return _error(400, "The query parameter is missing.")
        found = [
            self._wire.person(handle)
            for handle, employee in EMPLOYEE.items()
            for name in (employee.real_name, *employee.real_name.split(), email(handle))
            if name.casefold().startswith(wanted)
        ]
        people = {person["accountId"]: person for person in found}
        limit = int(request.query.get("maxResults", "50"))
        return web.json_response(list(people.values())[:limit])

    async def _permissions(self, request: web.Request) -> web.Response:
        """Tell whoever has signed in that they may read, and do nothing else."""
        asked = [name for name in request.query.get("permissions", "").split(",") if name]
        if not asked:
            return _error(400, "The 'permissions' query parameter is required.")
        may = {name: {"key": name, "havePermission": name == "BROWSE_PROJECTS"} for name in asked}
        return web.json_response({"permissions": may})

    def _ticket(self, request: web.Request) -> Ticket | None:
        """Return the ticket of a key, in any case, or of an id."""
        key = request.match_info["key"]
        return self._index.tickets.get(key.upper()) or self._by_id.get(key)

    async def _view(self, request: web.Request) -> web.Response:
        """Show an issue to the person who follows a link of the bot's; what is closed stays so."""
        ticket = self._ticket(request)
        if ticket is None or ticket.project.closed:
            raise web.HTTPNotFound
        return reading_page(
            f"{ticket.key}: {ticket.summary}", _note(ticket), self._as_markdown(ticket)
        )

    def _as_markdown(self, ticket: Ticket) -> str:
        linked = [(link.kind, self._index.tickets[link.key]) for link in ticket.links]
        links = [f"{kind} {other.key}" for kind, other in linked if not other.project.closed]
        links += [f"part of {ticket.parent}"] if ticket.parent else []
        comments = [
            f"{EMPLOYEE[comment.author].real_name}, {comment.at:%d %B %Y, %H:%M}\n\n{comment.body}"
            for comment in ticket.comments
        ]
        return "\n\n".join([ticket.description, *links, *comments])


async def _asked(request: web.Request) -> _Search:
    if request.method == "POST":
        return _Search.model_validate_json(await request.read())
    return _Search.model_validate({**request.query, "fields": _fields(request)})


def _note(ticket: Ticket) -> str:
    assignee = EMPLOYEE[ticket.assignee].real_name if ticket.assignee else "Unassigned"
    about = (ticket.project.name, ticket.type, ticket.status, ticket.priority, assignee)
    fixed = (f"fixed in {version}" for version in ticket.fix_versions)
    return " · ".join([*about, *fixed, f"{ticket.updated:%d %B %Y}"])


def _fields(request: web.Request) -> list[str]:
    """Return the names of fields, which may come with commas, repeated, or both."""
    lists = request.query.getall("fields", [])
    return [name for names in lists for name in names.split(",") if name]


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"errorMessages": [message], "errors": {}}, status=status)


def _page_token(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def _offset(token: str | None) -> int:
    """Return where a page begins, or raise `QueryError`."""
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise QueryError("The value provided for nextPageToken is not valid.") from error
