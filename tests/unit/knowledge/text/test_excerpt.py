"""What a list of results shows of a document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slackbot.knowledge.text.excerpt import MAX_EXCERPT, MAX_TITLE, excerpt, title


def test_what_is_short_stays_as_it_is() -> None:
    assert title("Roll back payments") == "Roll back payments"
    assert excerpt("") == ""


def test_what_is_long_ends_at_a_word() -> None:
    assert excerpt("word " * 100) == "word " * 59 + "word…"
    assert title("x" * 5_000_000) == "x" * MAX_TITLE + "…"


@given(st.text(max_size=3 * MAX_EXCERPT))
def test_it_is_one_visible_line_in_bounded_length(text: str) -> None:
    for shown, limit in ((title(text), MAX_TITLE), (excerpt(text), MAX_EXCERPT)):
        assert len(shown) <= limit + 1
        assert shown == " ".join(shown.split())
