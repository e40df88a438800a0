"""Markdown becomes the mrkdwn that Slack would show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.markdown import escape, settled, to_mrkdwn, unescape


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("plain", "plain"),
        ("**bold** and *italic* and ~~gone~~", "*bold* and _italic_ and ~gone~"),
        ("# A **big** title\ntext", "*A big title*\ntext"),
        ("- one\n  * two\n+ three", "• one\n  • two\n• three"),
        ("[Run & book](https://wiki/x?a=1&b=2)", "<https://wiki/x?a=1&amp;b=2|Run &amp; book>"),
        ("[](https://wiki/x)", "<https://wiki/x>"),
        ("[a](https://wiki/(x))", "<https://wiki/(x)|a>"),
        ("![image](https://wiki/p.png)", "<https://wiki/p.png|image>"),
        ("**[bold link](https://wiki)**", "*<https://wiki|bold link>*"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("`**a** < b` **c**", "`**a** &lt; b` *c*"),
        ("```\n- not a list\n```\n- a list", "```\n- not a list\n```\n• a list"),
        ("```\nnever closed **x**", "```\nnever closed **x**"),
        ("2 * 3 * 4 and snake_case and a**b", "2 * 3 * 4 and snake_case and a**b"),
        ("&lt;b&gt; and `&lt;`", "&lt;b&gt; and `&amp;lt;`"),
    ],
)
def test_markdown_reads_the_same_in_mrkdwn(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize(
    "live", ["<!channel>", "<@U0123>", "<#C0123|general>", "<!subteam^S1>", "<https://a.b/c>"]
)
def test_live_sequences_stay_live_in_markdown(live: str) -> None:
    """Slack does not defuse what is sent to it; a sender must."""
    assert to_mrkdwn(f"hey {live}!") == f"hey {live}!"


@given(st.text())
def test_escaping_can_be_undone(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text(alphabet="&<>;ampltg@!x "))
def test_what_is_settled_stays_as_it_is(text: str) -> None:
    assert settled(settled(text)) == settled(text)


def test_stray_signs_are_escaped_and_entities_kept() -> None:
    assert settled("a & b &amp; <c> <@U1>") == "a &amp; b &amp; &lt;c&gt; <@U1>"
