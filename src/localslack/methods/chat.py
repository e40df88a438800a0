"""chat.*: posting, changing and deleting messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.methods.call import Call, Method
from localslack.methods.content import TEXT_LIMIT, UPDATE_TEXT_LIMIT, content, metadata
from localslack.model import Ephemeral, Message
from localslack.permalinks import permalink
from localslack.wire import message_json

if TYPE_CHECKING:
    from localslack.methods.call import Methods
    from localslack.model import Json
    from localslack.room import Room


def post_message(call: Call) -> Json:
    """Say something as the bot; to a user's id, in the direct channel with them."""
    arguments = call.arguments
    room = _room_to_post_in(call)
    what = content(arguments, TEXT_LIMIT)
    thread_ts = arguments.optional_text("thread_ts")
    broadcast = bool(arguments.flag("reply_broadcast")) and thread_ts is not None
    message = call.workspace.post(
        Message(
            channel=room.channel.id,
            ts=call.workspace.next_ts(call.now),
            user=call.app.user_id,
            body=what.body,
            markdown=what.markdown,
            own_blocks=what.blocks,
            attachments=what.attachments,
            thread_ts=thread_ts,
            subtype="thread_broadcast" if broadcast else None,
            bot_id=call.app.bot_id,
            app_id=call.app.id,
            metadata=metadata(arguments),
            may_unfurl=_may_unfurl(call),
        ),
        call.now,
    )
    shown = message_json(message, call.workspace)
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    """Put other content in place of what a message of the app's own says.

    Slack's documentation of chat.update: metadata stays unless other is given. Reported by users
    and in recordings: a message that is still streaming gives `streaming_state_conflict`.
    """
    message = call.own_message("cant_update_message")
    if message.is_streaming(call.now):
        raise SlackError("streaming_state_conflict")
    what = content(call.arguments, UPDATE_TEXT_LIMIT)
    given = metadata(call.arguments)
    changed = replace(
        message,
        body=what.body,
        markdown=what.markdown,
        own_blocks=what.blocks,
        attachments=what.attachments,
        metadata=message.metadata if given is None else given or None,
    )
    message = call.workspace.edit(changed, call.app.user_id, call.now)
    shown = message_json(message, call.workspace)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": shown,
    }


def delete(call: Call) -> Json:
    """Take back a message of the app's own, which must not be streaming (recordings)."""
    message = call.own_message("cant_delete_message")
    if message.is_streaming(call.now):
        raise SlackError("cant_delete_message")
    call.workspace.delete(message, call.now)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """Tell one member of a channel something that nobody else sees."""
    room = call.room_to_write()
    user = call.arguments.text("user")
    if user not in room.members:
        raise SlackError("user_not_in_channel")
    what = content(call.arguments, TEXT_LIMIT)
    ts = call.workspace.next_ts(call.now)
    said = Message(
        channel=room.channel.id,
        ts=ts,
        user=call.app.user_id,
        body=what.body,
        markdown=what.markdown,
        own_blocks=what.blocks,
        thread_ts=call.arguments.optional_text("thread_ts"),
    )
    call.workspace.whisper(
        Ephemeral(
            channel=said.channel,
            ts=ts,
            user=said.user,
            to=user,
            text=said.text,
            blocks=said.blocks,
            thread_ts=said.thread_ts,
        )
    )
    return {"message_ts": ts}


def get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    room = call.known_room(call.arguments.text("channel"))
    message = room.message(call.arguments.text("message_ts"))
    link = permalink(call.site(), message.channel, message.ts, message.thread_ts)
    return {"channel": message.channel, "permalink": link}


def _room_to_post_in(call: Call) -> Room:
    where = call.arguments.text("channel")
    if where.startswith("U"):
        try:
            where = call.workspace.open_direct(call.app.user_id, where, now=call.now).id
        except SlackError as error:
            raise SlackError("channel_not_found") from error
    return call.room_to_write(where)


def _may_unfurl(call: Call) -> bool:
    """Whether Slack would fetch what the message links to: unless both kinds are declined."""
    kinds = ("unfurl_links", "unfurl_media")
    return any(call.arguments.flag(kind) is not False for kind in kinds)


CHAT: Methods = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}
