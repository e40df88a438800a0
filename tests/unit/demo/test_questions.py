"""The questions by which the answers are measured are fair, and no copies of the documents.

Words are compared by a stemmer of this file's own, so that what the ranking does to words has no
part in judging the questions that judge it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from kit.documents import all_documents

QUESTIONS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parents[2] / "integration" / "questions.toml").read_text("utf-8")
)
DOCUMENTS = {document.name: document for document in all_documents()}
PAIRS = [
    pytest.param(entry["text"], name, id=f"{name}: {entry['text'][:40]}")
    for kind in ("question", "together", "outdated")
    for entry in QUESTIONS[kind]
    for name in [*entry["documents"], *entry.get("outdated", ())]
]
MOST_SHARED_WITH_A_TITLE: Final = 2
LEAST_SHARED_WITH_A_TEXT: Final = 2

STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a about after all although am an and another any are as at be because been
        before but by can could did do does doesn don down each for from get give goes
        got had has have he her him his how i if in instead into is it its itself let ll
        many may me more most much must my no nobody not of off on one or other our out
        over own s should so some somebody something such t than that the their them
        then there they this those to too two up us was we were what when where whether
        which while who whom whose why will with without would you your
        """,
    )
)
ENDINGS: Final = re.compile(r"(?<=\w{3})(?:ings?|ers?|edly|ed|ies|ely|ly|es|s|y|e|ions?|ments?)$")


def content_words(text: str) -> set[str]:
    """Return the stems of the words that count; coarse on purpose, so that more words are alike."""
    words = re.findall(r"[a-z]+|\d+", text.lower().replace("'s", ""))
    return {stem(word) for word in words if word not in STOP_WORDS and len(word) > 1}


def stem(word: str) -> str:
    return re.sub(r"([a-z])\1$", r"\1", ENDINGS.sub("", word))


@pytest.mark.parametrize(
    "forms",
    [
        ("charge", "charges", "charged", "charging"),
        ("map", "maps", "mapped", "mapping"),
        ("refund", "refunds", "refunded"),
        ("key", "keys"),
        ("reach", "reaches"),
        ("policy", "policies"),
        ("approve", "approved"),
    ],
)
def test_forms_of_a_word_are_alike(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_there_are_as_many_questions_as_were_promised() -> None:
    assert len(QUESTIONS["question"]) == 30
    assert len(QUESTIONS["unanswerable"]) == 8
    assert len(QUESTIONS["together"]) == len(QUESTIONS["outdated"]) == 2
    texts = [entry["text"] for entries in QUESTIONS.values() for entry in entries]
    assert len(set(texts)) == len(texts)


def test_the_questions_are_spread_over_the_sources() -> None:
    first = (entry["documents"][0] for entry in QUESTIONS["question"])
    counts = Counter(DOCUMENTS[name].source for name in first)
    assert counts == {"confluence": 11, "jira": 7, "github": 6, "slack": 6}


@pytest.mark.parametrize(("question", "name"), PAIRS)
def test_a_question_is_answered_by_an_open_document(question: str, name: str) -> None:
    assert question.endswith("?")
    assert not DOCUMENTS[name].closed


@pytest.mark.parametrize(("question", "name"), PAIRS)
def test_a_question_has_few_words_of_the_title(question: str, name: str) -> None:
    shared = content_words(question) & content_words(DOCUMENTS[name].title)
    assert len(shared) <= MOST_SHARED_WITH_A_TITLE, shared


@pytest.mark.parametrize(("question", "name"), PAIRS)
def test_a_question_has_some_words_of_the_text(question: str, name: str) -> None:
    """Otherwise nobody could find the answer who does not know it."""
    shared = content_words(question) & content_words(DOCUMENTS[name].text)
    assert len(shared) >= LEAST_SHARED_WITH_A_TEXT, shared


def test_what_needs_two_documents_needs_two_sources() -> None:
    for entry in QUESTIONS["together"]:
        assert len({DOCUMENTS[name].source for name in entry["documents"]}) == 2


def test_what_is_unanswerable_names_no_document() -> None:
    assert all(entry.keys() == {"text"} for entry in QUESTIONS["unanswerable"])
