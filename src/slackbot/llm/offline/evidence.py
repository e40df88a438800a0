"""How much documents and their passages tell of what a question asks. Pure.

A keyword weighs as much as it is rare: the logarithm of how seldom it occurs (inverse document
frequency, as in BM25). The keywords that a text has are its evidence. A document is judged by its
best passage, read under its title and headings, and by what stands elsewhere in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.llm.offline.keywords import keywords_of
from slackbot.llm.offline.passages import passages_of
from slackbot.llm.offline.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from slackbot.llm.offline.documents import Document
    from slackbot.llm.offline.keywords import Keyword
    from slackbot.llm.offline.passages import Passage
    from slackbot.llm.offline.question import Question

UNSEEN = 100
"""How many documents there are, at the least, besides those that were found.

A search returns what has the words, so that every word looks frequent among its results. With
these, which have none of them, a word in three results of ten is still a rare one.
"""
SIMILAR = 0.7
"""What a synonym weighs beside the word itself: it may mean something else."""
CONTEXT = 0.5
"""What a word of the thread before weighs beside one of the question."""

Evidence = Mapping[str, float]
"""The words of a question that a text has, with what each weighs there."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the keywords of a question weigh, each itself and by a synonym."""

    keywords: Mapping[Keyword, tuple[float, float]]
    missing: float
    """What a word weighs that stands nowhere: the most that any can."""

    def evidence(self, vocabulary: Set[str], known: Set[str] = frozenset()) -> Evidence:
        """Weigh what a text has of the keywords; it is `known` to have some, wherever."""
        found: dict[str, float] = {}
        for keyword, (itself, similar) in self.keywords.items():
            if keyword.word in known or keyword.is_in(vocabulary):
                found[keyword.word] = itself
            elif keyword.is_meant_in(vocabulary):
                found[keyword.word] = similar
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """A document with the evidence in its title, in each passage, and anywhere in it.

    `promised` is also what was not seen, but is to be expected by the searches that found it.
    """

    document: Document
    title: Evidence
    passages: Mapping[Passage, Evidence]
    anywhere: Evidence
    promised: Evidence

    @property
    def best(self) -> Evidence:
        """The evidence of the best passage together with that of the title."""
        best: Evidence = max(self.passages.values(), key=lambda found: total(found), default={})
        words = dict.fromkeys((*self.title, *best))
        return {word: max(self.title.get(word, 0.0), best.get(word, 0.0)) for word in words}

    @property
    def score(self) -> float:
        """What stands together counts in full, what is scattered over the document half."""
        return (total(self.best) + total(self.anywhere)) / 2


def total(evidence: Evidence) -> float:
    """Return what a text's evidence weighs in all."""
    return sum(evidence.values())


def judged(question: Question, documents: Sequence[Document]) -> tuple[list[Judged], Weights]:
    """Judge documents by a question, the best first, and tell what its words weigh among them."""
    cut = {document: _Words.of(document) for document in documents}
    weights = _weights(question, {document: words.all for document, words in cut.items()})
    found = [
        Judged(
            document,
            weights.evidence(words.title),
            {passage: weights.evidence(found) for passage, found in words.passages.items()},
            weights.evidence(words.all),
            weights.evidence(words.all, document.found_by),
        )
        for document, words in cut.items()
    ]
    return sorted(found, key=lambda one: -one.score), weights


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a document: of its title and day, and of its passages under their headings."""

    title: frozenset[str]
    passages: Mapping[Passage, frozenset[str]]
    all: frozenset[str]

    @classmethod
    def of(cls, document: Document) -> _Words:
        day = f"{document.updated_at:%Y-%m-%d}" if document.updated_at else ""
        title = vocabulary(f"{document.title} {day}")
        passages = {
            passage: vocabulary(" ".join((*passage.headings, passage.text)))
            for passage in passages_of(document)
        }
        return cls(title, passages, title.union(*passages.values()))


def _weights(question: Question, vocabularies: Mapping[Document, frozenset[str]]) -> Weights:
    behind = len(vocabularies) + UNSEEN
    own = frozenset(question.asked)
    weights: dict[Keyword, tuple[float, float]] = {}
    for keyword in keywords_of(question.words):
        itself = [
            keyword.word in document.found_by or keyword.is_in(words)
            for document, words in vocabularies.items()
        ]
        similar = [keyword.is_meant_in(words) for words in vocabularies.values()]
        either = sum(map(max, itself, similar))
        part = 1.0 if keyword.word in own else CONTEXT
        weights[keyword] = (
            part * _rarity(sum(itself), behind),
            part * SIMILAR * _rarity(either, behind),
        )
    return Weights(weights, _rarity(0, behind))


def _rarity(containing: int, documents: int) -> float:
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))
