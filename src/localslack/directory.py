"""Who and where: the people, apps and channels of a workspace, found by id or by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.model import App, Channel, ChannelKind, Person
from localslack.room import Room

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Directory:
    """The membership of a workspace. Ids are counted up, so that runs are alike."""

    def __init__(self, team_name: str) -> None:
        self.team_id = "T0LOCAL0001"
        self.team_name = team_name
        self.domain = "".join(filter(str.isalnum, team_name.lower())) or "team"
        self._people: dict[str, Person] = {}
        self._people_by_name: dict[str, str] = {}
        self._apps: dict[str, App] = {}
        self._apps_by_token: dict[str, App] = {}
        self._rooms: dict[str, Room] = {}
        self._rooms_by_name: dict[str, str] = {}
        self._direct: dict[frozenset[str], str] = {}

    @property
    def url(self) -> str:
        """The address of the workspace, which nothing answers."""
        return f"https://{self.domain}.localslack.test/"

    @property
    def apps(self) -> Collection[App]:
        """All installed apps."""
        return self._apps.values()

    def add_person(
        self,
        name: str,
        *,
        real_name: str = "",
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
        self._apps_by_token |= {app.bot_token: app, app.app_token: app}
        return app

    def add_channel(
        self, name: str, members: Iterable[str] = (), *, private: bool = False, now: float = 0
    ) -> Channel:
        """Create a channel. `members` are names or ids; the first is its creator."""
        people = [self.user(member).id for member in members]
        room = self._open(name, "group" if private else "channel", people, now)
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

    def join(self, channel: str, user: str) -> None:
        """Make someone a member of a channel."""
        self.room(channel).members[self.user(user).id] = None

    def leave(self, channel: str, user: str) -> None:
        """Take someone out of a channel: a person who leaves, a bot that is removed."""
        self.room(channel).members.pop(self.user(user).id, None)

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

    def app_of_token(self, token: str) -> App | None:
        """Return the app that a bot or app-level token was given to."""
        return self._apps_by_token.get(token)

    def revoke(self, app: App) -> None:
        """Take an app's tokens back."""
        self._apps_by_token.pop(app.bot_token, None)
        self._apps_by_token.pop(app.app_token, None)

    def _enter(self, person: Person) -> Person:
        if person.name.lower() in self._people_by_name:
            raise ValueError(f"there is a {person.name} already")
        self._people[person.id] = person
        self._people_by_name[person.name.lower()] = person.id
        return person

    def _open(self, name: str, kind: ChannelKind, people: list[str], now: float) -> Room:
        letter = "D" if kind == "im" else "C"  # private channels have had a C since 2021
        channel = Channel(
            id=self._next_id(letter, len(self._rooms)),
            name=name,
            kind=kind,
            creator=people[0] if people else "",
            created=now,
        )
        return self._rooms.setdefault(channel.id, Room(channel, people))

    @staticmethod
    def _next_id(letter: str, count: int) -> str:
        return f"{letter}0LOCAL{count + 1:04d}"
