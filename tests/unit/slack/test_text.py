"""What passes of text that is partly invisible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.text import InvisibleStripper, strip_invisible

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WHITE_FLAG_RAINBOW = "\U0001f3f3\ufe0f\u200d\U0001f308"
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
CODER = "\U0001f469\U0001f3fd\u200d\U0001f4bb"

TRICKY = st.text(
    alphabet=(
        "ab1#* [;m]\n\r\x07\\\x1b\x9b\u200b\u200c\u200d\ufe0f\u20e3\u202e\u2028"
        f"\U0001f468\U0001f3f4\U000e0067\U000e0062\U000e007f\u0645\u0915{ENGLAND}"
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    "text",
    [
        "plain text, tab\tand\nline",
        "naïve café",
        "مرحبا بالعالم",
        "שלום עולם",
        "می\u200cخواهم",
        "क्\u200dष",
        FAMILY,
        WHITE_FLAG_RAINBOW,
        ENGLAND,
        CODER,
        "\U0001f1e9\U0001f1ea",
        "1\ufe0f\u20e3",
        "❤\ufe0f",
        "日本語",
    ],
)
def test_what_people_write_survives(text: str) -> None:
    assert strip_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("ab\u202etxt.exe\u202c", "abtxt.exe"),
        ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "secret"), "hi"),
        (
            "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "secret") + "\U000e007f",
            "🏴",
        ),
        ("😀\ufe0f\ufe0e\U000e0101", "😀\ufe0f"),
        ("a\u200db", "ab"),
        ("a\ufe0fb", "ab"),
        ("\x1b[31mred\x1b[0m \x9b1m", "red "),
        ("\x1b]0;title\x07x\x1b]8;;http://x\x1b\\y", "xy"),
        ("\x1bMup \x1b[1;\n(broken", "up [1;\n(broken"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_what_cannot_be_seen_is_removed(text: str, visible: str) -> None:
    assert strip_invisible(text) == visible


@given(TRICKY)
def test_stripping_again_changes_nothing(text: str) -> None:
    once = strip_invisible(text)
    assert strip_invisible(once) == once


@given(st.text())
def test_no_control_character_and_no_surrogate_is_left(text: str) -> None:
    left = strip_invisible(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u200b]", left)
    left.encode()


@given(st.lists(TRICKY, max_size=6))
def test_where_the_pieces_are_cut_changes_nothing(pieces: list[str]) -> None:
    stripper = InvisibleStripper()
    shown = "".join(stripper.feed(piece) for piece in pieces) + stripper.finish()
    assert shown == strip_invisible("".join(pieces))


def test_text_without_oddities_is_not_held_back() -> None:
    stripper = InvisibleStripper()
    assert stripper.feed("nothing odd here") == "nothing odd here"
