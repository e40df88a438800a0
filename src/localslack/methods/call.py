"""One call of a Web API method: who calls, with what, and what every method asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from localslack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from localslack.arguments import Arguments
    from localslack.model import App, Caller, ChannelKind, Json, Message, TokenKind
    from localslack.room import Room
    from localslack.workspace import Workspace

_SCOPE_PREFIX: dict[ChannelKind, str] = {"channel": "channels", "group": "groups", "im": "im"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call by an app that has been let in. `connect` makes the address of a new socket.

    `site` gives the address at which people see the workspace, with no slash at its end.
    """

    caller: Caller
    arguments: Arguments
    workspace: Workspace
    now: float
    connect: Callable[[App], str]
    site: Callable[[], str]

    @property
    def app(self) -> App:
        """The app that calls."""
        return self.caller.app

    def need(self, *scopes: str) -> None:
        """Refuse a token that has none of the scopes (Slack's documentation: `missing_scope`)."""
        provided = self.caller.scopes
        if provided is None or not provided.isdisjoint(scopes):
            return
        raise SlackError(
            "missing_scope", needed=",".join(scopes), provided=",".join(sorted(provided))
        )

    def room_to_read(self, name: str = "channel", *, scope: str = "history") -> Room:
        """Return the room that an argument names, if the app may read there.

        Slack's documentation of conversations.history: a private channel that the app is not in
        does not exist for it; in a public one it must be a member.
        """
        room = self.known_room(self.arguments.text(name))
        self.need(scope_for(room.channel.kind, scope))
        if scope == "history" and self.app.user_id not in room.members:
            raise SlackError("not_in_channel")
        return room

    def room_to_write(self, where: str | None = None) -> Room:
        """Return the room to say something in: the app must be in it, and it must be open.

        Slack's documentation of chat.postMessage; `chat:write.public` is never granted here.
        """
        room = self.known_room(self.arguments.text("channel") if where is None else where)
        if self.app.user_id not in room.members:
            raise SlackError("not_in_channel")
        if room.channel.archived:
            raise SlackError("is_archived")
        return room

    def known_room(self, where: str) -> Room:
        """Return a room by id or name, unless it is private and the app is not in it."""
        room = self.workspace.room(where)
        if room.channel.kind != "channel" and self.app.user_id not in room.members:
            raise SlackError("channel_not_found")
        return room

    def own_message(self, or_else: str) -> Message:
        """Return the app's own message that `channel` and `ts` name, or refuse with `or_else`."""
        message = self.room_to_write().message(self.arguments.text("ts"))
        if message.app_id != self.app.id:
            raise SlackError(or_else)
        return message


@dataclass(frozen=True, slots=True)
class Method:
    """How a method is answered, which scopes it needs (any one), and which kinds of token."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    taking: tuple[TokenKind, ...] = ("bot",)


def scope_for(kind: ChannelKind, what: str) -> str:
    """Return the scope for reading conversations of a kind: `channels:read`, `im:history`, …"""
    return f"{_SCOPE_PREFIX[kind]}:{what}"


Methods: TypeAlias = dict[str, Method]
