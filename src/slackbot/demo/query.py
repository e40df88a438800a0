"""The grammar that Confluence's query language (CQL) and Jira's (JQL) have in common. Pure.

    query    = or [ "ORDER" "BY" sort { "," sort } ]
    sort     = field [ "ASC" | "DESC" ]
    or       = and { "OR" and }
    and      = not { "AND" not }
    not      = "NOT" not | "(" or ")" | clause
    clause   = field operator value | field [ "NOT" ] "IN" "(" value { "," value } ")"
    operator = "=" | "!=" | "~" | "!~" | ">" | ">=" | "<" | "<="
    value    = word | "..." | '...', in which a backslash takes the next character as it is

Keywords and fields in any case. Source: Atlassian, "Advanced searching using CQL" and "What is
advanced search in Jira Cloud?".
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from slackbot.ranking import Wanted, parse_search_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATE_COMPARISONS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<operator>!=|!~|>=|<=|&&|\|\||[=~<>(),!])
      | (?P<word>[^\s"'=~<>!(),\\&|]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = frozenset({"=", "!=", "~", "!~", *DATE_COMPARISONS})
_SIGNS = frozenset({*_COMPARISONS, "(", ")", ",", "&&", "||", "!"})
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
_MAX_DEPTH = 50


class QueryError(ValueError):
    """The text is no query, or goes beyond the part of the language that is understood."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A test of one field. `operator` is a comparison, `in`, or `empty`.

    Only `in` has several values; `empty` has none.
    """

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is not."""

    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """True where every part is."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is."""

    parts: tuple[Expression, ...]


Expression = Clause | Not | And | Or


@dataclass(frozen=True, slots=True)
class Sort:
    """A field to order by."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What to find, and in which order: the first sort counts most, none is by relevance."""

    where: Expression
    order: tuple[Sort, ...] = ()


def holds(expression: Expression, test: Callable[[Clause], bool]) -> bool:
    """Whether an expression is true of what `test` tells of each clause."""
    match expression:
        case And(parts):
            return all(holds(part, test) for part in parts)
        case Or(parts):
            return any(holds(part, test) for part in parts)
        case Not(part):
            return not holds(part, test)
        case Clause():
            return test(expression)
        case _:
            assert_never(expression)


def clauses(expression: Expression, *, negated: bool = True) -> Iterator[Clause]:
    """Yield the clauses of an expression, in order; without those that are negated if so asked."""
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from clauses(part, negated=negated)
        case Not(part):
            if negated:
                yield from clauses(part)
        case Clause():
            yield expression
        case _:
            assert_never(expression)


def search_texts(expression: Expression) -> list[Wanted]:
    """Return what the full-text clauses ask for, but for those that are negated."""
    asked = clauses(expression, negated=False)
    return [search_text(clause) for clause in asked if clause.operator == "~"]


def search_text(clause: Clause) -> Wanted:
    """Return what a full-text clause asks for, or raise `QueryError`."""
    try:
        return parse_search_text(clause.values[0])
    except ValueError as error:
        raise QueryError(str(error)) from error


def date_value(text: str) -> datetime:
    """Return the moment that a date stands for (in UTC), or raise `QueryError`."""
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise QueryError(f"not a date: {text!r}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign, or a string without its quotation marks."""

    text: str
    is_string: bool = False

    @property
    def is_sign(self) -> bool:
        """Whether it is an operator, a bracket or a comma."""
        return not self.is_string and self.text in _SIGNS

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords, given in capitals, or signs."""
        return not self.is_string and self.text.upper() in words


def tokens(text: str) -> list[Token]:
    """Take a query apart, or raise `QueryError`."""
    found: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise QueryError(f"unexpected character at {position}")
        if string := token["string"]:
            found.append(Token(re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.DOTALL), True))
        else:
            found.append(Token(token["operator"] or token["word"]))
        position = token.end()
    return found


class Parser:
    """Parses what both languages know. A language overrides what it has of its own."""

    AND: tuple[str, ...] = ("AND",)
    OR: tuple[str, ...] = ("OR",)
    NOT: tuple[str, ...] = ("NOT",)

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._position = 0
        self._depth = 0

    def query(self) -> Query:
        """Parse the whole text.

        Raises:
            QueryError: it cannot be parsed.
        """
        where = self._or()
        order: list[Sort] = []
        if self.take("ORDER"):
            self.expect("BY")
            order.append(self._sort())
            while self.take(","):
                order.append(self._sort())
        if rest := self.peek():
            raise QueryError(f"unexpected {rest.text!r}")
        return Query(where, tuple(order))

    def field(self) -> str:
        """Parse the name of a field."""
        token = self.next()
        if token.is_string or not token.text[0].isalpha():
            raise QueryError(f"expected a field, not {token.text!r}")
        return token.text.lower()

    def test(self, field: str) -> Expression:
        """Parse what is asked of a field."""
        negated = self.take("NOT")
        if self.take("IN"):
            self.expect("(")
            values = [self._value()]
            while self.take(","):
                values.append(self._value())
            self.expect(")")
            clause = Clause(field, "in", tuple(values))
            return Not(clause) if negated else clause
        sign = self.next()
        if negated or sign.is_string or sign.text not in _COMPARISONS:
            raise QueryError(f"expected an operator, not {sign.text!r}")
        value = self._value()
        if sign.text in ("!=", "!~"):
            return Not(Clause(field, sign.text[1:], (value,)))
        return Clause(field, sign.text, (value,))

    def peek(self) -> Token | None:
        """Return the next token and leave it there; nothing at the end."""
        return next(iter(self._tokens[self._position : self._position + 1]), None)

    def next(self) -> Token:
        """Take the next token, whatever it is."""
        token = self.peek()
        if token is None:
            raise QueryError("unexpected end")
        self._position += 1
        return token

    def take(self, *words: str) -> bool:
        """Take the next token if it is one of these keywords or signs."""
        token = self.peek()
        here = token is not None and token.is_word(*words)
        self._position += here
        return here

    def expect(self, word: str) -> None:
        """Take a keyword or sign that has to be there."""
        if not self.take(word):
            raise QueryError(f"expected {word!r}")

    def _or(self) -> Expression:
        parts = [self._and()]
        while self.take(*self.OR):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Expression:
        parts = [self._not()]
        while self.take(*self.AND):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryError("nested too deeply")
        if self.take(*self.NOT):
            expression: Expression = Not(self._not())
        elif self.take("("):
            expression = self._or()
            self.expect(")")
        else:
            expression = self.test(self.field())
        self._depth -= 1
        return expression

    def _value(self) -> str:
        token = self.next()
        if token.is_sign:
            raise QueryError(f"expected a value, not {token.text!r}")
        return token.text

    def _sort(self) -> Sort:
        field = self.field()
        descending = self.take("DESC")
        if not descending:
            self.take("ASC")
        return Sort(field, descending)
