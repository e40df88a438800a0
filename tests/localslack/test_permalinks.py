"""The address of a message."""

from __future__ import annotations

import pytest

from localslack.permalinks import permalink


@pytest.mark.parametrize(
    ("thread_ts", "rest"),
    [
        (None, ""),
        ("1700000000.000100", ""),
        ("1600000000.000200", "?thread_ts=1600000000.000200&cid=C1"),
    ],
)
def test_a_reply_is_addressed_within_its_thread(thread_ts: str | None, rest: str) -> None:
    link = permalink("http://127.0.0.1:1", "C1", "1700000000.000100", thread_ts)
    assert link == f"http://127.0.0.1:1/archives/C1/p1700000000000100{rest}"
