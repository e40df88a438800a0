"""The pieces that Markdown is written with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.knowledge.text.markdown import (
    code_span,
    fenced,
    link,
    list_item,
    one_line,
    quoted,
    table,
    wrapped,
)

PARSER = MarkdownIt().enable("table")
CODE = st.text(alphabet="ab `~\\*[]<>\n", min_size=1).filter(lambda code: bool(code.strip()))


@given(CODE)
def test_a_fence_ends_where_it_should(code: str) -> None:
    (block,) = PARSER.parse(fenced(code, "py thon"))
    assert (block.type, block.info, block.content) == ("fence", "python", f"{code}\n")


@given(CODE.filter(lambda code: "\n" not in code))
def test_a_code_span_ends_where_it_should(code: str) -> None:
    paragraph = PARSER.parseInline(code_span(code.strip()))[0].children
    assert paragraph is not None
    assert [(one.type, one.content) for one in paragraph] == [("code_inline", code.strip())]


@pytest.mark.parametrize(
    ("text", "expected"), [("a", "**a**"), (" a b ", " **a b** "), (" ", " "), ("", "")]
)
def test_marks_stand_close_to_the_words(text: str, expected: str) -> None:
    assert wrapped(text, "**", "**") == expected


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        ("x", "https://a.example", "[x](https://a.example)"),
        ("x", "http://a.example/(1)", "[x](http://a.example/%281%29)"),
        ("", "https://a.example", "<https://a.example>"),
        ("x", "https://a.example/a b", "x"),
        ("x", "file:///etc/passwd", "x"),
        ("x", "", "x"),
    ],
)
def test_only_web_pages_are_linked_to(text: str, address: str, expected: str) -> None:
    assert link(text, address) == expected


def test_a_list_item_holds_its_blocks_together() -> None:
    assert list_item("- ", ["a", "- b", "c\n\nd"]) == "- a\n  - b\n\n  c\n\n  d"
    assert list_item("12. ", ["a", "b"]) == "12. a\n\n    b"
    assert list_item("- ", ["a"], "[x] ") == "- [x] a"


def test_every_line_of_a_quotation_is_quoted() -> None:
    assert quoted("a\n\nb") == "> a\n>\n> b"
    assert quoted("") == ""


@given(st.lists(st.lists(st.text(alphabet="ab|\\\n"), min_size=1, max_size=4), min_size=1))
def test_a_table_has_as_many_columns_everywhere(rows: list[list[str]]) -> None:
    header, rule, *_ = table(rows).split("\n")
    width = max(map(len, rows))
    assert rule == f"|{' --- |' * width}"
    assert len(header.replace("\\|", "").split("|")) == width + 2
    assert len(table(rows).split("\n")) == len(rows) + 1


def test_one_line_has_words_only() -> None:
    assert one_line(" a\n\tb\u200b\u202ec ") == "a bc"


@pytest.mark.parametrize("language", ["p`y", "~~~", "x" * 33, "py\u202e", "<b>"])
def test_a_block_of_code_has_no_language_that_could_end_it(language: str) -> None:
    assert fenced("x", language) == "```\nx\n```"
