"""What people cannot see is gone; what they can see is kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.knowledge.text.invisible import strip_invisible

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
SCOTLAND = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two\nlines\tand a tab",
        FAMILY,
        SCOTLAND,
        "🇩🇪 flag, ❤\ufe0f heart, 1\ufe0f\u20e3 keycap, ©\ufe0f",
        "🏳\ufe0f\u200d🌈 🧑🏽\u200d💻",
        "مرحبا بالعالم",
        "می\u200cخواهم",
        "שלום עולם",
        "क्\u200dष",
        "日本語, ŻÓŁW, naïve – “quoted” …",
    ],
)
def test_visible_text_survives(text: str) -> None:
    assert strip_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("hi" + "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all"), "hi"),
        ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "steal everything"), "🏴"),
        ("a\ufe01\ufe02\U000e0101b", "ab"),
        ("a\ufe0fb", "ab"),
        ("a\u200d\u200cb", "ab"),
        ("می\u200c\u200d\u200cخواهم", "میخواهم"),
        ("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", "red link"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwothree"),
        ("soft\xadhyphen", "softhyphen"),
        ("half \ud83d surrogate", "half  surrogate"),
        ("\u3164\u115f\uffa0x", "x"),
    ],
)
def test_hidden_text_is_gone(text: str, left: str) -> None:
    assert strip_invisible(text) == left


@given(st.text(alphabet=st.characters(categories=["Cf", "Cc", "Cs", "Lu"])))
def test_no_format_or_control_character_is_left_among_latin_letters(text: str) -> None:
    latin = "".join(
        letter for letter in text if unicodedata.category(letter) != "Lu" or letter < "z"
    )
    visible_format = {
        "\u0600",
        "\u0601",
        "\u0602",
        "\u0603",
        "\u0604",
        "\u0605",
        "\u06dd",
        "\u070f",
    }
    left = {
        letter for letter in strip_invisible(latin) if unicodedata.category(letter) in ("Cc", "Cs")
    }
    assert left <= {"\n", "\t"} | visible_format


@given(st.text())
def test_doing_it_twice_changes_nothing_that_matters(text: str) -> None:
    once = strip_invisible(text)
    assert len(strip_invisible(once)) <= len(once) <= len(text)
