"""When people first see something of a reply: a sign of life, some text, the final text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.ops.metrics import Moment


class Sightings:
    """Tells `observe` of each moment once, with the seconds since this was made.

    Text is a sign, too, and the final text may be the first one.
    """

    def __init__(
        self,
        observe: Callable[[Moment, float], None],
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._observe = observe
        self._timer = timer
        self._began = timer()
        self._seen: set[Moment] = set()

    def see(self, *moments: Moment) -> None:
        """Note what people see now."""
        for moment in moments:
            if moment not in self._seen:
                self._seen.add(moment)
                self._observe(moment, self._timer() - self._began)
