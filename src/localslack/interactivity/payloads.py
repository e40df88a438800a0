"""What an app is told of a press: the block_actions payload, after Slack's documentation of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.block_ids import element, with_ids
from localslack.errors import SlackError
from localslack.model import Ephemeral, HomeView, Message
from localslack.wire import message_json, view_json

if TYPE_CHECKING:
    from localslack.model import App, Channel, Json, Person
    from localslack.workspace import Workspace

_UNNAMED = {"im": "directmessage", "group": "privategroup"}
"""What stands for the name of a channel that is not public (recordings of such payloads)."""

_CHOICES = ("value", "selected_")
"""How the fields begin in which an element says what was chosen."""


@dataclass(frozen=True, slots=True)
class Press:
    """Someone pressed one element, named by two ids; `given` is what they chose of it."""

    person: Person
    on: Message | Ephemeral | HomeView
    block_id: str
    action_id: str
    given: Json


def block_actions(press: Press, app: App, workspace: Workspace, ts: str, trigger_id: str) -> Json:
    """Return the payload, save for a message's `response_url`.

    Raises:
        SlackError: `action_not_found`, where there is no such element or no such choice.
    """
    action = _action(press)
    return {
        "type": "block_actions",
        "user": {
            "id": press.person.id,
            "username": press.person.name,
            "name": press.person.name,
            "team_id": press.person.team,
        },
        "api_app_id": app.id,
        "token": "local-verification-token",
        "trigger_id": trigger_id,
        "team": {"id": workspace.team_id, "domain": workspace.team_name.lower()},
        "enterprise": None,
        "is_enterprise_install": False,
        "actions": [action | {"action_ts": ts}],
        **_place(press.on, workspace, _state(action)),
    }


def _place(on: Message | Ephemeral | HomeView, workspace: Workspace, state: Json) -> Json:
    if isinstance(on, HomeView):
        return {
            "container": {"type": "view", "view_id": on.id},
            "view": view_json(on, workspace) | {"state": state},
        }
    container: Json = {
        "type": "message",
        "message_ts": on.ts,
        "channel_id": on.channel,
        "is_ephemeral": isinstance(on, Ephemeral),
    }
    if on.thread_ts is not None:
        container["thread_ts"] = on.thread_ts
    place: Json = {
        "container": container,
        "channel": _channel(workspace.channel(on.channel)),
        "state": state,
    }
    if isinstance(on, Message):  # Slack's documentation: there is no message for an ephemeral one
        shown = message_json(on, workspace)
        place["message"] = shown | {"blocks": with_ids(on.blocks)}
    return place


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": _UNNAMED.get(channel.kind, channel.name)}


def _action(press: Press) -> Json:
    """Return what was done: never more than the element offers."""
    pressed = element(press.on.blocks, press.block_id, press.action_id)
    if pressed is None:
        raise SlackError("action_not_found")
    kind = pressed.get("type")
    action: Json = {"type": kind, "block_id": press.block_id, "action_id": press.action_id}
    if kind == "feedback_buttons":
        return action | _feedback(pressed, press.given)
    if kind in ("button", "icon_button"):
        return action | {key: pressed[key] for key in ("text", "value", "style") if key in pressed}
    return action | {key: press.given[key] for key in press.given if key.startswith(_CHOICES)}


def _feedback(pressed: Json, given: Json) -> Json:
    for name in ("positive_button", "negative_button"):
        button = pressed[name]
        if button["value"] == given.get("value"):
            return {"text": button["text"], "value": button["value"]}
    raise SlackError("action_not_found")


def _state(action: Json) -> Json:
    """The values of a surface: of what was pressed, where it is more than a button."""
    chosen = {key: action[key] for key in action if key.startswith("selected_")}
    if not chosen:
        return {"values": {}}
    value = {"type": action["type"], **chosen}
    return {"values": {action["block_id"]: {action["action_id"]: value}}}
