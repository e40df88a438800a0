"""Slack's Web API over HTTP: who calls, what with, and the answer as Slack words it."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from localslack.arguments import Arguments
from localslack.errors import SlackError
from localslack.methods import METHODS
from localslack.methods.call import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localslack.faults import Fault, Faults
    from localslack.methods.call import Method
    from localslack.model import App, Caller, Json
    from localslack.workspace import Workspace

CALLS_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call that was answered. `outcome` is `ok`, Slack's error code, or what was met instead.

    `app` is the name of the caller, empty where the token was not known.
    """

    method: str
    app: str
    arguments: Mapping[str, Any]
    at: float
    outcome: str


class WebApi:
    """Answers calls, and keeps a log of the last of them."""

    def __init__(
        self,
        workspace: Workspace,
        faults: Faults,
        *,
        clock: Callable[[], float],
        connect: Callable[[App], str],
        site: Callable[[], str],
        answered: Callable[[], None],
    ) -> None:
        self.calls: deque[ApiCall] = deque(maxlen=CALLS_KEPT)
        self._workspace = workspace
        self._faults = faults
        self._clock = clock
        self._connect = connect
        self._site = site
        self._answered = answered

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request: a refusal is 200 with `ok: false`, as Slack has it."""
        method = request.match_info["method"]
        try:
            values = await _values(request)
        except SlackError as refusal:
            return _response(_refused(refusal), None)
        token = _token(request, values)
        caller = self._workspace.caller(token)
        fault = self._faults.take(method)
        body: Json = {}
        if fault is None or fault.reset == "after":
            body = self._answer(method, caller, token, values)
        self._log(method, caller, values, fault, body)
        return _response(body, caller) if fault is None else _faulty_response(fault, request)

    def _answer(
        self, method: str, caller: Caller | None, token: str, values: Mapping[str, Any]
    ) -> Json:
        try:
            known = METHODS.get(method)
            if known is None:
                raise SlackError("unknown_method", req_method=method)
            call = Call(
                _let_in(known, caller, token),
                Arguments({key: values[key] for key in values if key != "token"}),
                self._workspace,
                self._clock(),
                self._connect,
                self._site,
            )
            if known.scopes:
                call.need(*known.scopes)
            return {"ok": True} | known.run(call)
        except SlackError as refusal:
            return _refused(refusal)

    def _log(
        self,
        method: str,
        caller: Caller | None,
        values: Mapping[str, Any],
        fault: Fault | None,
        body: Json,
    ) -> None:
        outcome = str(body.get("error", "ok")) if fault is None else _name(fault)
        arguments = {key: values[key] for key in values if key != "token"}
        name = "" if caller is None else caller.app.name
        self.calls.append(ApiCall(method, name, arguments, self._clock(), outcome))
        self._answered()


async def _values(request: web.Request) -> Mapping[str, Any]:
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.text() or "{}")
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(given, dict):
            raise SlackError("json_not_object")
        values |= given
    elif request.can_read_body:
        values |= await request.post()
    return {key: value for key, value in values.items() if value is not None}


def _token(request: web.Request, values: Mapping[str, Any]) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(values.get("token", ""))


def _let_in(method: Method, caller: Caller | None, token: str) -> Caller:
    """Return the caller (Slack's documentation of authentication: the three refusals)."""
    if not token:
        raise SlackError("not_authed")
    if caller is None:
        raise SlackError("invalid_auth")
    if caller.kind != method.taking:
        raise SlackError("not_allowed_token_type")
    return caller


def _refused(refusal: SlackError) -> Json:
    return {"ok": False, "error": refusal.code, **refusal.details}


def _response(body: Json, caller: Caller | None) -> web.Response:
    scopes = caller.scopes if caller is not None and caller.scopes is not None else ()
    return web.json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(scopes))})


def _faulty_response(fault: Fault, request: web.Request) -> web.Response:
    if fault.error is not None:
        return web.json_response({"ok": False, "error": fault.error})
    if fault.rate_limited is not None:
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": f"{fault.rate_limited:g}"},
        )
    if fault.http_status is not None:
        return web.Response(status=fault.http_status, text="upstream", content_type="text/html")
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _name(fault: Fault) -> str:
    if fault.error is not None:
        return fault.error
    if fault.rate_limited is not None:
        return "ratelimited"
    return f"reset_{fault.reset}_effect" if fault.reset else f"http_{fault.http_status}"
