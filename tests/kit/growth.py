"""How work grows with its input: a quadratic algorithm is told from a linear one on any machine."""

from __future__ import annotations

import time
import timeit
from typing import TYPE_CHECKING, Final, TypeVar

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


def assert_linear(
    work: Callable[[Input], object], input_of: Callable[[int], Input], size: int
) -> None:
    """Check that an input of `size` takes at most 64 times the CPU time of one of a sixteenth.

    A machine that is slow, busy, or measures coverage is so for both, and a disturbance passes.
    """
    short, long = input_of(size // FACTOR), input_of(size)
    work(short)  # does what is done once only
    least = max(LEAST_SECONDS, min(_cpu_seconds(work, short) for _ in range(ATTEMPTS)))
    growth = 0.0
    for _ in range(ATTEMPTS):
        growth = _cpu_seconds(work, long) / least
        if growth < BOUND:
            return
    raise AssertionError(f"{FACTOR} times the input takes {growth:.0f} times the work")


def repeated(unit: str) -> Callable[[int], str]:
    """Return what gives a text of so many characters that is the unit again and again."""
    return lambda characters: unit * (characters // len(unit))


def _cpu_seconds(work: Callable[[Input], object], given: Input) -> float:
    """Return the CPU time of this thread, without that of collecting earlier tests' garbage."""
    return timeit.timeit(lambda: work(given), timer=time.thread_time, number=1)
