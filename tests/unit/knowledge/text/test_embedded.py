"""What somebody wrote, inside a document of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.knowledge.text.embedded import embedded
from slackbot.knowledge.text.outline import sections

PIECES = st.lists(
    st.sampled_from(
        [
            "# a",
            "## b",
            "  ### c",
            "#",
            "```",
            "````py",
            "~~~",
            "<!--",
            "-->",
            "x <!-- y",
            "",
            "text",
        ]
    ),
    max_size=12,
).map("\n".join)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain", "plain"),
        ("# One\n## Two", "### One\n#### Two"),
        ("### Three", "### Three"),
        ("   ## Set in", "### Set in"),
        ("##### Five\n# One", "###### Five\n### One"),
        ("#hashtag", "#hashtag"),
        ("```\n# code\n```\n# One", "```\n# code\n```\n### One"),
        ("```py\nleft open", "```py\nleft open\n```"),
        ("~~~\nleft open", "~~~\nleft open\n~~~"),
        ("````\n```\nstill open", "````\n```\nstill open\n````"),
        ("a <!-- b --> c", "a  c"),
        ("a\n<!-- b\n# c\n-->\nd", "a\nd"),
        ("<!-- never closed\n# a", ""),
        ("say `<!--` to begin", "say `<!--` to begin"),
        ("```\n<!-- shown -->\n```", "```\n<!-- shown -->\n```"),
        ("<!-- ``` -->\n# One", "### One"),
        ("a <!-- b\nc --> d", "a \n d"),
        ("in\u202evisible\r\n# One", "invisible\n### One"),
        ("", ""),
    ],
)
def test_headings_code_and_comments(markdown: str, expected: str) -> None:
    assert embedded(markdown, 2) == expected


@given(PIECES, st.text(max_size=40))
def test_it_never_begins_a_section_of_ours(pieces: str, text: str) -> None:
    for somebodys in (pieces, text):
        document = f"## Said\n\n{embedded(somebodys, 2)}\n\n## Last"
        ours = [section.title for section in sections(document) if section.level < 3]
        assert ours == ["Said", "Last"]


@given(PIECES)
def test_doing_it_again_changes_nothing(pieces: str) -> None:
    once = embedded(pieces, 2)
    assert embedded(once, 2) == once


@pytest.mark.parametrize("piece", ["<!--", "<!--\n", "x <!--\n", "```\n", "# a\n", "<!---->"])
def test_it_takes_time_in_proportion_to_the_length(piece: str) -> None:
    assert_linear(lambda text: embedded(text, 2), repeated(piece), 100_000)
