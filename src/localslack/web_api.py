"""Slack's Web API over HTTP: who calls, what with, and the answer as Slack words it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from localslack.action_tokens import asker
from localslack.arguments import Arguments
from localslack.errors import SlackError
from localslack.fault import Fault
from localslack.methods import METHODS
from localslack.methods.call import Call
from localslack.tiers import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localslack.faults import Faults
    from localslack.methods.call import Method
    from localslack.model import App, Caller, Json
    from localslack.tiers import Tiers
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
        tiers: Tiers,
        *,
        clock: Callable[[], float],
        connect: Callable[[App], str],
        site: Callable[[], str],
        answered: Callable[[], None],
        drop_sockets: Callable[[], None],
    ) -> None:
        self.calls: deque[ApiCall] = deque(maxlen=CALLS_KEPT)
        self._workspace = workspace
        self._faults = faults
        self._tiers = tiers
        self._clock = clock
        self._connect = connect
        self._site = site
        self._answered = answered
        self._drop_sockets = drop_sockets

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request: a refusal is 200 with `ok: false`, as Slack has it."""
        method = request.match_info["method"]
        try:
            values = await _values(request)
        except SlackError as refusal:
            return _response(_refused(refusal), None)
        token = _token(request, values)
        caller = self._workspace.caller(token)
        fault = self._fault(method, caller, values)
        body: Json = {}
        if fault is None or fault.takes_effect:
            body = self._answer(method, caller, token, values)
        self._log(method, caller, values, fault, body)
        if fault is not None:
            await self._suffer(fault)
        if fault is None or fault.failure is None:
            return _response(body, caller)
        return _faulty_response(fault, request)

    def _fault(self, method: str, caller: Caller | None, values: Mapping[str, Any]) -> Fault | None:
        """Return what a call meets: the limits stand before all that is within Slack's reach."""
        if caller is None or self._faults.outage_seconds:
            return self._faults.take(method)
        lane = self._lane(method, caller, values)
        if wait := self._tiers.enter(lane):
            return Fault(rate_limited=wait)
        fault = self._faults.take(method)
        if fault is not None and fault.rate_limited is not None:
            self._tiers.refused(lane, fault.rate_limited)
        return fault

    async def _suffer(self, fault: Fault) -> None:
        if fault.drop_sockets:
            self._drop_sockets()
        await asyncio.sleep(fault.delay)

    def _lane(self, method: str, caller: Caller, values: Mapping[str, Any]) -> Lane:
        channel = values.get("channel") or values.get("channel_id") or ""
        user = ""
        if (token := values.get("action_token")) is not None:
            with contextlib.suppress(SlackError):  # the method itself says what is wrong with it
                user = asker(str(token), caller.app, self._workspace, self._clock()).id
        return Lane(app=caller.app.id, method=method, channel=str(channel), user=user)

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
        failure = None if fault is None else fault.failure
        outcome = str(body.get("error", "ok")) if failure is None else failure
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
    if caller.kind not in method.taking:
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
