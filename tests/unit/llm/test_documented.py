"""The provider that the documentation shows; what it must do is in the contract."""

from __future__ import annotations

from kit.documented import documented_code


def test_a_whole_provider_is_shown_in_less_than_forty_lines() -> None:
    assert len(documented_code().splitlines()) < 40
