"""Which words of a text carry its meaning, and when two words are the same. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

MAX_WORDS = 8

_STOP_WORDS = frozenset(
    """
    a about actually after again all also am an and any anybody anyone anything are as at be because
    been before but by can cannot could did do does doesn doing don for from get gets getting give
    given go going got had has have having hello help here hey hi him his how i if in into is isn it
    its just know let like ll looking m many may me might much must my need needs new no not now of
    ok okay on once one or our out over people please pls re s say should show so some somebody
    someone something t tell than thank thanks that the their them then there these they thing
    things this those to too up us use using ve via want was we well were what when where which
    while who whom whose why will with wonder would yes you your d
    aber als am auf aus bei bitte das dass dem den der des die du ein eine einen einer er es für
    hallo haben ich ihr im in ist kann können man mein mit nach nicht oder sich sie sind und uns
    unser von wann war warum was wenn wer wie wir wird wo zu zum zur
    au aux avec ce ces comment dans de des du elle en est et il je la le les leur mais merci mon ne
    nos notre nous où ou par pas pour quand que quel quelle qui quoi sa se ses son sont sur un une
    vos votre vous
    al como con cuando cuál del donde dónde el ella ellos es está esta este hay hola las lo los más
    mi nuestro para pero por porque qué quién se ser si sin son su sus te tu una uno unos y
    """.split()  # noqa: SIM905 - a list of five hundred quoted words is no page to read
)
_SYNONYMS = (
    ("vacation", "holiday", "pto"),
    ("incident", "outage"),
    ("deployment", "release"),
    ("rollback", "revert"),
    ("laptop", "computer"),
    ("reimburse", "expense"),
    ("runbook", "playbook"),
    ("salary", "wage"),
)

_LEAST_STEM = 3
# Endings, the longest first, and how much of a word must be left of each.
_ENDINGS = (
    ("ations", 4), ("ments", 4), ("ation", 4), ("ating", 4), ("ment", 4), ("ings", 4), ("ated", 4),
    ("ates", 4), ("als", 4), ("ate", 4), ("ers", 4), ("ies", 3), ("ing", 4), ("ion", 4), ("al", 4),
    ("ed", 4), ("er", 4), ("es", 4), ("e", 4), ("s", 3),
)  # fmt: skip

# Two words that mean something only together come first: one of them is a stop word.
_WORD = re.compile(
    r"\b(?:on[ -]call|(?:log|sign)[ -](?:in|on|off|up|out)|(?:set|back)[ -]up|time[ -]off)\b"
    r"|[^\W_]+(?:[-_'’.][^\W_]+)*",
    re.IGNORECASE,
)
_PART = re.compile(r"[^\W_]+")


def tokens(text: str) -> tuple[str, ...]:
    """Return all words of a text as they are written."""
    return tuple(_WORD.findall(text))


def content_words(text: str) -> tuple[str, ...]:
    """Return the words that carry the meaning: in order, each once, the longest of too many."""
    distinct: dict[str, str] = {}
    for word in tokens(text):
        if re.split(r"['’]", word.lower())[0] not in _STOP_WORDS:
            distinct.setdefault(word.lower(), word)
    kept = sorted(distinct.values(), key=len, reverse=True)[:MAX_WORDS]
    return tuple(word for word in distinct.values() if word in kept)


def vocabulary(text: str) -> frozenset[str]:
    """Return the stems of all words of a text, and of all neighbours written as one."""
    parts = _parts(text)
    return frozenset(map(_stem, (*parts, *(one + two for one, two in pairwise(parts)))))


def shared(words: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """Return the words that occur in a vocabulary, spelt as one or as two ("rollback")."""
    found = {word for word in words if _occurs(word, known)}
    for one, two in pairwise(words):
        if _stem("".join((*_parts(one), *_parts(two)))) in known:
            found |= {one, two}
    return frozenset(found)


def synonyms(words: Iterable[str]) -> Iterator[str]:
    """Return other words for the same, and the same words in their simplest form."""
    stems = {_stem(word.lower()) for word in words}
    for group in _SYNONYMS:
        if any(_stem(other) in stems for other in group):
            yield from group


def _occurs(word: str, known: Collection[str]) -> bool:
    """Whether a word, a synonym, or all of a compound's parts, side by side, are in a text."""
    parts = _parts(word)
    joined = "".join(parts)
    stems = {_stem(joined), *map(_stem, synonyms([joined]))}
    pairs = [_stem(one + two) for one, two in pairwise(parts)]
    return not stems.isdisjoint(known) or (bool(pairs) and all(pair in known for pair in pairs))


def _parts(text: str) -> list[str]:
    return _PART.findall(text.lower())


def _stem(word: str) -> str:
    """Strip common English endings, so that "approves" meets "approval"."""
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word.removesuffix(ending) + ("y" if ending == "ies" else "")
            break
    if word.endswith("e") and len(word) > _LEAST_STEM + 1:
        word = word[:-1]
    return word[:-1] if len(word) > _LEAST_STEM and word[-1] == word[-2] else word
