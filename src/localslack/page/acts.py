"""What a person does on the page: one small function an act, by the name that the page gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.emoji import glyphs
from localslack.errors import SlackError, invalid_arguments
from localslack.interactivity import Press
from localslack.methods.content import TEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localslack.arguments import Arguments
    from localslack.model import Ephemeral, HomeView, Json, Message
    from localslack.page.view import Seat
    from localslack.server import LocalSlack


@dataclass(frozen=True, slots=True)
class Act:
    """Someone does something, with the arguments that the page sent."""

    slack: LocalSlack
    seat: Seat
    arguments: Arguments

    @property
    def who(self) -> str:
        """The id of the person who acts."""
        return self.seat.person.id

    def channel(self) -> str:
        """Return the channel that `channel` names, one of the person's own.

        Raises:
            SlackError: `channel_not_found`.
        """
        return self.seat.room(self.arguments.text("channel")).channel.id

    def text(self) -> str:
        """Return what the person wrote.

        Raises:
            SlackError: `no_text`, `msg_too_long`.
        """
        text = self.arguments.text("text").strip("\n")
        if not text.strip():
            raise SlackError("no_text")
        if len(text) > TEXT_LIMIT:
            raise SlackError("msg_too_long")
        return text


def perform(act: Act) -> Json:
    """Do what `do` names, and return what the page is told of it.

    Raises:
        SlackError: it is not to be done; `unknown_method` where there is no such act.
    """
    run = _ACTS.get(act.arguments.text("do"))
    if run is None:
        raise SlackError("unknown_method")
    return run(act)


def _say(act: Act) -> Json:
    channel, thread_ts = act.channel(), act.arguments.optional_text("thread_ts")
    broadcast = thread_ts is not None and bool(act.arguments.flag("broadcast"))
    ts = act.slack.say(act.who, channel, act.text(), thread_ts=thread_ts, broadcast=broadcast)
    if thread_ts is None:  # whoever writes in a channel has seen what stands there
        act.slack.workspace.mark_read(channel, act.who, ts)
    return {"ts": ts}


def _edit(act: Act) -> Json:
    act.slack.edit(act.who, act.channel(), act.arguments.text("ts"), act.text())
    return {}


def _delete(act: Act) -> Json:
    act.slack.delete(act.who, act.channel(), act.arguments.text("ts"))
    return {}


def _react(act: Act) -> Json:
    name = act.arguments.text("name")
    if name not in glyphs():
        raise SlackError("invalid_name")
    act.slack.react(act.who, act.channel(), act.arguments.text("ts"), name)
    return {}


def _unreact(act: Act) -> Json:
    name = act.arguments.text("name")
    act.slack.unreact(act.who, act.channel(), act.arguments.text("ts"), name)
    return {}


def _open_dm(act: Act) -> Json:
    user = act.slack.workspace.user(act.arguments.text("user"))
    if not act.seat.knows(user.id):
        raise SlackError("user_not_visible")
    channel = act.slack.open_dm(act.who, user.id)
    return {"channel": act.seat.channel(act.seat.room(channel.id))}


def _read(act: Act) -> Json:
    ts = act.arguments.optional_ts("ts")
    if ts is None:
        raise invalid_arguments("missing required field: ts")
    act.slack.workspace.mark_read(act.channel(), act.who, ts)
    return {}


def _press(act: Act) -> Json:
    act.slack.interactions.press(
        Press(
            person=act.seat.person,
            on=_pressed(act),
            block_id=act.arguments.text("block_id"),
            action_id=act.arguments.text("action_id"),
            given=act.arguments.object("action", "invalid_arguments") or {},
        )
    )
    return {}


def _pressed(act: Act) -> Message | Ephemeral | HomeView:
    """Return what was pressed on: something that the person sees."""
    if (view_id := act.arguments.optional_text("view_id")) is not None:
        view = act.slack.workspace.home_of_id(view_id)
        if view.user != act.who:
            raise SlackError("view_not_found")
        return view
    channel = act.channel()
    if (ts := act.arguments.optional_text("ephemeral_ts")) is not None:
        told = act.slack.workspace.ephemeral(channel, ts)
        if told.to != act.who:
            raise SlackError("message_not_found")
        return told
    return act.slack.workspace.message(channel, act.arguments.text("ts"))


def _stop(act: Act) -> Json:
    thread_ts = act.arguments.text("thread_ts")
    act.slack.interactions.stop(act.seat.person, act.channel(), thread_ts)
    return {}


def _dm_opened(act: Act) -> Json:
    workspace = act.slack.workspace
    room = act.seat.room(act.arguments.text("channel"))
    for app in workspace.apps:
        if room.channel.kind == "im" and app.user_id in room.members:
            act.slack.interactions.open_app(act.seat.person, app, "messages")
    return {}


_ACTS: Mapping[str, Callable[[Act], Json]] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "unreact": _unreact,
    "open_dm": _open_dm,
    "read": _read,
    "press": _press,
    "stop": _stop,
    "dm_opened": _dm_opened,
}
