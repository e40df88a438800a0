"""Keywords and string literals for query languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.knowledge.text.keywords import clean_keywords, string_literal


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Roll  back\npayments", "roll back payments"),
        ("roll-back (payments)?", "roll back payments"),
        ("CI/CD", "ci cd"),
        ("a AND b OR NOT c", "a and b or not c"),
        ('"on call" pay', '"on call" pay'),
        ('12" pipe', "12 pipe"),
        ('""', ""),
        (" +-*? ", ""),
        ("\\", ""),
        ("a\x00b\u200bc", "abc"),
        ("прокат платежей", "прокат платежей"),
    ],
)
def test_only_words_and_phrases_are_left(text: str, clean: str) -> None:
    assert clean_keywords(text) == clean


@given(st.text())
def test_no_operator_is_left(text: str) -> None:
    clean = clean_keywords(text)
    assert not set(clean) & set("+-&|!(){}[]^~*?:/\\\n\t")
    assert clean.count('"') % 2 == 0


@given(st.text())
def test_a_literal_ends_where_it_should(text: str) -> None:
    literal = string_literal(text)
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', literal, re.DOTALL)
    assert re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL) == text
