"""The part of Confluence's query language (CQL) that the sample Confluence understands. Pure.

    query    = or [ "ORDER" "BY" field [ "ASC" | "DESC" ] ]
    or       = and { "OR" and }
    and      = not { "AND" not }
    not      = "NOT" not | "(" or ")" | clause
    clause   = field operator value | field [ "NOT" ] "IN" "(" value { "," value } ")"
    operator = "=" | "!=" | "~" | "!~" | ">" | ">=" | "<" | "<="
    value    = word | "..." | '...', in which a backslash takes the next character as it is

Keywords and fields in any case. Source: Atlassian, "Advanced searching using CQL".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<operator>!=|!~|>=|<=|[=~<>(),])
      | (?P<word>[^\s"'=~<>!(),\\]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = frozenset({"=", "!=", "~", "!~", ">", ">=", "<", "<="})
_MAX_DEPTH = 50


class CqlError(ValueError):
    """The text is not CQL, or goes beyond the part that is understood."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A test of one field. `operator` is a comparison or `in`; only `in` has several values."""

    field: str
    operator: str
    values: tuple[str, ...]


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
class Query:
    """What to find, and by which field to order it; by relevance if there is none."""

    where: Expression
    order_by: str | None = None
    descending: bool = False


def parse(text: str) -> Query:
    """Parse CQL.

    Raises:
        CqlError: it cannot be parsed.
    """
    return _Parser(_tokens(text)).query()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_string: bool = False

    def is_word(self, word: str) -> bool:
        return not self.is_string and self.text.upper() == word


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            raise CqlError(f"unexpected character at {position}")
        if string := found["string"]:
            tokens.append(_Token(re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.DOTALL), True))
        else:
            tokens.append(_Token(found["operator"] or found["word"]))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def query(self) -> Query:
        where = self._or()
        order_by, descending = None, False
        if self._take("ORDER"):
            self._expect("BY")
            order_by = self._next().text.lower()
            descending = self._take("DESC")
            if not descending:
                self._take("ASC")
        if self._position < len(self._tokens):
            raise CqlError(f"unexpected {self._tokens[self._position].text!r}")
        return Query(where, order_by, descending)

    def _or(self) -> Expression:
        parts = [self._and()]
        while self._take("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Expression:
        parts = [self._not()]
        while self._take("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise CqlError("nested too deeply")
        if self._take("NOT"):
            expression: Expression = Not(self._not())
        elif self._take("("):
            expression = self._or()
            self._expect(")")
        else:
            expression = self._clause()
        self._depth -= 1
        return expression

    def _clause(self) -> Expression:
        field = self._word()
        negated = self._take("NOT")
        if self._take("IN"):
            self._expect("(")
            values = [self._value()]
            while self._take(","):
                values.append(self._value())
            self._expect(")")
            clause = Clause(field, "in", tuple(values))
            return Not(clause) if negated else clause
        operator = self._next()
        if negated or operator.is_string or operator.text not in _COMPARISONS:
            raise CqlError(f"expected an operator, not {operator.text!r}")
        value = self._value()
        if operator.text in ("!=", "!~"):
            return Not(Clause(field, operator.text[1:], (value,)))
        return Clause(field, operator.text, (value,))

    def _word(self) -> str:
        token = self._next()
        if token.is_string or not token.text[0].isalpha():
            raise CqlError(f"expected a field, not {token.text!r}")
        return token.text.lower()

    def _value(self) -> str:
        token = self._next()
        if not token.is_string and token.text in _COMPARISONS | {"(", ")", ","}:
            raise CqlError(f"expected a value, not {token.text!r}")
        return token.text

    def _next(self) -> _Token:
        if self._position >= len(self._tokens):
            raise CqlError("unexpected end")
        self._position += 1
        return self._tokens[self._position - 1]

    def _take(self, word: str) -> bool:
        here = self._position < len(self._tokens) and self._tokens[self._position].is_word(word)
        self._position += here
        return here

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise CqlError(f"expected {word!r}")
