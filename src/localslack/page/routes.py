"""The page over HTTP: its files, what it reads, what it does and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from localslack.arguments import Arguments
from localslack.errors import SlackError
from localslack.json_http import json_answer, json_object
from localslack.page.acts import Act, perform
from localslack.page.files import index_file, static_file
from localslack.page.live import Window
from localslack.page.view import PAGE_LIMIT, Seat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from localslack.model import Json
    from localslack.server import LocalSlack

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MESSAGES = 50


class Page:
    """Answers the browser for a workspace that is served."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._windows: set[Window] = set()

    @property
    def windows(self) -> int:
        """How many windows are open."""
        return len(self._windows)

    def close(self) -> None:
        """Cut every window off."""
        for window in self._windows:
            window.cut()

    def routes(self) -> list[web.RouteDef]:
        """Return what to add to the server's router."""
        return [
            web.get("/", self._index),
            web.get("/archives/{channel}/{message:p[0-9]+}", self._index),
            web.get("/static/{file:.+}", self._static),
            web.get("/page/state", self._read(self._state)),
            web.get("/page/messages", self._read(self._messages)),
            web.get("/page/thread", self._read(self._thread)),
            web.get("/page/home", self._read(self._home)),
            web.get("/page/live", self._live),
            web.post("/page/act", self._act),
        ]

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return index_file(request.host)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return static_file(request.match_info["file"])

    def _read(self, answer: Callable[[Seat, Arguments], Json]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            arguments = Arguments(dict(request.query))
            try:
                return json_answer(answer(self._seat(arguments), arguments))
            except SlackError as refusal:
                return json_answer({"ok": False, "error": refusal.code}, status=404)

        return handler

    def _seat(self, arguments: Arguments) -> Seat:
        """Return who is before the page: someone who has a seat, the first of them unless named."""
        seats = self._slack.seats
        who = arguments.optional_text("as")
        person = self._slack.workspace.user(who) if who else next(iter(seats), None)
        if person is None or person not in seats:
            raise SlackError("user_not_found")
        return Seat(self._slack.workspace, person)

    def _state(self, seat: Seat, _arguments: Arguments) -> Json:
        state = seat.state(self._slack.seats, self._slack.clock())
        return {"prompt": self._slack.prompt, **state}

    def _messages(self, seat: Seat, arguments: Arguments) -> Json:
        channel, now = arguments.text("channel"), self._slack.clock()
        limit = arguments.number("limit", MESSAGES, PAGE_LIMIT)
        if (around := arguments.optional_ts("around")) is not None:
            return seat.around(channel, around, limit, now)
        if (after := arguments.optional_ts("after")) is not None:
            return seat.after(channel, after, limit, now)
        return seat.before(channel, arguments.optional_ts("before"), limit, now)

    def _thread(self, seat: Seat, arguments: Arguments) -> Json:
        return seat.thread(arguments.text("channel"), arguments.text("ts"), self._slack.clock())

    def _home(self, seat: Seat, arguments: Arguments) -> Json:
        app = self._slack.workspace.app(arguments.text("app"))
        if not seat.knows(app.user_id):
            raise SlackError("app_not_found")
        self._slack.interactions.open_app(seat.person, app, "home")
        return seat.home(app)

    async def _act(self, request: web.Request) -> web.StreamResponse:
        try:
            arguments = Arguments(await json_object(request))
            act = Act(self._slack, self._seat(arguments), arguments)
            return json_answer({"ok": True} | perform(act))
        except SlackError as refusal:
            return json_answer({"ok": False, "error": refusal.code})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        try:
            seat = self._seat(Arguments(dict(request.query)))
        except SlackError as refusal:
            return json_answer({"ok": False, "error": refusal.code}, status=404)
        window = Window(seat, self._slack.clock)
        self._windows.add(window)
        try:
            return await window.serve(request)
        finally:
            self._windows.discard(window)
