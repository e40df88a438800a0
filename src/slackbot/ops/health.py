"""Checks at the start and from time to time whether what the bot depends on works.

All of it is told in one line at the start, and each change once. Whoever asks a connection cheaply
is a `Check`; that a source is down makes the bot no less alive, nor less ready.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from slackbot.errors import SlackbotError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 20.0
"""How long a connection has to answer a check."""

JITTER: Final = 0.2
"""The part of a pause that is left to chance, for many bots not to ask at the same moment."""


@dataclass(frozen=True, slots=True)
class Check:
    """One connection by its name; `ask` raises what is wrong with it, a `SlackbotError`.

    One that is not asked `at_start`, as it may not be ready by then, is asked in the first round
    after it.
    """

    connection: str
    ask: Callable[[], Awaitable[object]]
    at_start: bool = True


class Health:
    """What is known of the connections, checked again and again.

    `observe` is told of each check: the connection's name, which no other has, and whether it
    works.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        observe: Callable[[str, bool], None],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        names = _names(checks)
        if len(set(names)) < len(names):
            raise ValueError(f"two connections have the same name: {', '.join(names)}")
        self._checks = tuple(checks)
        self._observe = observe
        self._sleep = sleep
        self._chance = chance
        self._failures: Mapping[str, str] = {}

    @asynccontextmanager
    async def watched(self, every: float, **known: object) -> AsyncIterator[None]:
        """Check now and every so many seconds while the context is open, which does not wait.

        What is `known` of the connections besides stands in the line of the start.
        """
        task = asyncio.create_task(self._watch(every, known), name="health")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self, every: float, known: Mapping[str, object]) -> None:
        first = [check for check in self._checks if check.at_start]
        untried = [check.connection for check in self._checks if not check.at_start]
        self._failures = await self._look(first)
        tell = log.warning if self._failures else log.info
        tell(
            "connections.checked",
            works=[name for name in _names(first) if name not in self._failures],
            fails=self._failures,
            untried=untried,
            **known,
        )
        while True:
            await self._sleep(every * (1 + JITTER * (self._chance() - 0.5)))
            before, self._failures = self._failures, await self._look(self._checks)
            self._tell_changes(before)
            for name in untried:
                if name not in self._failures:
                    log.info("connection.works", connection=name)
            untried = []

    async def _look(self, checks: Sequence[Check]) -> Mapping[str, str]:
        """Check connections side by side; return what is wrong with those that fail."""
        found = await asyncio.gather(*map(_problem_of, checks))
        failures = {
            name: problem
            for name, problem in zip(_names(checks), found, strict=True)
            if problem is not None
        }
        for name in _names(checks):
            self._observe(name, name not in failures)
        return failures

    def _tell_changes(self, before: Mapping[str, str]) -> None:
        for name in _names(self._checks):
            if name in self._failures and name not in before:
                log.warning("connection.failed", connection=name, error=self._failures[name])
            elif name in before and name not in self._failures:
                log.info("connection.restored", connection=name)


def _names(checks: Sequence[Check]) -> tuple[str, ...]:
    return tuple(check.connection for check in checks)


async def _problem_of(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await check.ask()
    except TimeoutError:
        return f"no answer within {PATIENCE_SECONDS:.0f} seconds"
    except SlackbotError as error:
        return str(error) or type(error).__name__
    except Exception as error:  # the other checks go on
        log.exception("connection.check_crashed", connection=check.connection)
        return type(error).__name__
    return None
