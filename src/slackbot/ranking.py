"""Full-text search in the way of Lucene: English words by their stems, ranked by BM25. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Lucene's EnglishAnalyzer.ENGLISH_STOP_WORDS_SET
# fmt: off
_STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is",
    "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there",
    "these", "they", "this", "to", "was", "will", "with",
))
# fmt: on
_VOWEL = re.compile(r"[aeiouy]")

_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75  # Lucene's BM25Similarity defaults, k1 and b


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text: its stem, and where it stands."""

    stem: str
    start: int
    end: int


def terms(text: str) -> list[Term]:
    """Return the words of a text that count, in order."""
    return [
        Term(stem(word[0].lower()), word.start(), word.end())
        for word in _WORD.finditer(text)
        if word[0].lower() not in _STOP_WORDS
    ]


@lru_cache(maxsize=8192)  # words come again and again
def stem(word: str) -> str:
    """Return a light English stem: no possessive, plural, -ed, -ing or final e."""
    word = re.sub(r"['’]s?$", "", word)
    if len(word) > 4 and word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search text asks for: single stems, and phrases whose stems stand side by side."""

    stems: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=256)  # whoever searches asks it of each document
def parse_search_text(text: str) -> Wanted:
    """Take a search text apart into words and quoted phrases.

    Raises:
        ValueError: a quotation mark is left open, which Lucene does not parse either.
    """
    pieces = text.split('"')
    if len(pieces) % 2 == 0:
        raise ValueError("a quotation mark is left open")
    stems = tuple(term.stem for piece in pieces[::2] for term in terms(piece))
    phrases = tuple(tuple(term.stem for term in terms(piece)) for piece in pieces[1::2])
    return Wanted(stems, tuple(phrase for phrase in phrases if phrase))


class Index:
    """The stems of a set of documents, by their keys."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._stems = {key: [term.stem for term in terms(text)] for key, text in documents.items()}
        self._counts = {key: Counter(stems) for key, stems in self._stems.items()}
        self._frequency = Counter(stem for counts in self._counts.values() for stem in counts)
        total = sum(map(len, self._stems.values()))
        self._average_length = total / len(documents) if total else 1.0

    def has_all(self, key: str, wanted: Wanted) -> bool:
        """Whether a document has every word and every phrase; nothing wanted is nothing found."""
        counts = self._counts[key]
        return bool(wanted.stems or wanted.phrases) and (
            all(stem in counts for stem in wanted.stems) and self._has_phrases(key, wanted.phrases)
        )

    def has_any(self, key: str, wanted: Wanted) -> bool:
        """Whether a document has one of the words, and every phrase."""
        counts = self._counts[key]
        if not wanted.stems:
            return bool(wanted.phrases) and self._has_phrases(key, wanted.phrases)
        any_word = any(stem in counts for stem in wanted.stems)
        return any_word and self._has_phrases(key, wanted.phrases)

    def score(self, key: str, wanted: Wanted) -> float:
        """Return the BM25 score of a document (Robertson and Zaragoza, 2009)."""
        counts = self._counts[key]
        length = len(self._stems[key]) / self._average_length
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length)
        stems = {*wanted.stems, *(stem for phrase in wanted.phrases for stem in phrase)}
        return sum(
            self._rarity(stem) * counts[stem] / (counts[stem] + norm)
            for stem in stems
            if counts[stem]
        )

    def _rarity(self, stem: str) -> float:
        containing = self._frequency[stem]
        return math.log(1 + (len(self._counts) - containing + 0.5) / (containing + 0.5))

    def _has_phrases(self, key: str, phrases: Sequence[tuple[str, ...]]) -> bool:
        stems = self._stems[key]
        return all(
            any(
                tuple(stems[start : start + len(phrase)]) == phrase
                for start in range(len(stems) - len(phrase) + 1)
            )
            for phrase in phrases
        )
