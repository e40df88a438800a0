"""Long messages and long threads, cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.history.quotes import fitted, shortened


def test_a_long_text_is_cut_at_a_word_and_marked() -> None:
    assert shortened("one two three", 13) == "one two three"
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one two three", 6) == "one…"
    assert shortened("onetwothree", 5) == "onetw…"


def test_a_long_thread_keeps_its_first_message_and_its_last_ones() -> None:
    lines = ["root", *(f"reply {number}" for number in range(100))]
    kept = fitted(lines, 100)
    assert (kept[0], kept[-1]) == ("root", "reply 99")
    left_out = len(lines) - (len(kept) - 1)
    assert kept[1] == f"[{left_out} messages left out here: the thread is too long]"
    assert sum(map(len, kept)) < 200


def test_a_thread_whose_first_message_is_too_long_is_cut_there() -> None:
    assert fitted(["word " * 100, "end"], 100) == [shortened("word " * 100, 50), "end"]


@given(st.lists(st.text(max_size=30), min_size=1), st.integers(60, 400))
def test_what_fits_is_kept_whole(lines: list[str], limit: int) -> None:
    kept = fitted(lines, limit)
    if sum(map(len, lines)) <= limit:
        assert kept == lines
    else:
        assert sum(map(len, kept)) <= limit + 80
