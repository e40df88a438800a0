"""Which passages of which documents answer a question, and what is still worth reading. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.llm.offline.evidence import judged, total
from slackbot.llm.offline.outdated import is_outdated, replacement
from slackbot.llm.offline.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slackbot.llm.offline.documents import Document
    from slackbot.llm.offline.evidence import Evidence, Judged, Weights
    from slackbot.llm.offline.passages import Passage
    from slackbot.llm.offline.question import Question

MAX_DOCUMENTS = 3
AS_GOOD, AS_GOOD_IF_LINKED = 0.75, 0.5
"""Beside the best document, others are quoted that are at least this good, as a part of it; less is
enough for one that names it, or is named by it."""
ADDS_IF_LINKED = 0.5
"""Others are quoted if what they add would suffice for an answer, or this part of it if linked."""
RELEVANT = 0.5
"""A document is about what a question refers to if it has more than this part of its words."""

_REFERENCE = re.compile(r"\b[A-Z][A-Z0-9]{1,19}-\d{1,9}\b|(?<![\w.-])[\w.-]{1,100}#\d{1,9}")
"""How a ticket, an issue or a pull request is called: PAY-331, payments-api#241."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Documents in the order in which to read them, and whether the first may have an answer."""

    documents: tuple[Document, ...]
    is_good: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that answer a question, the best first.

    `outdated` is a document of theirs that says so of itself, with none known to replace it.
    """

    passages: tuple[Passage, ...]
    weights: Weights
    outdated: Document | None = None

    def telling(self, text: str) -> float:
        """Return how much a part of a passage tells of what is asked."""
        return total(self.weights.evidence(vocabulary(text)))


def promise(question: Question, documents: Sequence[Document]) -> Promise:
    """Order documents by all that is known to be in them, whether it was seen or not."""
    found, weights = judged(question, documents)
    found.sort(key=lambda one: -total(one.promised))
    is_good = any(_suffices(one.promised, question, weights) for one in found[:1])
    return Promise(tuple(one.document for one in found), is_good)


def select(question: Question, documents: Sequence[Document]) -> Selection:
    """Choose the passages that answer a question.

    What was not read is not quoted, unless nothing could be read.
    """
    found, weights = judged(question, documents)
    found = [one for one in found if one.passages]
    readable = [one for one in found if one.document.is_whole] or found
    about = [one for one in readable if _is_about(one, question)]
    answers = [one for one in about if _answers(one, question, weights)]
    if not answers:
        return Selection((), weights)
    chosen = _chosen(_current(answers, found), _current(about, found), weights)
    outdated = next((one.document for one in chosen if is_outdated(one.document)), None)
    return Selection(tuple(_quoted(chosen)), weights, outdated)


def _answers(one: Judged, question: Question, weights: Weights) -> bool:
    """Whether a passage of a document answers a question, with what stands around it.

    Where the title has to do with the question, all of the document may make up the answer.
    """
    around = {word: (one.best.get(word, 0.0) + weight) / 2 for word, weight in one.anywhere.items()}
    return (
        _suffices(one.best, question, weights)
        or _weighs_enough(around, question, weights)
        or (bool(one.title) and _is_all_of(one.anywhere, question))
    )


def _suffices(evidence: Evidence, question: Question, weights: Weights) -> bool:
    """Whether it is all that is asked, or so much of it that it is no coincidence."""
    return _is_all_of(evidence, question) or _weighs_enough(evidence, question, weights)


def _is_all_of(evidence: Evidence, question: Question) -> bool:
    return all(word in evidence for word in question.asked)


def _weighs_enough(evidence: Evidence, question: Question, weights: Weights) -> bool:
    """Whether it is more than one word can be, the rarest: one that stands nowhere else.

    A single word may stand anywhere, however rare it is.
    """
    return sum(evidence.get(word, 0.0) for word in question.asked) > weights.missing


def _is_about(one: Judged, question: Question) -> bool:
    """Whether a document has to do with what a question refers to."""
    if not question.refers:
        return True
    shared = sum(word in one.anywhere for word in question.context)
    return shared > RELEVANT * len(question.context)


def _current(judgements: Sequence[Judged], known: Sequence[Judged]) -> list[Judged]:
    """Put what replaces a document in its place."""
    by_document = {one.document: one for one in known}
    current: dict[str, Judged] = {}
    for one in judgements:
        newer = replacement(one.document, tuple(by_document))
        latest = one if newer is None else by_document[newer]
        current.setdefault(latest.document.url, latest)
    return list(current.values())


def _chosen(answers: Sequence[Judged], others: Sequence[Judged], weights: Weights) -> list[Judged]:
    """Return the best document, and those that are as good or have what is missing in it."""
    chosen = list(answers[:1])
    while chosen and len(chosen) < MAX_DOCUMENTS:
        covered = frozenset().union(*(one.best for one in chosen))
        further: list[tuple[float, Judged]] = []
        for one in others:
            gain, linked = _gain(one.best, covered), _linked(one, chosen)
            is_as_good = one.score >= chosen[0].score * (AS_GOOD_IF_LINKED if linked else AS_GOOD)
            adds = gain > weights.missing * (ADDS_IF_LINKED if linked else 1)
            if one not in chosen and (adds or (one in answers and is_as_good)):
                further.append((one.score + gain, one))
        if not further:
            break
        chosen.append(max(further, key=lambda scored: scored[0])[1])
    return chosen


def _gain(evidence: Evidence, covered: frozenset[str]) -> float:
    return sum(weight for word, weight in evidence.items() if word not in covered)


def _linked(one: Judged, chosen: Sequence[Judged]) -> bool:
    """Whether a document names one that is chosen, or is named by it."""
    return any(
        _names(one.document, other.document) or _names(other.document, one.document)
        for other in chosen
    )


def _names(document: Document, other: Document) -> bool:
    name = _REFERENCE.match(other.title)
    return name is not None and name[0] in _REFERENCE.findall(document.content)


def _quoted(chosen: Sequence[Judged]) -> Iterator[Passage]:
    """Return the best passage of each document, then others of them that have more, or as much."""
    covered: set[str] = set()
    rest: list[tuple[Passage, Evidence, float]] = []
    for one in chosen:
        best, *others = sorted(one.passages, key=lambda passage: -total(one.passages[passage]))
        covered |= one.passages[best].keys()
        enough = AS_GOOD * total(one.passages[best])
        rest += [(passage, one.passages[passage], enough) for passage in others]
        yield best
    for passage, evidence, enough in rest:
        if _gain(evidence, frozenset(covered)) > 0 or total(evidence) >= enough > 0:
            covered |= evidence.keys()
            yield passage
