"""reactions.*: marks on messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.emoji import glyphs
from localslack.errors import SlackError
from localslack.methods.call import Call, Method
from localslack.methods.paging import page
from localslack.timestamps import micros
from localslack.wire import listed_message_json

if TYPE_CHECKING:
    from localslack.methods.call import Methods
    from localslack.model import Json, Message


def add(call: Call) -> Json:
    """Mark a message (Slack's documentation: `already_reacted`, `invalid_name`)."""
    name = call.arguments.text("name")
    if name not in glyphs():
        raise SlackError("invalid_name")
    message = _item(call, to_write=True)
    call.workspace.react(message, call.app.user_id, name, call.now)
    return {}


def remove(call: Call) -> Json:
    """Take a mark of the app's own back (Slack's documentation: `no_reaction`)."""
    name = call.arguments.text("name")
    message = _item(call, to_write=True)
    call.workspace.unreact(message, call.app.user_id, name, call.now)
    return {}


def get(call: Call) -> Json:
    """Return one message with its marks."""
    message = _item(call, to_write=False)
    shown = listed_message_json(message, call.workspace)
    return {"type": "message", "channel": message.channel, "message": shown}


def list_(call: Call) -> Json:
    """Return what a user has marked, the last first; the caller's own bot unless one is named."""
    user = call.arguments.optional_text("user") or call.app.user_id
    visible = [
        message
        for message in call.workspace.reacted_to(user)
        if call.app.user_id in call.workspace.room(message.channel).members
    ]
    part, metadata = page(visible, call.arguments, default=100)
    return metadata | {
        "items": [
            {
                "type": "message",
                "channel": message.channel,
                "message": listed_message_json(message, call.workspace),
            }
            for message in part
        ]
    }


def _item(call: Call, *, to_write: bool) -> Message:
    ts = call.arguments.optional_text("timestamp")
    if ts is None:
        raise SlackError("no_item_specified")
    try:
        micros(ts)
    except ValueError as error:
        raise SlackError("bad_timestamp") from error
    where = call.arguments.text("channel")
    room = call.room_to_write(where) if to_write else call.known_room(where)
    return room.message(ts)


REACTIONS: Methods = {
    "reactions.add": Method(add, ("reactions:write",)),
    "reactions.remove": Method(remove, ("reactions:write",)),
    "reactions.get": Method(get, ("reactions:read",)),
    "reactions.list": Method(list_, ("reactions:read",)),
}
