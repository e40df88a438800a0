"""Message text in a terminal: readable, append only, and harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.terminal.text import Look, TextWriter, clean

PLAIN = Look()
RICH = Look(color=True, links=True)
NAMES = {"@U1": "@ana", "!here": "@here", "#C1|general": "#general"}


def name(entity: str) -> str:
    return NAMES.get(entity, f"?{entity}")


def shown(*pieces: str, markdown: bool = True, look: Look = PLAIN) -> str:
    writer = TextWriter(look, name, markdown=markdown)
    return "".join(writer.feed(piece) for piece in pieces) + writer.finish()


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**bold** *it* `code`", "bold *it* `code`"),
        ("## Title\ntext", "Title\ntext"),
        ("- one\n  * two", "• one\n  • two"),
        ("see [Run book](https://w/x)!", "see Run book (https://w/x)!"),
        ("<https://w/x|Run &amp; book> <https://w/y>", "Run & book (https://w/x) https://w/y"),
        ("<@U1> <!here> <#C1|general>", "@ana @here #general"),
        ("a < b <tag> & &lt;c&gt; R&D", "a < b <tag> & <c> R&D"),
        (
            "```sh\n# not a title\n- nor a list\n```\n- list",
            "```sh\n# not a title\n- nor a list\n```\n• list",
        ),
        ("[not a link] **never closed", "[not a link] **never closed"),
        ("`&lt;`", "`&lt;`"),
        ("1. one\n> quote\n\n---", "1. one\n> quote\n\n---"),
    ],
)
def test_markdown_is_readable(markdown: str, text: str) -> None:
    assert shown(markdown) == text


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("*bold* &lt;b&gt; `&amp;`", "bold <b> `&`"),
        ("<https://w/x?a=1&amp;b=2|Run book>", "Run book (https://w/x?a=1&b=2)"),
        ("[1] # no title", "[1] # no title"),
        ("# no title", "# no title"),
    ],
)
def test_mrkdwn_is_readable(mrkdwn: str, text: str) -> None:
    assert shown(mrkdwn, markdown=False) == text


def test_a_terminal_gets_weight_and_links_that_open() -> None:
    assert shown("# Title", look=RICH) == "\x1b[1mTitle\x1b[0m"
    assert shown("**b**", look=RICH) == "\x1b[1mb\x1b[0m"
    link = "\x1b]8;;https://w/x\x1b\\Run book\x1b]8;;\x1b\\ \x1b[2m(https://w/x)\x1b[0m"
    assert shown("[Run book](https://w/x)", look=RICH) == link


def test_what_is_not_whole_yet_is_held_back() -> None:
    writer = TextWriter(PLAIN, name, markdown=True)
    assert writer.feed("see [Run bo") == "see "
    assert writer.feed("ok](https://w") == ""
    assert writer.feed("/x) now") == "Run book (https://w/x) now"
    assert writer.feed("\n#") == "\n"
    assert writer.feed("# T") == "T"
    assert writer.finish() == ""


def test_plain_text_is_never_held_back() -> None:
    writer = TextWriter(PLAIN, name, markdown=True)
    assert [writer.feed(piece) for piece in ("He", "llo, ", "wor", "ld & al")] == [
        "He",
        "llo, ",
        "wor",
        "ld & al",
    ]


@given(st.lists(st.text(alphabet="ab[]()<>`*#-& \nh:/&ltgmp;|@!", max_size=12)), st.booleans())
def test_the_pieces_in_which_text_arrives_make_no_difference(
    pieces: list[str], markdown: bool
) -> None:
    assert shown(*pieces, markdown=markdown) == shown("".join(pieces), markdown=markdown)


@given(st.text(), st.booleans())
def test_no_control_character_reaches_the_terminal(text: str, markdown: bool) -> None:
    written = shown(f"\x1b[2J\x9b31m{text}", markdown=markdown)
    assert not [sign for sign in written if ord(sign) < 32 and sign not in "\n\t"]
    assert not [sign for sign in written if 0x7F <= ord(sign) <= 0x9F]


def test_marks_that_turn_text_around_are_dropped() -> None:
    assert clean("abc\u202edef\u2066") == "abcdef"
