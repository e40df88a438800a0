"""The operator's projects as far as Jira has them: one unknown key makes it refuse any query."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog

from slackbot.knowledge.allowed_keys import EVERY_KEY
from slackbot.resilience.together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from slackbot.knowledge.allowed_keys import AllowedKeys

LOOK_AGAIN_AFTER: Final = 600.0  # seconds, in which a project may be made or opened to the account

_log = structlog.get_logger()


class SearchedProjects:
    """Which projects to search. `exists` asks Jira for one.

    `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        allowed: AllowedKeys,
        exists: Callable[[str], Coroutine[object, object, bool]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._allowed = allowed
        self._exists = exists
        self._clock = clock
        self._missing: frozenset[str] = frozenset()
        self._believed_until = 0.0

    def within(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return those wanted that may be shown, else all, without those known to be missing."""
        missing = self._missing if self._is_fresh() else frozenset()
        return tuple(key for key in self._allowed.narrowed(wanted) if key.casefold() not in missing)

    async def look_for_missing(self) -> None:
        """Find out which projects Jira does not have, but not more than once in a while.

        What is missing is said in the log when it changes.
        """
        if self._is_fresh():
            return
        keys = [key for key in self._allowed.keys if key != EVERY_KEY]
        async with together() as tasks:
            found = {key: tasks.create_task(self._exists(key)) for key in keys}
        missing = tuple(key for key, exists in found.items() if not exists.result())
        before, self._missing = self._missing, frozenset(map(str.casefold, missing))
        self._believed_until = self._clock() + LOOK_AGAIN_AFTER
        if missing and self._missing != before:
            _log.warning("jira.projects_unknown", projects=missing)

    def _is_fresh(self) -> bool:
        return self._clock() < self._believed_until
