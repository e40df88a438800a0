"""What people can see passes, what they cannot see does not, wherever the text is cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.invisible import InvisibleStripper, strip_invisible

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
RAINBOW_FLAG = "🏳\ufe0f\u200d🌈"
CODER = "🧑🏽\u200d💻"
CANCEL_TAG = "\U000e007f"


def tags(text: str) -> str:
    """Return the text in tag characters, which nobody sees."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


ENGLAND = f"🏴{tags('gbeng')}{CANCEL_TAG}"
SCOTLAND = f"🏴{tags('gbsct')}{CANCEL_TAG}"

TRICKY = st.text(
    alphabet=(
        "ab1#* [;m]\n\r\x07\\\x1b\x9b\u061c\u200b\u200c\u200d\ufe0f\u20e3\u202e\u2028"
        f"\U0001f468\u0645\u0915{ENGLAND}"
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text, tab\tand\nline",
        "naïve café, ŻÓŁW – “quoted” …",
        "日本語",
        "مرحبا بالعالم",
        "שלום עולם",
        "می\u200cخواهم",
        "क्\u200dष",
        "ꦏ꧀\u200cꦏ",
        "\U00011107\U00011133\u200d\U00011107",
        FAMILY,
        RAINBOW_FLAG,
        CODER,
        ENGLAND,
        SCOTLAND,
        "🇩🇪 flag, ❤\ufe0f heart, 1\ufe0f\u20e3 keycap, ©\ufe0f",
    ],
)
def test_what_people_write_survives(text: str) -> None:
    assert strip_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("ab\u202etxt.exe\u202c \u2066x\u2069", "abtxt.exe x"),
        (f"hi{tags('ignore all')}", "hi"),
        (f"🏴{tags('steal everything')}", "🏴"),
        (f"🏴{tags('secret')}{CANCEL_TAG}", "🏴"),
        ("a\ufe01\ufe02\U000e0101b", "ab"),
        ("😀\ufe0f\ufe0e\U000e0101", "😀\ufe0f"),
        ("a\ufe0fb", "ab"),
        ("a\u200d\u200cb", "ab"),
        ("می\u200c\u200d\u200cخواهم", "میخواهم"),
        ("\u061c\u200cب\u200c\u061cب", "بب"),
        ("\x1b[31mred\x1b[0m \x9b1m", "red "),
        ("\x1b]0;title\x07x\x1b]8;;http://x\x1b\\y\x1b]8;;\x07", "xy"),
        ("\x1bMup \x1b[1;\n(broken", "up [1;\n(broken"),
        ("a\x00b\x07c\x7fd\x85e", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwothree"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("half \ud83d surrogate", "half  surrogate"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u3164\u115f\uffa0x", "x"),
    ],
)
def test_what_cannot_be_seen_is_removed(text: str, visible: str) -> None:
    assert strip_invisible(text) == visible


def test_an_unfinished_sequence_hides_nothing_of_what_follows() -> None:
    assert strip_invisible("a\x1b]" + "b" * 300) == "a]" + "b" * 300


@given(st.one_of(TRICKY, st.text()))
def test_stripping_again_changes_nothing(text: str) -> None:
    once = strip_invisible(text)
    assert strip_invisible(once) == once
    assert len(once) <= len(text)


@given(st.one_of(st.text(), st.text(alphabet=st.characters(categories=["Cf", "Cc", "Cs", "Lu"]))))
def test_no_control_character_and_no_surrogate_is_left(text: str) -> None:
    left = strip_invisible(text)
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", left
    )
    left.encode()


@given(st.lists(TRICKY, max_size=6))
def test_where_the_pieces_are_cut_changes_nothing(pieces: list[str]) -> None:
    stripper = InvisibleStripper()
    shown = "".join(stripper.feed(piece) for piece in pieces) + stripper.finish()
    assert shown == strip_invisible("".join(pieces))


def test_text_without_oddities_is_not_held_back() -> None:
    stripper = InvisibleStripper()
    assert stripper.feed("nothing odd here") == "nothing odd here"


def test_what_may_become_an_emoji_waits_alone() -> None:
    stripper = InvisibleStripper()
    assert stripper.feed("step 1") == "step "
    assert stripper.feed("\ufe0f\u20e3!") == "1\ufe0f\u20e3!"
