"""The part of GitHub's search language that the sample GitHub understands. Pure.

    query     = or
    or        = and { "OR" and }
    and       = not { [ "AND" ] not }
    not       = "NOT" not | "-" qualifier | "(" or ")" | term
    term      = qualifier | word | "..."
    qualifier = name ":" ( value | "..." )

Operators in capitals. The search for code takes several `repo:`, `user:` or `org:` side by side for
alternatives; the one for issues wants an OR between them. Sources, GitHub Docs: "Understanding the
search syntax", "REST API endpoints for search", "Building advanced filters for issues".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_QUERY = 256
MAX_OPERATORS = 5
SCOPES = frozenset({"repo", "user", "org"})

_OPERATORS = frozenset({"AND", "OR", "NOT"})
_QUALIFIERS = SCOPES | {
    "is", "type", "state", "author", "label", "created", "updated", "language", "path", "hash"
}  # fmt: skip
_MAX_DEPTH = 20
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<minus>-?)(?P<name>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"()]+))
      | "(?P<phrase>[^"]*)"
      | (?P<bracket>[()])
      | (?P<word>[^\s"()]+)
      | "
    )""",
    re.VERBOSE,
)


class QueryError(ValueError):
    """The query is none that GitHub would take; the text says why, in its words."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words that a document must have; of a phrase, side by side."""

    words: str
    is_phrase: bool = False


@dataclass(frozen=True, slots=True)
class Qualifier:
    """What a field of a document must be; names are lower case."""

    name: str
    value: str


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


Expression = Text | Qualifier | Not | And | Or


def parse(query: str, *, scopes_are_alternatives: bool = False) -> Expression:
    """Parse a query.

    Raises:
        QueryError: it is empty, too long, or its brackets do not match.
    """
    if len(query) > MAX_QUERY:
        raise QueryError(f"The search is longer than {MAX_QUERY} characters.")
    tokens = _tokens(query)
    if sum(isinstance(token, str) and token in _OPERATORS for token in tokens) > MAX_OPERATORS:
        raise QueryError("More than five AND / OR / NOT operators were used.")
    return _Parser(tokens, scopes_are_alternatives).query()


def _tokens(query: str) -> list[str | Expression]:
    """Return brackets and operators as strings, all else as what it means."""
    tokens: list[str | Expression] = []
    position, end = 0, len(query.rstrip())
    while position < end:
        found = _TOKEN.match(query, position)
        assert found is not None, "every character begins some token"
        tokens += _meaning(found)
        position = found.end()
    return tokens


def _meaning(found: re.Match[str]) -> list[str | Expression]:
    name = (found["name"] or "").lower()
    if name in _QUALIFIERS:
        qualifier = Qualifier(name, found["quoted"] or found["value"] or "")
        return [Not(qualifier) if found["minus"] else qualifier]
    if found["phrase"] is not None:
        return [Text(found["phrase"], is_phrase=True)]
    text = found[0].replace('"', " ").strip()
    if text in _OPERATORS or found["bracket"]:
        return [text]
    return [Text(text)] if text else []


class _Parser:
    def __init__(self, tokens: list[str | Expression], scopes_are_alternatives: bool) -> None:
        self._tokens = tokens
        self._scopes_are_alternatives = scopes_are_alternatives
        self._position = 0
        self._depth = 0

    def query(self) -> Expression:
        expression = self._or()
        if self._position < len(self._tokens):
            raise QueryError("The query could not be parsed.")
        return expression

    def _or(self) -> Expression:
        parts = [self._and()]
        while self._take("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Expression:
        parts = [self._not()]
        while self._take("AND") or self._here() not in (None, "OR", ")"):
            parts.append(self._not())
        if self._scopes_are_alternatives:
            parts = _united(parts)
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Expression:
        self._depth += 1
        here = self._here()
        if here is None or here in (")", "OR", "AND") or self._depth > _MAX_DEPTH:
            raise QueryError("The query could not be parsed.")
        self._position += 1
        if here == "NOT":
            expression: Expression = Not(self._not())
        elif here == "(":
            expression = self._or()
            if not self._take(")"):
                raise QueryError("The query could not be parsed.")
        else:
            assert not isinstance(here, str)
            expression = here
        self._depth -= 1
        return expression

    def _here(self) -> str | Expression | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        here = self._here() == token
        self._position += here
        return here


def _united(parts: list[Expression]) -> list[Expression]:
    """Put what says where to search into one alternative."""
    scopes = [part for part in parts if isinstance(part, Qualifier) and part.name in SCOPES]
    if len(scopes) < 2:
        return parts
    return [*(part for part in parts if part not in scopes), Or(tuple(scopes))]
