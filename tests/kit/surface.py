"""A surface in this process: replies that keep what they were told, a record, a directory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slackbot.conversation import Said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from slackbot.conversation import Incoming, Notice, Outcome, OutcomeState, ThreadKey

BOT = "UBOT"


@dataclass(slots=True)
class KeptReply:
    """A `Reply` that keeps everything, in order."""

    incoming: Incoming
    log: list[str] = field(default_factory=list)
    text: str = ""
    links: frozenset[str] = frozenset()
    outcome: Outcome | None = None
    end_error: Exception | None = None
    resume_error: Exception | None = None
    written: asyncio.Event = field(default_factory=asyncio.Event)

    async def acknowledge(self) -> None:
        self.log.append("acknowledged")

    async def status(self, text: str) -> None:
        self.log.append(f"status: {text}")

    async def write(self, markdown: str, links: Collection[str]) -> None:
        if not self.text:
            self.log.append("writing")
        self.text += markdown
        self.links = frozenset(links)
        self.written.set()

    async def end(self, outcome: Outcome) -> Said:
        if self.end_error is not None:
            raise self.end_error
        self.log.append(outcome.state)
        self.outcome = outcome
        ts = f"{float(self.incoming.ts) + 0.5:.6f}"
        return Said(
            ts, BOT, outcome.text, by_bot=True, answers=self.incoming.ts, state=outcome.state
        )

    async def resume(self, leftovers: Collection[str], *, again: bool) -> None:
        if self.resume_error is not None:
            raise self.resume_error
        self.log.append("again" if again else "acknowledged")
        self.log.extend(f"took back {ts}" for ts in leftovers)

    async def settle(self, state: OutcomeState) -> None:
        self.log.append(f"settled: {state}")

    async def suspend(self, words: str) -> None:
        self.log.append(f"suspended: {words}")

    async def withdraw(self) -> None:
        self.log.append("withdrawn")

    async def refuse(self, notice: Notice | None) -> None:
        self.log.append(f"refused: {notice.words()}" if notice else "refused")


@dataclass(slots=True)
class Record:
    """A `ThreadReader` over threads that are given; keeps which were read."""

    threads: Mapping[ThreadKey, Sequence[Said]] = field(default_factory=dict)
    error: Exception | None = None
    reads: list[ThreadKey] = field(default_factory=list)

    async def read(self, thread: ThreadKey) -> Sequence[Said]:
        self.reads.append(thread)
        if self.error is not None:
            raise self.error
        return self.threads.get(thread, ())


@dataclass(slots=True)
class Directory:
    """`People` by a table; keeps who was looked up."""

    names: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def name(self, user: str) -> str:
        self.asked.append(user)
        return self.names.get(user, user)
