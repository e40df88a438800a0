"""A ts is the time and is never given twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.timestamps import Ticker, micros, seconds


@given(st.lists(st.floats(min_value=0, max_value=4e9)))
def test_every_ts_is_later_than_the_one_before_and_than_now(clock: list[float]) -> None:
    ticker = Ticker()
    last = 0
    for now in clock:
        ts = micros(ticker.ts(now))
        assert ts > last
        assert ts >= int(now * 1_000_000)
        last = ts


def test_a_ts_has_six_decimals() -> None:
    ticker = Ticker()
    assert ticker.ts(1_700_000_000) == "1700000000.000000"
    assert ticker.ts(1_700_000_000) == "1700000000.000001"
    assert seconds("1700000000.500000") == 1_700_000_000.5


@pytest.mark.parametrize("text", ["", "soon", "1e999999999", "nan", "inf"])
def test_what_is_no_number_is_no_ts(text: str) -> None:
    with pytest.raises(ValueError, match="not a ts"):
        micros(text)
