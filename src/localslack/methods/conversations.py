"""conversations.*: what channels there are, who is in them and what was said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.methods.call import Call, Method
from localslack.methods.paging import PAGE_LIMIT, page, page_fields, read_cursor
from localslack.timestamps import micros
from localslack.wire import channel_json, listed_message_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localslack.methods.call import Methods
    from localslack.model import Json, Message


def history(call: Call) -> Json:
    """Return what stands in a channel, the newest first. Replies are left out; a root's
    `latest_reply` tells of them (Slack's documentation).
    """
    room = call.room_to_read()
    limit = call.arguments.number("limit", 100, PAGE_LIMIT)
    window = call.arguments.window()
    if (cursor := read_cursor(call.arguments)) is not None:
        window = replace(window, latest=micros(cursor))
    found = room.timeline(window, limit + 1)
    return _listed(call, found, limit) | {"pin_count": 0}


def replies(call: Call) -> Json:
    """Return a thread, the oldest first, beginning with its root.

    Slack's documentation: a message without replies is returned alone.
    """
    room = call.room_to_read()
    message = room.message(call.arguments.text("ts"), or_else="thread_not_found")
    limit = call.arguments.number("limit", PAGE_LIMIT, PAGE_LIMIT)
    window = call.arguments.window()
    if (cursor := read_cursor(call.arguments)) is not None:
        window = replace(window, oldest=micros(cursor))
    return _listed(call, room.thread(message.ts, window, limit + 1), limit)


def info(call: Call) -> Json:
    """Return a channel."""
    return {"channel": channel_json(call.room_to_read(scope="read"), call.app)}


def members(call: Call) -> Json:
    """Return who is in a channel."""
    room = call.room_to_read(scope="read")
    part, fields = page(tuple(room.members), call.arguments, default=100)
    return fields | {"members": list(part)}


def open_(call: Call) -> Json:
    """Return the direct channel with one user, which is made when it is first asked for."""
    users = call.arguments.text("users").split(",")
    if len(users) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    channel = call.workspace.open_direct(call.app.user_id, users[0], now=call.now)
    return {"channel": {"id": channel.id}}


def _listed(call: Call, found: Sequence[Message], limit: int) -> Json:
    with_metadata = bool(call.arguments.flag("include_all_metadata"))
    following = found[limit].ts if len(found) > limit else None
    return page_fields(following) | {
        "messages": [
            listed_message_json(message, call.workspace, include_metadata=with_metadata)
            for message in found[:limit]
        ]
    }


CONVERSATIONS: Methods = {
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.info": Method(info),
    "conversations.members": Method(members),
    "conversations.open": Method(open_, ("im:write",)),
}
