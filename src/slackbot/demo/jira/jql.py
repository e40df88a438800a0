"""The part of Jira's query language (JQL) that the sample Jira understands. Pure.

To the grammar that it shares with CQL, JQL adds

    clause = ... | field "IS" [ "NOT" ] ( "EMPTY" | "NULL" )

signs for AND (`&&`), OR (`||`) and NOT (`!`), and names of fields in quotation marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slackbot.demo.query import Clause, Not, Parser, QueryError

if TYPE_CHECKING:
    from slackbot.demo.query import Expression, Query

MAX_SORTS: Final = 7
UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


def parse(text: str) -> Query:
    """Parse JQL.

    Raises:
        QueryError: it cannot be parsed, it is no restriction, or it has too many sorts.
    """
    parser = _JqlParser(text)
    first = parser.peek()
    if first is None or first.is_word("ORDER"):
        raise QueryError(UNBOUNDED)
    query = parser.query()
    if len(query.order) > MAX_SORTS:
        raise QueryError(f"orderBy clause can contain a maximum of {MAX_SORTS} fields")
    return query


class _JqlParser(Parser):
    AND = ("AND", "&&")
    OR = ("OR", "||")
    NOT = ("NOT", "!")

    def field(self) -> str:
        token = self.peek()
        if token is None or not token.is_string:
            return super().field()
        return self.next().text.lower()

    def test(self, field: str) -> Expression:
        if not self.take("IS"):
            return super().test(field)
        negated = self.take("NOT")
        if not self.take("EMPTY", "NULL"):
            raise QueryError("expected EMPTY")
        clause = Clause(field, "empty")
        return Not(clause) if negated else clause
