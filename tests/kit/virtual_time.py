"""An event loop whose clock jumps to the next thing to do: hours pass in no time."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

Result = TypeVar("Result")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: when no file is ready, the time to wait has passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        if not events:
            self.now += timeout or 0.0
        return events


class _VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def in_virtual_time(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end; only for work that waits for nothing outside the process."""
    with asyncio.Runner(loop_factory=_VirtualTimeLoop) as runner:
        return runner.run(work)


def virtual_clock() -> float:
    """Return the seconds since the running loop began."""
    return asyncio.get_running_loop().time()
