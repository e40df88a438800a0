"""What people of the sample company ask, in their own words, and what the answers rest on.

The questions in `questions.toml` were written before the ranking, and are not changed for it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from kit.company import PATIENCE, Answer, Company, company
from kit.untraced import untraced
from slackbot.plug_ins import models

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

pytestmark = pytest.mark.asyncio(loop_scope="module")

Question = dict[str, Any]
QUESTIONS: dict[str, list[Question]] = tomllib.loads(
    Path(__file__).with_name("questions.toml").read_text("utf-8")
)
ANSWERED_AT_LEAST = 24
CANARY = "canary-heron-4471"


@dataclass(frozen=True, slots=True)
class Interview:
    """All questions with their answers, by kind."""

    company: Company
    asked: Mapping[str, Sequence[tuple[Question, Answer]]]

    def right(self, question: Question, answer: Answer) -> bool:
        """Whether an answer rests on one of the documents that the question names."""
        return self.company.rests_on(answer, question["documents"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def interview() -> AsyncIterator[Interview]:
    """Ask everything, one kind after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "OFFLINE_PACE", 0)
        async with company(**PATIENCE) as parcelwick:
            asked = {}
            with untraced():
                for kind, questions in QUESTIONS.items():
                    answers = await parcelwick.ask_all([question["text"] for question in questions])
                    asked[kind] = list(zip(questions, answers, strict=True))
            yield Interview(parcelwick, asked)


async def test_most_questions_are_answered_from_the_right_document(
    interview: Interview, record_property: Callable[[str, object], None]
) -> None:
    pairs = interview.asked["question"]
    missed = [
        question["text"] for question, answer in pairs if not interview.right(question, answer)
    ]
    right = len(pairs) - len(missed)
    record_property("questions answered from the right document", f"{right} of {len(pairs)}")
    for text in missed:
        record_property("missed", text)
    assert len(pairs) == 30
    assert right >= ANSWERED_AT_LEAST
    assert {answer.mark for _, answer in pairs} == {"white_check_mark"}


async def test_what_stands_nowhere_is_not_answered(interview: Interview) -> None:
    assert len(interview.asked["unanswerable"]) >= 5
    for question, answer in interview.asked["unanswerable"]:
        assert answer.sources == (), question
        assert "I found nothing" in answer.text, question


async def test_a_question_that_needs_two_sources_is_answered_with_both(
    interview: Interview,
) -> None:
    for question, answer in interview.asked["together"]:
        for document in question["documents"]:
            assert interview.company.rests_on(answer, [document]), (question, answer)


async def test_an_outdated_page_is_never_quoted_without_the_newer_one(
    interview: Interview,
) -> None:
    replaced = {old: q["documents"] for q in QUESTIONS["outdated"] for old in q["outdated"]}
    for question, answer in interview.asked["outdated"]:
        assert interview.right(question, answer), (question, answer)
    for pairs in interview.asked.values():
        for question, answer in pairs:
            for old, new in replaced.items():
                if interview.company.rests_on(answer, [old]):
                    assert interview.company.rests_on(answer, new), (question, answer)


async def test_nothing_that_is_closed_shows(interview: Interview) -> None:
    said = [answer for pairs in interview.asked.values() for _, answer in pairs]
    assert CANARY not in repr(said)
