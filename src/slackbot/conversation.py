"""What the assistant knows of the place where it is asked: no surface, only its protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from slackbot.messages import KnowledgeResult


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """Where a conversation lives. `thread_ts` is the id of the thread's first message."""

    team: str
    channel: str
    thread_ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something that a person said where the bot can hear it.

    `ts` identifies the message within its channel and is its time: seconds since the epoch, as
    text. `text` is normalised, bounded, and free of the mention of the bot.
    `mentions_bot` is true for a real mention only, not for one quoted in code.
    `addresses_other` says that the text begins with a mention of somebody else.
    `action_token` is what the place gave with it, to search there in the name of `asker`: a secret.
    """

    team: str
    channel: str
    thread_ts: str
    ts: str
    asker: str
    text: str
    direct: bool = False
    mentions_bot: bool = False
    addresses_other: bool = False
    edited: bool = False
    action_token: str | None = field(default=None, repr=False)

    @property
    def thread(self) -> ThreadKey:
        """The thread to answer in; a message outside any thread begins one of its own."""
        return ThreadKey(self.team, self.channel, self.thread_ts)

    @property
    def is_reply(self) -> bool:
        """Whether it was said inside a thread that had begun before."""
        return self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class Amended:
    """A person changed a message: `text` is what it says now, `None` when it was deleted."""

    thread: ThreadKey
    ts: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A person wants the bot to stop what it is doing in a thread."""

    thread: ThreadKey


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread, as memory keeps it.

    `speaker` is a user id. For a final answer of the bot, `answers` is the `ts` of the message that
    it answers. `links` are the addresses that are live in a message of the bot: such as tools had
    returned, and nothing that a model only wrote.
    """

    ts: str
    speaker: str
    text: str
    by_bot: bool = False
    answers: str | None = None
    links: frozenset[str] = frozenset()


OutcomeState = Literal["answered", "partial", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and all that people will read of it.

    `text` is the whole text in Markdown, what was already written included. `links` are the
    addresses that may be live in it; `sources` are what it cites, in the order of their numbers.
    """

    state: OutcomeState
    text: str
    links: frozenset[str] = frozenset()
    sources: tuple[KnowledgeResult, ...] = ()


class Reply(Protocol):
    """One reply to one message, from the first sign to the end mark.

    Only `end` raises (`DeliveryError`); trouble with progress is the surface's own affair.
    """

    async def acknowledge(self) -> None:
        """Show that the message was taken."""
        ...

    async def status(self, text: str) -> None:
        """Say in a few words what is being done."""
        ...

    async def write(self, markdown: str, links: Collection[str]) -> None:
        """Add a piece to the answer; `links` are the addresses that may be live in it."""
        ...

    async def end(self, outcome: Outcome) -> Said:
        """Show the final text, its sources and the end mark; return the message as it stands."""
        ...


class ThreadReader(Protocol):
    """Reads what was said in a thread from the record."""

    async def read(self, thread: ThreadKey) -> Sequence[Said]:
        """Return the thread in order of time, or raise `DeliveryError` if it cannot be read."""
        ...


class People(Protocol):
    """Knows people by their ids."""

    async def name(self, user: str) -> str:
        """Return the name that others see, or the id itself where it cannot be had."""
        ...
