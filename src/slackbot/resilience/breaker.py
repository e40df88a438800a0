"""A circuit breaker: what is down is not asked, and asked again by one call at a time.

    closed ── 3 failures in a row ──> open ── 30 s ──> half-open ── one probe ──> closed or open

By hand, since the breakers that are packaged let every caller through when half-open, or never
open under asyncio.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = structlog.get_logger()

State = Literal["closed", "open", "half_open"]
Verdict = Literal["down", "up", "unknown"]

FAILURES: Final = 3
"""In a row; each of them is a call that was tried again already where that may help."""

REST_SECONDS: Final = 30.0


class CircuitOpen(Exception):
    """The call was not made: what it is for is down."""


class CircuitBreaker:
    """Watches the calls to one `target`, which is its name in the log.

    Args:
        judge: what an error shows of the target.
        clock: counts seconds and never goes back.
    """

    def __init__(
        self,
        target: str,
        *,
        judge: Callable[[Exception], Verdict],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target = target
        self._judge = judge
        self._clock = clock
        self._failures = 0
        self._rests_until: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """Whether calls are made (closed), or not (open), or one of them (half-open)."""
        if self._rests_until is None:
            return "closed"
        return "open" if self._clock() < self._rests_until else "half_open"

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Admit a call, and learn from how it ends. One that is cancelled teaches nothing.

        One that fails after more than a rest has cost more than a rest would: it opens the circuit.

        Raises:
            CircuitOpen: at once, in place of the call.
        """
        state = self.state
        if state == "open" or (state == "half_open" and self._probing):
            raise CircuitOpen(self._target)
        is_probe, began = state == "half_open", self._clock()
        self._probing = self._probing or is_probe
        try:
            yield
        except Exception as error:
            verdict = self._judge(error)
            if verdict == "down":
                self._failed(is_probe=is_probe, seconds=self._clock() - began)
            elif verdict == "up":
                self._answered()
            raise
        else:
            self._answered()
        finally:
            if is_probe:
                self._probing = False

    def _failed(self, *, is_probe: bool, seconds: float) -> None:
        if self._rests_until is None:
            self._failures += 1
            if self._failures < FAILURES and seconds <= REST_SECONDS:
                return
            _log.warning("circuit.opened", target=self._target, failures=self._failures)
        elif not is_probe:  # began before the circuit opened: known by now
            return
        self._rests_until = self._clock() + REST_SECONDS

    def _answered(self) -> None:
        self._failures = 0
        if self._rests_until is not None:
            self._rests_until = None
            _log.info("circuit.closed", target=self._target)
