"""The kit's check of growth tells quadratic work from linear work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kit.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable


def scan_again_and_again(text: str) -> None:
    for start in range(0, len(text), 8):
        text.count("y", start)


def copy_again_and_again(text: str) -> None:
    while text:
        text = text[32:]


def backtrack(text: str) -> None:
    re.search("x+y", text)


def test_linear_work_passes() -> None:
    assert_linear(lambda text: [ord(character) for character in text], "x".__mul__, 50_000)


@pytest.mark.parametrize(
    ("work", "size"),
    [(scan_again_and_again, 60_000), (copy_again_and_again, 400_000), (backtrack, 10_000)],
)
def test_quadratic_work_does_not(work: Callable[[str], None], size: int) -> None:
    with pytest.raises(AssertionError, match="16 times the input takes"):
        assert_linear(work, "x".__mul__, size)


def test_quadratic_work_does_not_when_something_disturbed_the_short_input_at_first() -> None:
    size, tries = 400_000, iter(range(5))

    def disturbed(text: str) -> None:
        slowdown = 8 if len(text) < size and next(tries, None) is not None else 1
        for _ in range(slowdown):
            copy_again_and_again(text)

    with pytest.raises(AssertionError, match="16 times the input takes"):
        assert_linear(disturbed, "x".__mul__, size)
