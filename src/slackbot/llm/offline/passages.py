"""Documents cut into passages, and which of them answer a question. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from slackbot.llm.offline.words import shared, vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from slackbot.llm.offline.question import Question
    from slackbot.messages import ReadMore, ToolResult

RELEVANT = 0.5
"""A passage must share more than this part of the question's words, weighted by their rarity."""
GOOD_ENOUGH = 0.6
"""Passages that score less than this part of the best one are left out."""
FENCE = "```"
_TITLE, _HEADINGS, _TEXT, _CONTEXT = 1.0, 1.5, 1.0, 0.5

_HEADING = re.compile(r"(#{1,6})\s+(.+)")
_FENCE_LINE = re.compile(r"\s*`{3,}[^`]*")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Document:
    """One document that tools found, under the number that it may be cited as, if any."""

    url: str
    title: str
    content: str
    number: int | None
    read_more: ReadMore | None = field(compare=False)  # holds a dict, which cannot be hashed


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list, table or piece of code of a document, under its headings."""

    document: Document
    position: int
    headings: tuple[str, ...]
    text: str


def documents_in(results: Iterable[ToolResult]) -> tuple[Document, ...]:
    """Return each document once, with the most of its content that any tool returned."""
    documents: dict[str, Document] = {}
    for result in results:
        numbers = result.cited_as or (None,) * len(result.found)
        for found, number in zip(result.found, numbers, strict=True):
            new = Document(found.url, found.title, found.content, number, found.read_more)
            known = documents.setdefault(found.url, new)
            if len(new.content) > len(known.content):
                documents[found.url] = replace(known, content=new.content)
    return tuple(documents.values())


def passages_of(document: Document) -> Iterator[Passage]:
    """Cut a document up; what ends in a colon, and a list with gaps, stay in one piece."""
    headings: tuple[str, ...] = ()
    whole: list[tuple[tuple[str, ...], str]] = []
    for block in _blocks(document.content):
        if heading := _HEADING.fullmatch(block):
            headings = (*headings[: len(heading[1]) - 1], heading[2])
            continue
        if whole and whole[-1][0] == headings and _continues(whole[-1][1], block):
            whole[-1] = (headings, f"{whole[-1][1]}\n\n{block}")
        else:
            whole.append((headings, block))
    for position, (under, text) in enumerate(whole):
        yield Passage(document, position, under, text)


def _blocks(markdown: str) -> Iterator[str]:
    """Cut Markdown at blank lines and around headings, but never inside fenced code."""
    block: list[str] = []
    fenced = False
    for line in (*markdown.splitlines(), ""):
        heading = not fenced and _HEADING.fullmatch(line)
        if block and not fenced and (heading or not line.strip()):
            yield "\n".join(block)
            block = []
        if heading:
            yield line
        elif fenced or line.strip():
            block.append(line)
        fenced ^= is_fence(line)
    if block:  # a fence that nobody closed
        yield "\n".join(block)


def is_fence(line: str) -> bool:
    """Whether a line opens or closes fenced code."""
    return _FENCE_LINE.fullmatch(line) is not None


def _continues(before: str, block: str) -> bool:
    if before.rstrip().endswith(":"):
        return True
    return bool(_LIST_ITEM.match(before.splitlines()[-1]) and _LIST_ITEM.match(block))


def ranked(question: Question, documents: Sequence[Document]) -> list[Passage]:
    """Return the passages that answer the question, best first; those that do not are left out."""
    matches = [
        _Match.of(passage, question)
        for document in documents
        if _is_about(document, question)
        for passage in passages_of(document)
    ]
    occurs = Counter(word for match in matches for word in match.anywhere)
    weights = {word: 1 / (1 + occurs[word] / max(1, len(matches))) for word in question.words}
    answering = [
        (match.score(question, weights), match.passage)
        for match in matches
        if not question.own or _share(question.own, match.anywhere, weights) > RELEVANT
    ]
    answering.sort(key=lambda scored: scored[0], reverse=True)
    return [passage for score, passage in answering if score >= GOOD_ENOUGH * answering[0][0]]


@dataclass(frozen=True, slots=True)
class _Match:
    """Which words of a question a passage has, and where."""

    passage: Passage
    in_title: frozenset[str]
    in_headings: frozenset[str]
    in_text: frozenset[str]

    @classmethod
    def of(cls, passage: Passage, question: Question) -> _Match:
        places = (passage.document.title, " ".join(passage.headings), passage.text)
        return cls(passage, *(shared(question.words, vocabulary(place)) for place in places))

    @property
    def anywhere(self) -> frozenset[str]:
        return self.in_title | self.in_headings | self.in_text

    def score(self, question: Question, weights: Mapping[str, float]) -> float:
        places = ((_TITLE, self.in_title), (_HEADINGS, self.in_headings), (_TEXT, self.in_text))
        return sum(
            factor
            * (
                _share(question.own, words, weights)
                + _CONTEXT * _share(question.context, words, weights)
            )
            for factor, words in places
        )


def _share(asked: Sequence[str], found: Collection[str], weights: Mapping[str, float]) -> float:
    """Return how much of what is asked was found, from 0 to 1."""
    total = sum(weights[word] for word in asked)
    return sum(weights[word] for word in asked if word in found) / total if total else 0.0


def _is_about(document: Document, question: Question) -> bool:
    """Whether a document has to do with what a question refers to."""
    if not question.refers:
        return True
    found = shared(question.context, vocabulary(f"{document.title} {document.content}"))
    return len(found) > RELEVANT * len(question.context)


def shortened(text: str, question: Question, limit: int) -> str:
    """Cut a passage to `limit` characters: between lines, or from its most telling sentence on.

    Code may be left open by the cut.
    """
    if len(text) <= limit:
        return text
    by_line = "\n" in text
    ends = [mark.end() for mark in (_LINE_END if by_line else _SENTENCE_END).finditer(text)]
    spans = list(pairwise((0, *ends, len(text))))

    def telling(span: tuple[int, int]) -> int:
        return len(shared(question.words, vocabulary(text[slice(*span)])))

    start = 0 if by_line else max(spans, key=telling)[0]
    end = max((end for _, end in spans if start < end <= start + limit), default=0)
    if not end:  # not even one line or sentence fits
        end = text.rfind(" ", start + 1, start + limit) + 1 or start + limit
    cut = ("… " if start else "") + text[start:end].rstrip()
    return cut + ("" if end == len(text) else "\n…" if by_line else " …")
