"""What people do with an app beside writing to it: press, open its Home tab, stop its answer."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from localslack.errors import SlackError
from localslack.interactivity.payloads import block_actions
from localslack.interactivity.responses import Responses
from localslack.model import HomeView
from localslack.wire import view_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from localslack.interactivity.payloads import Press
    from localslack.model import App, Ephemeral, Json, Message, Person, Status
    from localslack.socket_mode import SocketMode
    from localslack.workspace import Workspace


class Interactions:
    """Tells apps what people do with them.

    `responses` answers what apps send to a response_url.
    """

    def __init__(
        self,
        workspace: Workspace,
        socket_mode: SocketMode,
        *,
        clock: Callable[[], float],
        site: Callable[[], str],
    ) -> None:
        self.responses = Responses(workspace, clock=clock, site=site)
        self._workspace = workspace
        self._socket_mode = socket_mode
        self._clock = clock

    def press(self, press: Press) -> None:
        """Tell the app whose element was pressed.

        Raises:
            SlackError: `action_not_found`; `app_not_connected`, where nobody is there to hear it
                (Slack's own clients show a warning at the button then).
        """
        app = self._app_of(press.on)
        ts = self._workspace.next_ts(self._clock())
        trigger_id = f"{ts}.{secrets.token_hex(8)}"
        payload = block_actions(press, app, self._workspace, ts, trigger_id)
        if not isinstance(press.on, HomeView):
            payload["response_url"] = self.responses.open(app, press.person.id, press.on)
        if not self._socket_mode.interact(app, payload):
            raise SlackError("app_not_connected")

    def open_app(self, person: Person, app: App, tab: Literal["home", "messages"]) -> None:
        """Tell an app that someone looks at its Home tab, or at their messages with it.

        Slack's documentation of app_home_opened: `view` is there once one was published.
        """
        now = self._clock()
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self._workspace.open_direct(person.id, app.user_id, now=now).id,
            "tab": tab,
            "event_ts": self._workspace.next_ts(now),
        }
        view = self._workspace.home(app.id, person.id)
        if tab == "home" and view is not None:
            event["view"] = view_json(view, self._workspace)
        self._tell(app, event)

    def stop(self, person: Person, channel: str, thread_ts: str) -> None:
        """End the streams in a thread, and tell each app that is at work there.

        Slack's documentation of agent_session_stopped: the event names the messages that Slack
        stopped, none where the app only showed a status; that the app clears itself.
        """
        now = self._clock()
        streaming: dict[str, list[Message]] = {}
        for status in self._workspace.statuses(now):
            if (status.channel, status.thread_ts) == (channel, thread_ts):
                streaming.setdefault(self._app_of(status).id, [])
        for message in self._workspace.thread(channel, thread_ts):
            if message.app_id is not None and message.is_streaming(now):
                streaming.setdefault(message.app_id, []).append(message)
        for app_id, messages in streaming.items():
            for message in messages:
                self._end(message, now)
            event: Json = {
                "type": "agent_session_stopped",
                "user": person.id,
                "channel": channel,
                "thread_ts": thread_ts,
                "streaming_message_ts": [message.ts for message in messages],
                "event_ts": self._workspace.next_ts(now),
            }
            self._tell(self._workspace.app(app_id), event)

    def _end(self, message: Message, now: float) -> None:
        assert message.stream is not None  # only messages that are streaming come here
        ended = replace(message, stream=replace(message.stream, open=False))
        self._workspace.change(ended, now)

    def _tell(self, app: App, event: Json) -> None:
        if app.events is None or event["type"] in app.events:
            self._socket_mode.deliver(app, event)

    def _app_of(self, on: Message | Ephemeral | HomeView | Status) -> App:
        if isinstance(on, HomeView):
            return self._workspace.app(on.app)
        return self._workspace.app(self._workspace.user(on.user).app_id or "")
