"""Which words of a text carry its meaning, and when two words are forms of one. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from slackbot import ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WORDS = 16
MAX_WORD = 64  # characters

_STOP_WORDS = frozenset(
    """
    a about actually after again all already also although am an and another any anybody anyone
    anything are as at away be because been before both bring brings but by can cannot come comes
    coming could did do does doesn doing don during each either else enough even ever every few
    first for from get gets getting give given go goes going gone got had has have having hello
    help here hey hi him his how i if in instead into is isn it its just keep keeps kept know least
    less let like ll long looking lot m make makes many may me might more most much must my need
    needs neither never new no not now of ok okay on once one only or other our out over people per
    please pls put puts quite rather re s say should show since so some somebody someone something
    still such t take takes tell than thank thanks that the their them then there these they thing
    things this those to too up until us use using ve very via want was way we well were what when
    where whether which while who whom whose why will with within wonder would yes yet you your d
    aber als am auf aus bei bitte das dass dem den der des die du ein eine einen einer er es für
    hallo haben ich ihr im in ist kann können man mein mit nach nicht oder sich sie sind und uns
    unser von wann war warum was wenn wer wie wir wird wo zu zum zur
    au aux avec ce ces comment dans de des du elle en est et il je la le les leur mais merci mon ne
    nos notre nous où ou par pas pour quand que quel quelle qui quoi sa se ses son sont sur un une
    vos votre vous
    al como con cuando cuál del donde dónde el ella ellos es está esta este hay hola las lo los más
    mi nuestro para pero por porque qué quién se ser si sin son su sus te tu una uno unos y
    company firm organisation organization
    """.split()  # noqa: SIM905 - a list of five hundred quoted words is no page to read
)
"""The last line: in what a company wrote, "the company" says no more than "we"."""

_IRREGULAR = {
    form: base
    for base, *forms in (
        verb.split()
        for verb in """
            begin began begun; bring brought; build built; buy bought; break broke broken;
            choose chose chosen; come came; drive drove driven; fall fell fallen; find found;
            freeze froze frozen; grow grew grown; hold held; hide hid hidden; lose lost; make made;
            meet met; pay paid; redo redid redone; ring rang rung; run ran; see saw seen; sell sold;
            send sent; sleep slept; speak spoke spoken; spend spent; stand stood;
            steal stole stolen; take took taken; teach taught; think thought; throw threw thrown;
            undo undid undone; wake woke woken; wear wore worn; win won; write wrote written;
            child children
        """.split(";")  # noqa: SIM905 - as above
    )
    for form in forms
}
# Endings that make another part of speech, and how much of a word must be left of each.
_ENDINGS = (("ation", 4), ("ment", 4), ("ion", 4), ("al", 4), ("ly", 4))
_LEAST_STEM = 3

# Two words that mean something only together come first: one of them is a stop word.
_WORD = re.compile(
    r"\b(?:on[ -]call|(?:log|sign)[ -](?:in|on|off|up|out)|(?:set|back)[ -]up|time[ -]off"
    r"|(?:fail|hand|take)[ -]over)\b"
    r"|[^\W_]+(?:[-_'’.][^\W_]+)*",
    re.IGNORECASE,
)
_PART = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’].*")
_DATE = re.compile(r"\b\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])\b")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def tokens(text: str) -> tuple[str, ...]:
    """Return all words of a text as they are written."""
    return tuple(_WORD.findall(text))


def content_words(text: str) -> tuple[str, ...]:
    """Return the words that carry the meaning: in order, each once, the longest of too many."""
    distinct: dict[str, str] = {}
    for word in tokens(text):
        plain = _POSSESSIVE.sub("", word)
        if len(plain) <= MAX_WORD and plain.lower() not in _STOP_WORDS:
            distinct.setdefault(plain.lower(), plain)
    kept = frozenset(sorted(distinct.values(), key=len, reverse=True)[:MAX_WORDS])
    return tuple(word for word in distinct.values() if word in kept)


def vocabulary(text: str) -> frozenset[str]:
    """Return the stems of all words of a text, and of all neighbours written as one.

    A date such as 2026-11-05 is read as people say it, too: 5 November.
    """
    parts = parts_of(_DATE.sub(_said, text))
    compounds = (stem(_base(one) + two) for one, two in pairwise(parts))
    return frozenset((*map(stem, parts), *compounds))


def parts_of(text: str) -> list[str]:
    """Return the words of a text in lower case, compounds taken apart."""
    return _PART.findall(text.lower())


def joined(parts: Sequence[str]) -> str:
    """Return the stem of words that are written as one: "rolled back" and "rollback" are alike."""
    *first, last = parts
    return stem("".join((*map(_base, first), last)))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Strip endings, so that "approves" meets "approval", and "woken" meets "wake"."""
    word = _base(word)
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word.removesuffix(ending)
            break
    if word.endswith("e") and len(word) > _LEAST_STEM:
        word = word[:-1]
    return word[:-1] if len(word) > _LEAST_STEM and word[-1] == word[-2] else word


@lru_cache(maxsize=8192)
def _base(word: str) -> str:
    """Strip the endings of the word's own inflection only, as in "rolled"."""
    return ranking.stem(_IRREGULAR.get(word, word))


def _said(date: re.Match[str]) -> str:
    return f"{date[0]} {int(date[2])} {_MONTHS[int(date[1]) - 1]}"
