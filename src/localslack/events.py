"""What an app hears of a change: Events API payloads, after Slack's documentation of each event.

A mention in a channel is told twice, as `app_mention` and as `message`, with one ts and two event
ids, in either order; an edit tells `app_mention` again, with `edited`. There is no app_mention in
a direct channel. An app's own messages are told too, with its `bot_id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.action_tokens import action_token
from localslack.changes import (
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
)
from localslack.wire import event_time, message_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localslack.changes import Change
    from localslack.model import App, ChannelKind, Json, Message
    from localslack.workspace import Workspace

MESSAGE_EVENTS: dict[ChannelKind, str] = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
}
"""What an app subscribes to in order to hear the messages of each kind of channel."""


def events_for(change: Change, app: App, workspace: Workspace) -> list[Json]:
    """Return the events by which an app hears of a change; a mention's app_mention is first."""
    match change:
        case MessagePosted(message):
            events = _posted(message, app, workspace)
        case MessageChanged():
            events = _changed(change, app, workspace)
        case MessageDeleted():
            events = iter((_deleted(change, workspace),))
        case ReactionAdded() | ReactionRemoved():
            events = iter((_reaction(change),))
        case _:
            return []
    room = workspace.room(change.message.channel)
    if app.user_id not in room.members:
        return []
    return [event for event in events if _subscribed(app, event, room.channel.kind)]


def callback(event: Json, event_id: str, app: App, workspace: Workspace) -> Json:
    """Return the payload that carries an event (Slack's documentation of the Events API)."""
    return {
        "token": "local-verification-token",
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time(event.get("event_ts", "0")),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": app.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }


def _posted(message: Message, app: App, workspace: Workspace) -> Iterator[Json]:
    shown = message_json(message, workspace) | _action_token(message, app, workspace)
    if _mentions(message, app, workspace):
        yield _app_mention(shown, message, message.ts)
    yield shown | _place(message, workspace, message.ts)


def _changed(change: MessageChanged, app: App, workspace: Workspace) -> Iterator[Json]:
    message = change.message
    shown = message_json(message, workspace)
    if message.edited is not None and _mentions(message, app, workspace):
        yield _app_mention(shown | _action_token(message, app, workspace), message, change.ts)
    yield {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": shown,
        "previous_message": message_json(change.previous, workspace),
        "ts": change.ts,
        **_place(message, workspace, change.ts),
    }


def _deleted(change: MessageDeleted, workspace: Workspace) -> Json:
    message = change.message
    event: Json = {
        "type": "message",
        "hidden": True,
        "previous_message": message_json(message, workspace),
        "ts": change.ts,
        **_place(message, workspace, change.ts),
    }
    if change.tombstone is None:
        return event | {"subtype": "message_deleted", "deleted_ts": message.ts}
    tombstone = message_json(change.tombstone, workspace)
    return event | {
        "subtype": "message_changed",
        "message": tombstone | {"hidden": True, "thread_ts": message.ts},
    }


def _reaction(change: ReactionAdded | ReactionRemoved) -> Json:
    message = change.message
    return {
        "type": "reaction_added" if isinstance(change, ReactionAdded) else "reaction_removed",
        "user": change.user,
        "reaction": change.name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": change.ts,
    }


def _app_mention(shown: Json, message: Message, event_ts: str) -> Json:
    mention = shown | {"type": "app_mention", "channel": message.channel, "event_ts": event_ts}
    mention.pop("parent_user_id", None)
    return mention


def _action_token(message: Message, app: App, workspace: Workspace) -> Json:
    """The token to search with, in the events of a person's message to the app.

    Slack's documentation of the Real-time Search API: mentions of the app, and messages to it.
    """
    direct = workspace.channel(message.channel).kind == "im"
    is_for_app = direct or _mentions(message, app, workspace)
    if message.bot_id is not None or not is_for_app:
        return {}
    return {"action_token": action_token(message, app)}


def _place(message: Message, workspace: Workspace, event_ts: str) -> Json:
    kind = workspace.channel(message.channel).kind
    return {"channel": message.channel, "channel_type": kind, "event_ts": event_ts}


def _mentions(message: Message, app: App, workspace: Workspace) -> bool:
    return (
        workspace.channel(message.channel).kind != "im"
        and message.user != app.user_id
        and f"<@{app.user_id}>" in message.text
    )


def _subscribed(app: App, event: Json, kind: ChannelKind) -> bool:
    name = MESSAGE_EVENTS[kind] if event["type"] == "message" else event["type"]
    return app.events is None or name in app.events
