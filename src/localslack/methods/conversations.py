"""conversations.* and users.conversations: channels, who is in them and what was said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.methods.call import Call, Method, scope_for
from localslack.methods.paging import PAGE_LIMIT, page, page_fields, read_cursor
from localslack.timestamps import micros
from localslack.wire import channel_json, listed_message_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localslack.methods.call import Methods
    from localslack.model import ChannelKind, Json, Message
    from localslack.room import Room

TYPES: dict[str, ChannelKind] = {
    "public_channel": "channel",
    "private_channel": "group",
    "im": "im",
}


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


def list_(call: Call) -> Json:
    """Return all public channels and the private ones that the bot is in."""
    return _paged(call, _rooms_of_types(call))


def of_user(call: Call) -> Json:
    """Return what someone is in, the bot itself where nobody is named.

    Slack's documentation of users.conversations: private channels are those that both are in.
    """
    user = call.arguments.optional_text("user") or call.app.user_id
    return _paged(call, (room for room in _rooms_of_types(call) if user in room.members))


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


def _rooms_of_types(call: Call) -> list[Room]:
    """Return the rooms of the types that are wanted, each of which needs its scope."""
    types = call.arguments.names("types") or ("public_channel",)
    if not all(name in TYPES for name in types):
        raise SlackError("invalid_types")
    kinds = {TYPES[name] for name in types}
    for kind in kinds:
        call.need(scope_for(kind, "read"))
    with_archived = not call.arguments.flag("exclude_archived")
    return [
        room
        for room in call.workspace.rooms
        if room.channel.kind in kinds and (with_archived or not room.channel.archived)
    ]


def _sees(call: Call, room: Room) -> bool:
    return room.channel.kind == "channel" or call.app.user_id in room.members


def _paged(call: Call, rooms: Iterable[Room]) -> Json:
    visible = [room for room in rooms if _sees(call, room)]
    part, fields = page(visible, call.arguments, default=100)
    channels = [channel_json(room, call.app) for room in part]
    return {"channels": channels, "response_metadata": fields["response_metadata"]}


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
    "conversations.list": Method(list_),
    "users.conversations": Method(of_user),
    "conversations.info": Method(info),
    "conversations.members": Method(members),
    "conversations.open": Method(open_, ("im:write",)),
}
