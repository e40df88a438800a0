"""What a question's words look like in a text: other forms, other spellings, other words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from slackbot.llm.offline.thesaurus import name_of, synonyms
from slackbot.llm.offline.words import joined, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

Spelling = frozenset[str]
"""Stems that must all be in a vocabulary."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that is asked for, in all the spellings that count as the word or as a synonym."""

    word: str
    spellings: tuple[Spelling, ...]
    synonyms: tuple[Spelling, ...]

    def is_in(self, vocabulary: Set[str]) -> bool:
        """Whether a text has the word itself, in whatever form."""
        return any(spelling <= vocabulary for spelling in self.spellings)

    def is_meant_in(self, vocabulary: Set[str]) -> bool:
        """Whether a text has a synonym of the word."""
        return any(spelling <= vocabulary for spelling in self.synonyms)


def keywords_of(words: Sequence[str]) -> tuple[Keyword, ...]:
    """Return a keyword for each word. Neighbours may be written as one ("roll back")."""
    compounds: list[set[str]] = [set() for _ in words]
    for at, (one, two) in enumerate(pairwise(words)):
        compound = joined((*parts_of(one), *parts_of(two)))
        compounds[at].add(compound)
        compounds[at + 1].add(compound)
    return tuple(map(_keyword, words, compounds))


def _keyword(word: str, compounds: set[str]) -> Keyword:
    parts = parts_of(word)
    names = {name_of(word), *compounds}
    spellings = [frozenset({name}) for name in sorted(names)]
    if pairs := frozenset(map(joined, pairwise(parts))):
        spellings.append(pairs)
    others = {name_of(other) for name in names for other in synonyms(name)} - names
    return Keyword(word, tuple(spellings), tuple(frozenset({other}) for other in sorted(others)))
