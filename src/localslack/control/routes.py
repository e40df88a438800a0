"""The control API over HTTP. Requests and answers are JSON; a refusal is `ok: false` and `error`.

POST /control/faults   `do`: next, weather, limits, outage, clear
POST /control/sockets  `do`: drop, refuse
POST /control/people   `do`: say, edit, delete, react, unreact, join, leave, archive
GET  /control/calls    the calls that were answered; `method`, `after` (a time), `limit`
GET  /control/state    what is in force, who is connected, what came too soon

For example, half of all chat calls fail and every answer takes two seconds:

    curl http://127.0.0.1:8642/control/faults -H 'Content-Type: application/json' -d '
      {"do": "weather", "seed": 1, "calls": {"chat.*": {"http_before": 0.5}, "*": {"slow": 1}}}'

Fields have the names of the Python API: `Faults.next`, `Odds`, `EventOdds`, `LocalSlack`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from localslack.arguments import Arguments
from localslack.control.acts import FAULTS, PEOPLE, SOCKETS
from localslack.control.report import calls_json, state_json
from localslack.errors import SlackError
from localslack.json_http import json_answer, json_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from localslack.control.acts import Acts
    from localslack.model import Json
    from localslack.server import LocalSlack

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """Answers other programs for a workspace that is served."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        """Return what to add to the server's router."""
        return [
            web.post("/control/faults", self._do(FAULTS)),
            web.post("/control/sockets", self._do(SOCKETS)),
            web.post("/control/people", self._do(PEOPLE)),
            web.get("/control/calls", self._read(calls_json)),
            web.get("/control/state", self._read(lambda slack, _: state_json(slack))),
        ]

    def _do(self, acts: Acts) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                arguments = Arguments(await json_object(request))
                act = acts.get(arguments.text("do"))
                if act is None:
                    raise SlackError("unknown_method")
                return json_answer({"ok": True} | act(self._slack, arguments))
            except SlackError as refusal:
                return _refused(refusal)

        return handler

    def _read(self, answer: Callable[[LocalSlack, Arguments], Json]) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                body = answer(self._slack, Arguments(dict(request.query)))
                return json_answer({"ok": True} | body)
            except SlackError as refusal:
                return _refused(refusal)

        return handler


def _refused(refusal: SlackError) -> web.Response:
    return json_answer({"ok": False, "error": refusal.code, **refusal.details})
