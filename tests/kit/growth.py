"""How work grows with its input: a quadratic algorithm is told from a linear one on any machine."""

from __future__ import annotations

import math
import time
import timeit
from typing import TYPE_CHECKING, Final, TypeVar

from kit.untraced import untraced

if TYPE_CHECKING:
    from collections.abc import Callable

Input = TypeVar("Input")

FACTOR: Final = 16
"""How much longer the long input is: 16 times the work if it is linear, 256 if quadratic."""
BOUND: Final = 64
"""Half-way between the two, four times away from each."""
LEAST_SECONDS: Final = 0.0002
"""What takes less is noise."""
ATTEMPTS: Final = 3
SHORT_RUNS: Final = 4
"""How often the short input is tried before and after the long one: a quarter of its work each."""


def assert_linear(
    work: Callable[[Input], object], input_of: Callable[[int], Input], size: int
) -> None:
    """Check that an input of `size` takes at most 64 times the CPU time of one of a sixteenth.

    A machine that is slow or busy is so for both. A disturbance of the short input would hide
    quadratic work, so it is tried before and after the long one; the least counts.
    """
    short, long = input_of(size // FACTOR), input_of(size)
    least, most = _least_seconds(work, short, SHORT_RUNS), math.inf
    for _ in range(ATTEMPTS):
        most = min(most, _least_seconds(work, long, 1))
        least = min(least, _least_seconds(work, short, SHORT_RUNS))
        if most < BOUND * max(LEAST_SECONDS, least):
            return
    growth = most / max(LEAST_SECONDS, least)
    raise AssertionError(f"{FACTOR} times the input takes {growth:.0f} times the work")


def repeated(unit: str) -> Callable[[int], str]:
    """Return what gives a text of so many characters that is the unit again and again."""
    return lambda characters: unit * (characters // len(unit))


def _least_seconds(work: Callable[[Input], object], given: Input, runs: int) -> float:
    """Return the least CPU time of this thread, without that of collecting earlier garbage."""
    with untraced():
        times = timeit.repeat(lambda: work(given), timer=time.thread_time, number=1, repeat=runs)
    return min(times)
