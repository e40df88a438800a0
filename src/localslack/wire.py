"""Values to JSON, as Slack's Web API and Events API show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.block_ids import with_ids
from localslack.timestamps import seconds

if TYPE_CHECKING:
    from localslack.model import App, HomeView, Json, Message, Person
    from localslack.room import Room
    from localslack.workspace import Workspace


def message_json(message: Message, workspace: Workspace) -> Json:
    """A message by itself: what is the same in history, in responses and in events.

    `team` is its author's; someone from another workspace is told by `user_team` as well (the
    fields that slack_bolt's request/internals.py reads).
    """
    team = workspace.team_of(message.user)
    shown: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": team,
    }
    if team != workspace.team_id:
        shown |= {"user_team": team, "source_team": team}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.attachments:
        shown["attachments"] = list(message.attachments)
    if message.files:
        shown["files"] = list(message.files)
    for name in ("subtype", "client_msg_id", "bot_id", "app_id", "thread_ts"):
        if (value := getattr(message, name)) is not None:
            shown[name] = value
    if message.edited is not None:
        shown["edited"] = {"user": message.edited.user, "ts": message.edited.ts}
    if message.bot_id is not None:
        shown["bot_profile"] = {
            "id": message.bot_id,
            "app_id": message.app_id,
            "name": workspace.user(message.user).name,
            "team_id": workspace.team_id,
            "deleted": False,
        }
    if message.is_reply:
        root = workspace.room(message.channel).message(message.root_ts)
        shown["parent_user_id"] = root.user
    return shown


def listed_message_json(
    message: Message, workspace: Workspace, *, include_metadata: bool = False
) -> Json:
    """A message as the reading methods list it: with reactions, and a root with its thread."""
    room = workspace.room(message.channel)
    shown = message_json(message, workspace)
    if replies := room.replies(message.ts):
        repliers = room.repliers(message.ts)
        shown |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len(repliers),
            "reply_users": list(repliers[:5]),
            "latest_reply": replies[-1],
            "is_locked": False,
            "subscribed": False,
        }
    if reactions := room.reactions(message.ts):
        by_name = ((name, list(users)) for name, users in reactions.items())
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in by_name
        ]
    if include_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown


def channel_json(room: Room, app: App) -> Json:
    """A conversation as conversations.info shows it to an app."""
    channel = room.channel
    shown: Json = {
        "id": channel.id,
        "created": int(channel.created),
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_archived": channel.archived,
    }
    if channel.kind == "im":
        others = [user for user in room.members if user != app.user_id]
        return shown | {"user": others[0], "is_user_deleted": False, "is_open": True}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_private": channel.kind == "group",
        "is_general": channel.name == "general",
        "is_ext_shared": False,
        "is_member": app.user_id in room.members,
        "creator": channel.creator,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def person_json(person: Person, workspace: Workspace) -> Json:
    """A user as users.info shows it. A stranger is one from another workspace."""
    shown: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "title": person.title,
            "team": person.team,
        },
        "is_bot": person.bot_id is not None,
        "is_app_user": False,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.restricted or person.ultra_restricted,
        "is_ultra_restricted": person.ultra_restricted,
        "is_stranger": person.team != workspace.team_id,
        "updated": 0,
    }
    if person.bot_id is not None:
        shown["profile"] |= {"bot_id": person.bot_id, "api_app_id": person.app_id}
    return shown


def view_json(view: HomeView, workspace: Workspace) -> Json:
    """A Home tab's view, as views.publish answers (Slack's documentation) and events show it."""
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": "home",
        "blocks": with_ids(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "external_id": view.external_id,
        "state": {"values": {}},
        "hash": view.hash,
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "root_view_id": view.id,
        "previous_view_id": None,
        "app_id": view.app,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.app(view.app).bot_id,
    }


def event_time(ts: str) -> int:
    """The time of an event in whole seconds."""
    return int(seconds(ts))
