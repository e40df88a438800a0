"""response_url: the address at which an app may answer a press, five times within 30 minutes.

Slack's documentation of handling user interaction: the message is ephemeral unless
`response_type` is `in_channel`; `replace_original` puts it in the place of the one that was
pressed, `delete_original` takes that one away. The two refusals are reported by users, with 404.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiohttp import web

from localslack.arguments import Arguments
from localslack.errors import SlackError
from localslack.methods.content import TEXT_LIMIT, Content, content, metadata
from localslack.model import Ephemeral, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from localslack.model import App, Json
    from localslack.workspace import Workspace

LIFETIME_SECONDS = 1800.0
USES = 5
KEPT = 1_000


@dataclass(slots=True)
class _Response:
    """What one address is for, and how often it may still be used."""

    app: App
    person: str
    original: Message | Ephemeral
    expires_at: float
    uses: int = USES


class Responses:
    """The addresses that are open, and what is sent to them."""

    def __init__(
        self, workspace: Workspace, *, clock: Callable[[], float], site: Callable[[], str]
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._site = site
        self._open: dict[str, _Response] = {}

    def open(self, app: App, person: str, original: Message | Ephemeral) -> str:
        """Return an address at which an app may answer what someone (an id) pressed."""
        secret = secrets.token_urlsafe(16)
        expires_at = self._clock() + LIFETIME_SECONDS
        self._open[secret] = _Response(app, person, original, expires_at)
        if len(self._open) > KEPT:
            del self._open[next(iter(self._open))]
        return f"{self._site()}/response/{secret}"

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one HTTP request."""
        try:
            response = self._take(request.match_info["secret"])
        except SlackError as refusal:
            return web.json_response({"ok": False, "error": refusal.code}, status=404)
        try:
            self._respond(response, Arguments(_body(await request.text())))
        except SlackError as refusal:
            return web.json_response({"ok": False, "error": refusal.code}, status=400)
        return web.Response(text="ok")

    def _take(self, secret: str) -> _Response:
        response = self._open.get(secret)
        if response is None or self._clock() >= response.expires_at:
            raise SlackError("expired_url")
        if not response.uses:
            raise SlackError("used_url")
        response.uses -= 1
        return response

    def _respond(self, response: _Response, arguments: Arguments) -> None:
        if arguments.flag("delete_original"):
            self._delete(self._current(response.original))
            return
        what = content(arguments, TEXT_LIMIT)
        if arguments.flag("replace_original"):
            self._replace(response, what, arguments)
        elif arguments.optional_text("response_type") == "in_channel":
            self._workspace.post(self._message(response, what, arguments), self._clock())
        else:
            message = self._message(response, what, arguments)
            self._workspace.whisper(_whispered(message, response.person))

    def _current(self, original: Message | Ephemeral) -> Message | Ephemeral:
        if isinstance(original, Message):
            return self._workspace.message(original.channel, original.ts)
        return self._workspace.ephemeral(original.channel, original.ts)

    def _delete(self, original: Message | Ephemeral) -> None:
        if isinstance(original, Message):
            self._workspace.delete(original, self._clock())
        else:
            self._workspace.unwhisper(original)

    def _replace(self, response: _Response, what: Content, arguments: Arguments) -> None:
        original = self._current(response.original)
        if isinstance(original, Ephemeral):
            told = _whispered(self._message(response, what, arguments), response.person)
            told = replace(told, ts=original.ts, thread_ts=original.thread_ts)
            self._workspace.whisper(told)
            return
        changed = replace(
            original,
            body=what.body,
            markdown=what.markdown,
            own_blocks=what.blocks,
            attachments=what.attachments,
        )
        self._workspace.edit(changed, response.app.user_id, self._clock())

    def _message(self, response: _Response, what: Content, arguments: Arguments) -> Message:
        return Message(
            channel=response.original.channel,
            ts=self._workspace.next_ts(self._clock()),
            user=response.app.user_id,
            body=what.body,
            markdown=what.markdown,
            own_blocks=what.blocks,
            attachments=what.attachments,
            thread_ts=arguments.optional_text("thread_ts"),
            bot_id=response.app.bot_id,
            app_id=response.app.id,
            metadata=metadata(arguments),
        )


def _whispered(message: Message, to: str) -> Ephemeral:
    return Ephemeral(
        channel=message.channel,
        ts=message.ts,
        user=message.user,
        to=to,
        text=message.text,
        blocks=message.blocks,
        thread_ts=message.thread_ts,
    )


def _body(text: str) -> Json:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(given, dict):
        raise SlackError("invalid_payload")
    return given
