"""Who is who, and what a bot is doing: auth.test, users.info, apps.connections.open, statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.errors import SlackError, invalid_arguments
from localslack.methods.call import Call, Method
from localslack.model import Status
from localslack.wire import person_json
from localslack.workspace import STATUS_SECONDS

if TYPE_CHECKING:
    from localslack.methods.call import Methods
    from localslack.model import Json

LOADING_MESSAGES_LIMIT = 10


def auth_test(call: Call) -> Json:
    """Say whose token it is; a person has no `bot_id` (Slack's documentation of auth.test)."""
    of_bot = {"bot_id": call.app.bot_id} if call.caller.kind == "bot" else {}
    return {
        "url": f"{call.site()}/",
        "team": call.workspace.team_name,
        "user": call.workspace.user(call.caller.user).name,
        "team_id": call.workspace.team_id,
        "user_id": call.caller.user,
        **of_bot,
        "is_enterprise_install": False,
    }


def users_info(call: Call) -> Json:
    """Return a user."""
    person = call.workspace.user(call.arguments.text("user"))
    return {"user": person_json(person, call.workspace)}


def connections_open(call: Call) -> Json:
    """Return an address at which one WebSocket can be opened."""
    return {"url": call.connect(call.app)}


def set_status(call: Call) -> Json:
    """Show what the bot is doing in a thread, for two minutes or until it speaks there.

    Slack's documentation: an empty status clears it; at most ten loading messages.
    """
    arguments = call.arguments
    room = call.room_to_write(arguments.text("channel_id"))
    root = room.message(arguments.text("thread_ts"), or_else="invalid_thread_ts")
    loading = arguments.texts("loading_messages")
    if len(loading) > LOADING_MESSAGES_LIMIT:
        raise invalid_arguments(f"no more than {LOADING_MESSAGES_LIMIT} loading_messages")
    if root.is_reply:
        raise SlackError("invalid_thread_ts")
    call.workspace.set_status(
        Status(
            channel=room.channel.id,
            thread_ts=root.ts,
            user=call.app.user_id,
            text=arguments.text("status"),
            loading_messages=loading,
            expires_at=call.now + STATUS_SECONDS,
        )
    )
    return {}


IDENTITY: Methods = {
    "auth.test": Method(auth_test, taking=("bot", "user")),
    "users.info": Method(users_info, ("users:read",)),
    "apps.connections.open": Method(connections_open, taking=("app",)),
    "assistant.threads.setStatus": Method(set_status, ("chat:write", "assistant:write")),
}
