"""What people of the sample company ask, in their own words, and what the answers rest on.

The questions in `questions.toml` were written before the ranking, and are not changed for it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.company import company

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTIONS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("questions.toml").read_text("utf-8")
)
ANSWERED_AT_LEAST = 24
CANARY = "canary-heron-4471"


def texts(kind: str) -> list[str]:
    return [question["text"] for question in QUESTIONS[kind]]


async def test_most_questions_are_answered_from_the_right_document(
    record_property: Callable[[str, object], None],
) -> None:
    async with company() as parcelwick:
        answers = await parcelwick.ask_all(texts("question"))
        pairs = list(zip(QUESTIONS["question"], answers, strict=True))
        missed = [
            question["text"]
            for question, answer in pairs
            if not parcelwick.rests_on(answer, question["documents"])
        ]
    right = len(pairs) - len(missed)
    record_property("questions answered from the right document", f"{right} of {len(pairs)}")
    for text in missed:
        record_property("missed", text)
    assert len(pairs) == 30
    assert right >= ANSWERED_AT_LEAST
    assert {answer.mark for answer in answers} == {"white_check_mark"}


async def test_what_stands_nowhere_is_not_answered() -> None:
    async with company() as parcelwick:
        answers = await parcelwick.ask_all(texts("unanswerable"))
    assert len(answers) >= 5
    for question, answer in zip(texts("unanswerable"), answers, strict=True):
        assert answer.sources == (), question
        assert "I found nothing" in answer.text, question
        assert CANARY not in answer.text


async def test_a_question_that_needs_two_sources_is_answered_with_both() -> None:
    async with company() as parcelwick:
        answers = await parcelwick.ask_all(texts("together"))
        for question, answer in zip(QUESTIONS["together"], answers, strict=True):
            for document in question["documents"]:
                assert parcelwick.rests_on(answer, [document]), (question, answer)


async def test_an_outdated_page_is_never_quoted_without_the_newer_one() -> None:
    asked = [*QUESTIONS["outdated"], *QUESTIONS["question"]]
    newer = {old: q["documents"] for q in QUESTIONS["outdated"] for old in q["outdated"]}
    async with company() as parcelwick:
        answers = await parcelwick.ask_all([question["text"] for question in asked])
        for question, answer in zip(asked, answers, strict=True):
            for old, new in newer.items():
                if parcelwick.rests_on(answer, [old]):
                    assert parcelwick.rests_on(answer, new), (question, answer)
        for question, answer in zip(QUESTIONS["outdated"], answers, strict=False):
            assert parcelwick.rests_on(answer, question["documents"]), (question, answer)
