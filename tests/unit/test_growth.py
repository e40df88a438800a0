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
        text = text[8:]


def backtrack(text: str) -> None:
    re.search("x+y", text)


def test_linear_work_passes() -> None:
    assert_linear(lambda text: [ord(character) for character in text], "x".__mul__, 50_000)


@pytest.mark.parametrize(
    ("work", "size"),
    [(scan_again_and_again, 60_000), (copy_again_and_again, 200_000), (backtrack, 10_000)],
)
def test_quadratic_work_does_not(work: Callable[[str], None], size: int) -> None:
    with pytest.raises(AssertionError, match="16 times the input takes"):
        assert_linear(work, "x".__mul__, size)
