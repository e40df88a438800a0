"""Who and where: the people, apps and channels of a workspace, found by id or by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.changes import Changes, ChannelChanged, ChannelLeft, UserAdded
from localslack.errors import SlackError
from localslack.model import App, Caller, Channel, ChannelKind, Person
from localslack.room import Room

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Directory:
    """The membership of a workspace. Ids are counted up, so that runs are alike."""

    def __init__(self, team_name: str) -> None:
        self.team_id = "T0LOCAL0001"
        self.team_name = team_name
        self._changes = Changes()
        self._people: dict[str, Person] = {}
        self._people_by_name: dict[str, str] = {}
        self._apps: dict[str, App] = {}
        self._callers: dict[str, Caller] = {}
        self._rooms: dict[str, Room] = {}
        self._rooms_by_name: dict[str, str] = {}
        self._direct: dict[frozenset[str], str] = {}

    @property
    def people(self) -> Collection[Person]:
        """All users, those of apps too."""
        return self._people.values()

    @property
    def rooms(self) -> Collection[Room]:
        """All channels, direct ones too, with what was said in them."""
        return self._rooms.values()

    @property
    def apps(self) -> Collection[App]:
        """All installed apps."""
        return self._apps.values()

    def add_person(
        self,
        name: str,
        *,
        real_name: str = "",
        title: str = "",
        team: str | None = None,
        tz: str = "UTC",
        restricted: bool = False,
        ultra_restricted: bool = False,
        deleted: bool = False,
    ) -> Person:
        """Add a user. `team` is another workspace's id for someone from Slack Connect."""
        person = Person(
            id=self._next_id("U", len(self._people)),
            name=name,
            real_name=real_name or name,
            title=title,
            team=team or self.team_id,
            tz=tz,
            restricted=restricted,
            ultra_restricted=ultra_restricted,
            deleted=deleted,
        )
        return self._enter(person)

    def add_app(
        self,
        name: str,
        *,
        scopes: Iterable[str] | None = None,
        events: Iterable[str] | None = None,
    ) -> App:
        """Install an app with a bot user of the same name, and give it its tokens."""
        number = len(self._apps)
        app_id, bot_id = self._next_id("A", number), self._next_id("B", number)
        user = self._enter(
            Person(
                id=self._next_id("U", len(self._people)),
                name=name,
                real_name=name,
                team=self.team_id,
                bot_id=bot_id,
                app_id=app_id,
            )
        )
        app = App(
            id=app_id,
            name=name,
            bot_id=bot_id,
            user_id=user.id,
            bot_token=f"xoxb-local-{name}",
            app_token=f"xapp-1-local-{name}",
            signing_secret=f"local-signing-secret-{name}",
            scopes=None if scopes is None else frozenset(scopes),
            events=None if events is None else frozenset(events),
        )
        self._apps[app.id] = app
        self._callers |= {
            app.bot_token: Caller(app=app, kind="bot", user=app.user_id, scopes=app.scopes),
            app.app_token: Caller(app=app, kind="app", user=app.user_id, scopes=app.scopes),
        }
        return app

    def add_user_token(
        self, who: str, app: App, *, scopes: Iterable[str] = ("search:read",)
    ) -> str:
        """Let an app act for someone; return the token by which it does."""
        person = self.user(who)
        token = f"xoxp-local-{app.name}-{person.name}"
        self._callers[token] = Caller(
            app=app, kind="user", user=person.id, scopes=frozenset(scopes)
        )
        return token

    def add_channel(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        topic: str = "",
        private: bool = False,
        now: float = 0,
    ) -> Channel:
        """Create a channel. `members` are names or ids; the first is its creator."""
        people = [self.user(member).id for member in members]
        room = self._open(name, "group" if private else "channel", people, now, topic)
        self._rooms_by_name[name] = room.channel.id
        return room.channel

    def open_direct(self, one: str, other: str, *, now: float = 0) -> Channel:
        """Return the direct channel of two users, which is made when it is first asked for."""
        pair = [self.user(one).id, self.user(other).id]
        known = self._direct.get(frozenset(pair))
        if known is not None:
            return self._rooms[known].channel
        room = self._open("", "im", pair, now)
        self._direct[frozenset(pair)] = room.channel.id
        return room.channel

    def archive(self, channel: str) -> None:
        """Close a channel: it can be read, and nothing can be said in it."""
        room = self.room(channel)
        room.channel = replace(room.channel, archived=True)
        self._changes.publish(ChannelChanged(room.channel.id))

    def join(self, channel: str, user: str) -> None:
        """Make someone a member of a channel."""
        room = self.room(channel)
        room.members[self.user(user).id] = None
        self._changes.publish(ChannelChanged(room.channel.id))

    def leave(self, channel: str, user: str) -> None:
        """Take someone out of a channel: a person who leaves, a bot that is removed."""
        room, person = self.room(channel), self.user(user)
        room.members.pop(person.id, None)
        self._changes.publish(ChannelLeft(room.channel.id, person.id))

    def user(self, who: str) -> Person:
        """Return a user by id or by name, with or without `@`.

        Raises:
            SlackError: `user_not_found`.
        """
        name = who.removeprefix("@").lower()
        person = self._people.get(who) or self._people.get(self._people_by_name.get(name, ""))
        if person is None:
            raise SlackError("user_not_found")
        return person

    def app(self, app_id: str) -> App:
        """Return an app by its id, or raise `SlackError` (`app_not_found`)."""
        app = self._apps.get(app_id)
        if app is None:
            raise SlackError("app_not_found")
        return app

    def team_of(self, user: str) -> str:
        """Return the workspace that a user belongs to: another one for a stranger."""
        person = self._people.get(user)
        return self.team_id if person is None else person.team

    def user_id(self, name: str) -> str | None:
        """Return the id behind a name that somebody typed."""
        return self._people_by_name.get(name.lower())

    def room(self, where: str) -> Room:
        """Return the room of a channel by id or by name, with or without `#`.

        Raises:
            SlackError: `channel_not_found`.
        """
        room = self._rooms.get(where) or self._rooms.get(self.channel_id(where) or "")
        if room is None:
            raise SlackError("channel_not_found")
        return room

    def channel_id(self, name: str) -> str | None:
        """Return the id behind a channel's name."""
        return self._rooms_by_name.get(name.removeprefix("#"))

    def channel(self, where: str) -> Channel:
        """Return a channel by id or by name."""
        return self.room(where).channel

    def caller(self, token: str) -> Caller | None:
        """Return whom a token lets in."""
        return self._callers.get(token)

    def revoke(self, app: App) -> None:
        """Take an app's tokens back."""
        self._callers = {
            token: caller for token, caller in self._callers.items() if caller.app != app
        }

    def _enter(self, person: Person) -> Person:
        if person.name.lower() in self._people_by_name:
            raise ValueError(f"there is a {person.name} already")
        self._people[person.id] = person
        self._people_by_name[person.name.lower()] = person.id
        self._changes.publish(UserAdded(person.id))
        return person

    def _open(
        self, name: str, kind: ChannelKind, people: list[str], now: float, topic: str = ""
    ) -> Room:
        letter = "D" if kind == "im" else "C"  # private channels have had a C since 2021
        channel = Channel(
            id=self._next_id(letter, len(self._rooms)),
            name=name,
            kind=kind,
            creator=people[0] if people else "",
            created=now,
            topic=topic,
        )
        room = self._rooms[channel.id] = Room(channel, people)
        self._changes.publish(ChannelChanged(channel.id))
        return room

    @staticmethod
    def _next_id(letter: str, count: int) -> str:
        return f"{letter}0LOCAL{count + 1:04d}"
