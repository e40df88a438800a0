"""The nouns of a workspace as frozen values: people, apps, channels, messages, streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from localslack.markdown import to_mrkdwn

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = dict[str, Any]
"""A JSON object as it goes over the wire."""

ChannelKind = Literal["channel", "group", "im"]
"""Public, private, direct: the `channel_type` of Slack's message events."""

StreamMode = Literal["markdown_text", "chunks"]

TokenKind = Literal["bot", "app", "user"]
"""Whose a token is: the bot's, the app's own, or that of a person for whom the app acts."""

TaskDisplay = Literal["timeline", "plan"]
"""How the tasks of a stream are shown: one by one, or together under the plan's title."""

SLACKBOT = "USLACKBOT"
"""Slack's own user, the author of tombstones. Not the bot under test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the workspace. A bot's user is one as well, with `bot_id` set."""

    id: str
    name: str
    real_name: str
    team: str
    title: str = ""
    tz: str = "UTC"
    bot_id: str | None = None
    app_id: str | None = None
    restricted: bool = False
    ultra_restricted: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An installed app with a bot user.

    `scopes` are the bot token's, `events` the bot events that it subscribed to, by the names of
    the app manifest; `None` is all of them.
    """

    id: str
    name: str
    bot_id: str
    user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whom a token lets in: an app, and the user that it acts as.

    `scopes` are the token's; `None` is all of them.
    """

    app: App
    kind: TokenKind
    user: str
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation. `name` is empty for a direct one, whose `members` are its two users."""

    id: str
    name: str
    kind: ChannelKind
    creator: str
    created: float
    topic: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """Who changed a message last, and when (a ts)."""

    user: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """That a message is, or was, written by chat.startStream.

    `expires_at` is when Slack ends it by itself; `open` is false once it was stopped.
    `tasks` are the task_update chunks by their id, each with what later ones changed;
    `plan_title` is what the last plan_update chunk says.
    """

    mode: StreamMode | None
    recipient: str | None
    expires_at: float
    open: bool = True
    tasks: Mapping[str, Json] = field(default_factory=dict)
    plan_title: str | None = None
    display: TaskDisplay = "timeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was said, by whom and where, as it stands now.

    `body` is mrkdwn with `& < >` escaped, or Markdown where `markdown` is true: then `text` and
    `blocks` are derived from it, as Slack does for `markdown_text`.
    """

    channel: str
    ts: str
    user: str
    body: str
    markdown: bool = False
    own_blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[Json, ...] = ()
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    edited: Edited | None = None
    metadata: Json | None = None
    may_unfurl: bool = False
    stream: Stream | None = None

    @property
    def text(self) -> str:
        """The text in mrkdwn, as every reader of the message gets it."""
        return to_mrkdwn(self.body) if self.markdown else self.body

    @property
    def blocks(self) -> tuple[Json, ...]:
        """The blocks, with the one that Slack makes of Markdown in front."""
        if not (self.markdown and self.body):
            return self.own_blocks
        block: Json = {"type": "markdown", "block_id": f"md{self.ts[-6:]}", "text": self.body}
        return (block, *self.own_blocks)

    @property
    def root_ts(self) -> str:
        """The ts of the thread's first message: its own, where it is not a reply."""
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        """Whether it was said in the thread of another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def is_streaming(self, now: float) -> bool:
        """Whether more text can still be appended to it."""
        return self.stream is not None and self.stream.open and now < self.stream.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a bot says that it is doing in a thread, until it speaks or `expires_at`."""

    channel: str
    thread_ts: str
    user: str
    text: str
    loading_messages: tuple[str, ...] = ()
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """What an app shows on its Home tab to one person; `hash` is new whenever it is published."""

    id: str
    app: str
    user: str
    hash: str
    blocks: tuple[Json, ...]
    callback_id: str = ""
    private_metadata: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ephemeral:
    """A message that only one person sees, and that no history holds."""

    channel: str
    ts: str
    user: str
    to: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
