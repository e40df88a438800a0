"""What was said in the threads that the bot takes part in: a cache with a time to live."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from cachetools import TTLCache

from slackbot.memory.window import WindowSize, newest_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from slackbot.conversation import Amended, OutcomeState, Said, ThreadKey


@dataclass(frozen=True, slots=True)
class Thread:
    """One remembered thread.

    `said` is in order of time. `askers` are the people who asked the bot here, with the time of
    their last question or answer (seconds since the epoch). `complete` turns true when what was
    said before the bot came in has been read. `deleted` keeps what must not come back, be it by the
    record or by a late delivery.
    """

    said: tuple[Said, ...] = ()
    askers: Mapping[str, float] = field(default_factory=dict)
    complete: bool = False
    deleted: frozenset[str] = frozenset()

    def ended(self, ts: str) -> OutcomeState | None:
        """Return how the answer to the message `ts` ended, if the thread holds its final text."""
        finals = (line for line in self.said if line.is_final and line.answers == ts)
        return next((line.state for line in finals), None)


class ThreadMemory(Protocol):
    """Keeps threads for a while; losing one loses nothing, for the record has it."""

    def recall(self, key: ThreadKey) -> Thread | None:
        """Return the thread if it is held."""
        ...

    def join(self, key: ThreadKey, asker: str, at: float) -> Thread:
        """Hold the thread from now on, and note that `asker` talks with the bot in it."""
        ...

    def complete(self, key: ThreadKey, before: Iterable[Said]) -> Thread:
        """Add what the record says; what was heard or deleted meanwhile stands above it."""
        ...

    def hear(self, key: ThreadKey, said: Said) -> None:
        """Add one message to the thread, if it is held; what is known or deleted stays so."""
        ...

    def amend(self, amended: Amended) -> None:
        """Apply an edit or a deletion to the thread, if it is held."""
        ...

    def doubt(self) -> None:
        """Trust nothing of what was said, for something may have been missed: read it again."""
        ...


class InMemoryThreads:
    """`ThreadMemory` in this process, bounded in threads, and in messages and tokens of each."""

    def __init__(
        self,
        *,
        max_threads: int,
        ttl_seconds: float,
        window: WindowSize,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._threads: TTLCache[ThreadKey, Thread] = TTLCache(max_threads, ttl_seconds, clock)
        self._window = window

    def recall(self, key: ThreadKey) -> Thread | None:
        """Return the thread if it is held."""
        return self._threads.get(key)

    def join(self, key: ThreadKey, asker: str, at: float) -> Thread:
        """Hold the thread from now on, and note that `asker` talks with the bot in it."""
        thread = self._threads.get(key, Thread())
        last = max(at, thread.askers.get(asker, at))
        return self._keep(key, replace(thread, askers={**thread.askers, asker: last}))

    def complete(self, key: ThreadKey, before: Iterable[Said]) -> Thread:
        """Add what the record says; what was heard or deleted meanwhile stands above it."""
        thread = self._threads.get(key, Thread())
        heard = {line.ts for line in thread.said} | thread.deleted
        earlier = tuple(line for line in before if line.ts not in heard)
        return self._keep(
            key,
            replace(thread, said=earlier + thread.said, complete=True),
        )

    def hear(self, key: ThreadKey, said: Said) -> None:
        """Add one message to the thread, if it is held; what is known or deleted stays so."""
        if (thread := self._threads.get(key)) is None or said.ts in thread.deleted:
            return
        if all(line.ts != said.ts for line in thread.said):
            self._keep(key, replace(thread, said=(*thread.said, said)))

    def amend(self, amended: Amended) -> None:
        """Apply an edit or a deletion to the thread, if it is held."""
        if (thread := self._threads.get(amended.thread)) is None:
            return
        text = amended.text
        if text is None:
            said = tuple(line for line in thread.said if line.ts != amended.ts)
            deleted = sorted(thread.deleted | {amended.ts}, key=float)[-self._window.max_messages :]
            self._keep(amended.thread, replace(thread, said=said, deleted=frozenset(deleted)))
        else:
            said = tuple(
                replace(line, text=text) if line.ts == amended.ts else line for line in thread.said
            )
            self._keep(amended.thread, replace(thread, said=said))

    def doubt(self) -> None:
        """Trust nothing of what was said, for something may have been missed: read it again."""
        for key, thread in tuple(self._threads.items()):
            self._threads[key] = replace(thread, said=(), complete=False)

    def _keep(self, key: ThreadKey, thread: Thread) -> Thread:
        """Store the thread within its bounds; storing it anew starts its time to live again."""
        in_order = sorted(thread.said, key=lambda line: float(line.ts))
        kept = replace(thread, said=newest_within(in_order, self._window))
        self._threads[key] = kept
        return kept
