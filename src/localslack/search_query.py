"""What somebody types into Slack's search: words, "phrases", -words, and modifiers. Pure.

Slack's help page "Search in Slack" and its documentation of assistant.search.context: `in:` and
`from:` take a name, or an id as `<#C…>` and `<@U…>`; `before:` and `after:` take a day and leave it
out; several of one kind mean any of them. Keywords are stemmed ("plan" matches "planning").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECE = re.compile(r'(?P<out>-)?(?:(?P<name>in|from|after|before):(?P<value>\S+)|'
                    r'"(?P<phrase>[^"]*)"|(?P<word>\S+))')  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e)$")


@dataclass(frozen=True, slots=True)
class Query:
    """What a search asks for. Words are stems; days are seconds since the epoch, in UTC.

    Whatever is wanted must come at or after `since`, and before `until`. A message must have all
    of `phrases` and none of `excluded`; `words` include those of the phrases.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: frozenset[str] = frozenset()
    channels: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: float = 0.0
    until: float = float("inf")


def parse(text: str) -> Query:
    """Read a query. A day that is none is left out, as are modifiers without a value."""
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    excluded: set[str] = set()
    modifiers: dict[str, list[str]] = {"in": [], "from": [], "after": [], "before": []}
    for piece in _PIECE.finditer(text):
        if piece["name"]:
            modifiers[piece["name"]].append(piece["value"].strip("<>").lstrip("#@"))
            continue
        found = stems(piece["phrase"] or piece["word"] or "")
        if piece["out"]:
            excluded.update(found)
            continue
        words += found
        if piece["phrase"]:
            phrases.append(found)
    return Query(
        words=tuple(dict.fromkeys(words)),
        phrases=tuple(phrases),
        excluded=frozenset(excluded),
        channels=tuple(modifiers["in"]),
        authors=tuple(modifiers["from"]),
        since=max((_day(day, later=1) or 0.0 for day in modifiers["after"]), default=0.0),
        until=min((_day(day) or float("inf") for day in modifiers["before"]), default=float("inf")),
    )


@lru_cache(maxsize=4096)  # each search looks at all messages anew
def stems(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without their endings."""
    return tuple(_stem(word.lower()) for word in _WORD.findall(text))


def has_phrase(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    """Whether the stems of a phrase stand side by side among those of a text."""
    starts = range(len(words) - len(phrase) + 1)
    return any(tuple(words[start : start + len(phrase)]) == phrase for start in starts)


def _stem(word: str) -> str:
    base = _ENDING.sub("", word)
    return base[:-1] if len(base) > 3 and base[-1] == base[-2] else base


def _day(text: str, *, later: int = 0) -> float | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (day + timedelta(days=later)).timestamp()
