"""Which words of a question count, and in which forms and other words they are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.llm.offline.keywords import keywords_of
from slackbot.llm.offline.thesaurus import name_of, synonyms
from slackbot.llm.offline.words import MAX_WORD, MAX_WORDS, content_words, stem, vocabulary


@pytest.mark.parametrize(
    "forms",
    [
        ("approve", "approves", "approved", "approval"),
        ("wake", "wakes", "waking", "woke", "woken"),
        ("freeze", "froze", "frozen", "freezing"),
        ("deploy", "deploys", "deployed", "deployment"),
        ("week", "weeks", "weekly"),
        ("child", "children"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("rollback", "Roll back."),
        ("roll back", "we rolled back"),
        ("roll back", "a rollback"),
        ("roll back", "revert it"),
        ("hand over", "the hand-over"),
        ("log in", "a new login"),
        ("2026.37.2", "the release 2026.37.2 of Monday"),
        ("11 November", "on 2026-11-11 at noon"),
        ("toggle", "a feature flag"),
        ("refund", "her money back"),
        ("Ana's", "ana"),
    ],
)
def test_all_words_are_found_in_other_spellings_and_other_words(asked: str, written: str) -> None:
    known = vocabulary(written)
    assert all(
        keyword.is_in(known) or keyword.is_meant_in(known)
        for keyword in keywords_of(content_words(asked))
    )


@pytest.mark.parametrize(
    ("asked", "written"), [("roll", "back"), ("2026.37.2", "2026.38.2"), ("staging", "a test")]
)
def test_what_is_something_else_is_not_found(asked: str, written: str) -> None:
    known = vocabulary(written)
    (keyword,) = keywords_of(content_words(asked))
    assert not keyword.is_in(known)
    assert not keyword.is_meant_in(known)


def test_a_synonym_is_told_from_the_word_itself() -> None:
    (keyword,) = keywords_of(("vacation",))
    known = vocabulary("Your holidays")
    assert keyword.is_meant_in(known)
    assert not keyword.is_in(known)


def test_synonyms_are_words_as_people_write_them() -> None:
    assert "playbook" in synonyms(name_of("runbooks"))
    assert "sign-off" in synonyms(name_of("approval"))


def test_words_without_meaning_do_not_count() -> None:
    assert content_words("How do we roll it back, please, and what does the company say?") == (
        "roll",
        "back",
    )


def test_words_that_nobody_says_do_not_count() -> None:
    assert content_words(f"the key {'x' * (MAX_WORD + 1)}") == ("key",)


@given(st.text(max_size=300))
def test_any_text_has_a_bounded_number_of_words_each_once(text: str) -> None:
    words = content_words(text)
    assert len(words) <= MAX_WORDS
    assert len({word.lower() for word in words}) == len(words)
    keywords_of(words)


@given(st.text(max_size=300))
def test_a_text_has_the_words_that_it_consists_of(text: str) -> None:
    known = vocabulary(text)
    assert all(keyword.is_in(known) for keyword in keywords_of(content_words(text)))
