"""Evaluates GitHub's search language over issues, code and commits, ranked by relevance. Pure."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, assert_never

from slackbot.demo.github.query import (
    SCOPES,
    And,
    Expression,
    Not,
    Or,
    Qualifier,
    QueryError,
    Text,
    parse,
)
from slackbot.ranking import Index, Wanted, parse_search_text, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from slackbot.demo.github.documents import Document, Part

Kind = Literal["issues", "code", "commits"]

TITLE_WEIGHT: Final = 3.0
FRAGMENT_CHARACTERS: Final = 240

_KIND: Final = frozenset({("is", "issue"), ("is", "pull-request"), ("is", "pr"),
                          ("type", "issue"), ("type", "pr")})  # fmt: skip
_DATES = frozenset({"created", "updated"})
_COMPARISON = re.compile(r"(>=|<=|>|<|)(\d{4}-\d\d-\d\d)")
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a part, with the spans of what matched in it."""

    part: Part
    text: str
    matches: tuple[tuple[int, int], ...]


class SearchIndex:
    """Documents of one kind, by their keys.

    Args:
        names: the repositories that exist.
        apart: queries must say whether they are for issues or for pull requests, as some kinds of
            tokens must.
    """

    def __init__(
        self,
        documents: Mapping[str, Document],
        names: Iterable[str],
        *,
        kind: Kind,
        apart: bool = False,
    ) -> None:
        self._documents = documents
        self._kind = kind
        self._apart = apart
        self._scopes = {name.lower() for name in names}
        self._scopes |= {name.partition("/")[0] for name in self._scopes}
        self._titles = Index({key: document.title for key, document in documents.items()})
        self._texts = Index(
            {
                key: "\n".join(part.text for part in document.parts)
                for key, document in documents.items()
            }
        )

    def search(self, query: str) -> list[tuple[str, float]]:
        """Return the keys of what matches with their scores, the most relevant first.

        Raises:
            QueryError: GitHub would not take the query.
        """
        expression = self._parsed(query)
        self._check(list(_leaves(expression)))
        wanted = _wanted_in(expression)
        found = (key for key in self._documents if self._matches(expression, key))
        scored = [
            (key, TITLE_WEIGHT * self._titles.score(key, wanted) + self._texts.score(key, wanted))
            for key in found
        ]
        return sorted(scored, key=lambda one: -one[1])

    def fragments(self, key: str, query: str) -> Iterator[Fragment]:
        """Return the most telling piece of each part that the words are in."""
        wanted = _wanted_in(self._parsed(query))
        stems = {*wanted.stems, *(stem for phrase in wanted.phrases for stem in phrase)}
        for part in self._documents[key].parts:
            spans = [(term.start, term.end) for term in terms(part.text) if term.stem in stems]
            if spans:
                yield _fragment(part, spans)

    def _parsed(self, query: str) -> Expression:
        return parse(query, scopes_are_alternatives=self._kind == "code")

    def _check(self, leaves: Sequence[Qualifier | Text]) -> None:
        """Refuse what GitHub does: queries with no kind, or no term, or for nothing that exists."""
        qualifiers = [leaf for leaf in leaves if isinstance(leaf, Qualifier)]
        if self._kind == "code" and len(qualifiers) == len(leaves):
            raise QueryError("Must include at least one user, organization, or search term.")
        if self._apart and not any((one.name, one.value) in _KIND for one in qualifiers):
            raise QueryError("Query must include 'is:issue' or 'is:pull-request'")
        scopes = {one.value.lower() for one in qualifiers if one.name in SCOPES}
        if scopes and scopes.isdisjoint(self._scopes):
            raise QueryError(
                "The listed users and repositories cannot be searched either because the resources "
                "do not exist or you do not have permission to view them."
            )
        for one in qualifiers:
            if one.name in _DATES and not _COMPARISON.fullmatch(one.value):
                raise QueryError(f"The date in {one.name} is not understood.")

    def _matches(self, expression: Expression, key: str) -> bool:
        match expression:
            case And(parts):
                return all(self._matches(part, key) for part in parts)
            case Or(parts):
                return any(self._matches(part, key) for part in parts)
            case Not(part):
                return not self._matches(part, key)
            case Qualifier():
                return self._holds(expression, self._documents[key])
            case Text():
                wanted = _asked_by(expression)
                asks_nothing = not (wanted.stems or wanted.phrases)
                return asks_nothing or self._texts.has_all(key, wanted)
            case _:
                assert_never(expression)

    def _holds(self, qualifier: Qualifier, document: Document) -> bool:
        values = document.fields.get(qualifier.name, frozenset())
        if qualifier.name in _DATES and (found := _COMPARISON.fullmatch(qualifier.value)):
            return any(_COMPARE[found[1]](value, found[2]) for value in values)
        return qualifier.value.strip("/").lower() in values


def _leaves(expression: Expression) -> Iterator[Qualifier | Text]:
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case Qualifier() | Text():
            yield expression
        case _:
            assert_never(expression)


def _wanted_in(expression: Expression) -> Wanted:
    """Return the words that are asked for, but for those that are negated."""
    match expression:
        case And(parts) | Or(parts):
            wanted = [_wanted_in(part) for part in parts]
            return Wanted(
                tuple(stem for one in wanted for stem in one.stems),
                tuple(phrase for one in wanted for phrase in one.phrases),
            )
        case Text():
            return _asked_by(expression)
        case _:
            return Wanted((), ())


@lru_cache(maxsize=1024)
def _asked_by(text: Text) -> Wanted:
    return parse_search_text(f'"{text.words}"' if text.is_phrase else text.words)


def _fragment(part: Part, spans: Sequence[tuple[int, int]]) -> Fragment:
    """Cut out the lines or words around the place where most of the spans are near each other."""
    text = part.text
    best = max(
        (start for start, _ in spans),
        key=lambda at: sum(at <= start < at + FRAGMENT_CHARACTERS for start, _ in spans),
    )
    begin = max(text.rfind("\n", 0, best) + 1, text.rfind(" ", 0, max(best - 80, 0)) + 1)
    end = begin + FRAGMENT_CHARACTERS
    if end < len(text):
        end = max(text.rfind(" ", best, end), text.rfind("\n", best, end), best + 1)
    inside = (
        (start - begin, stop - begin) for start, stop in spans if begin <= start < stop <= end
    )
    return Fragment(part, text[begin:end], tuple(inside))
