"""What the assistant knows of the place where it is asked: no surface, only its protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from slackbot.messages import KnowledgeResult


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """Where a conversation lives. `thread_ts` is the id of the thread's first message."""

    team: str
    channel: str
    thread_ts: str


@dataclass(frozen=True, slots=True)
class Late:
    """What the record tells of a message that was found there.

    `begun` says that the bot took it. `contact` is when, before it, its asker and the bot last
    talked with each other in its thread (seconds since the epoch).
    """

    begun: bool
    contact: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something that a person said where the bot can hear it.

    `ts` identifies the message within its channel and is its time: seconds since the epoch, as
    text. `text` is normalised, bounded, and free of the mention of the bot.
    `mentions_bot` is true for a real mention only, not for one quoted in code.
    `addresses_other` says that the text begins with a mention of somebody else.
    `action_token` is what the place gave with it, to search there in the name of `asker`: a secret.
    `late` is there if it was found in the record, not told of as it was said.
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
    late: Late | None = None
    action_token: str | None = field(default=None, repr=False)

    @property
    def thread(self) -> ThreadKey:
        """The thread to answer in; a message outside any thread begins one of its own."""
        return ThreadKey(self.team, self.channel, self.thread_ts)

    @property
    def is_reply(self) -> bool:
        """Whether it was said inside a thread that had begun before."""
        return self.thread_ts != self.ts

    @property
    def said(self) -> Said:
        """The message as a line of its thread."""
        return Said(self.ts, self.asker, self.text)


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


OutcomeState = Literal["answered", "partial", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread, as memory keeps it.

    `speaker` is a user id. For a message of the bot, `answers` is the `ts` of the message that it
    answers, and `state` how that ended: without one it is a part of an answer, not its end.
    `links` are the addresses that are live in a message of the bot: such as tools had returned, and
    nothing that a model only wrote. `attempts` is how often the bot began to answer a message, as
    its marks in the record tell.
    """

    ts: str
    speaker: str
    text: str
    by_bot: bool = False
    answers: str | None = None
    state: OutcomeState | None = None
    links: frozenset[str] = frozenset()
    attempts: int = 0

    @property
    def is_final(self) -> bool:
        """Whether it is the end of an answer."""
        return self.state is not None


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


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to one person alone, and may have to wait until it leaves.

    `words` returns what it says if it leaves now; `lost` takes in that it never did.
    """

    words: Callable[[], str]
    lost: Callable[[], None]


class Reply(Protocol):
    """One reply to one message, from the first sign to the end mark.

    Only `write`, `end` and `resume` raise (`DeliveryError`, `write` where there never can be an
    answer); trouble with anything else is the surface's own affair. A reply comes to one end:
    `end`, `settle`, `suspend`, `withdraw` or `refuse`.
    """

    async def acknowledge(self) -> None:
        """Show that the message was taken."""
        ...

    async def resume(self, leftovers: Collection[str], *, again: bool) -> None:
        """Mark a message of the record as taken, `again` or for the first time; wait for the mark.

        `leftovers` are the ids of what an attempt that was broken off has said: it is taken back.
        """
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

    async def settle(self, state: OutcomeState) -> None:
        """Add the end mark that is missing, for the final text stands already."""
        ...

    async def suspend(self, words: str) -> None:
        """Break off, without an end: `words` are added to what was written, if anything was."""
        ...

    async def withdraw(self) -> None:
        """Take back what was written, for the message that it answers is gone."""
        ...

    async def refuse(self, notice: Notice | None) -> None:
        """Mark a message as one that is not answered; `notice` is for its asker alone."""
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
