"""The JQL subset: what it adds to the grammar that it shares with CQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.demo.jira.jql import MAX_SORTS, UNBOUNDED, parse
from slackbot.demo.query import And, Clause, Not, Or, Query, QueryError, Sort
from slackbot.knowledge.text.keywords import string_literal

A = Clause("a", "=", ("1",))
B = Clause("b", "=", ("2",))
EMPTY = Clause("a", "empty")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1 && b = 2", And((A, B))),
        ("a = 1 || b = 2", Or((A, B))),
        ("! a = 1", Not(A)),
        ("!(a = 1 OR b = 2)", Not(Or((A, B)))),
        ("a is empty", EMPTY),
        ("a IS NULL", EMPTY),
        ("a IS NOT EMPTY", Not(EMPTY)),
        ('"a" = 1', A),
        ("'A' in (1, 2)", Clause("a", "in", ("1", "2"))),
        ('"Story Points" >= 3', Clause("story points", ">=", ("3",))),
        ("a != 1 AND (b = 2)", And((Not(A), B))),
        ('a ~ "x\\" || b = 2 || a ~ \\"y"', Clause("a", "~", ('x" || b = 2 || a ~ "y',))),
    ],
)
def test_parses(text: str, where: object) -> None:
    assert parse(text) == Query(where)  # type: ignore[arg-type] # a table of several types


def test_orders_by_several_fields() -> None:
    query = parse('a = 1 ORDER BY updated DESC, "b" ASC, c')
    assert query == Query(A, (Sort("updated", descending=True), Sort("b"), Sort("c")))


@pytest.mark.parametrize("text", ["", "  ", "ORDER BY updated", "order by key desc"])
def test_a_query_without_restriction_is_refused(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert str(caught.value) == UNBOUNDED


@pytest.mark.parametrize(
    "text",
    [
        "a IS",
        "a IS 1",
        'a IS "x"',
        "a IS NOT",
        "a = currentUser()",
        "a = 1 & b = 2",
        '"a"',
        '"" "="',
        "a = &&",
        f"a = 1 ORDER BY {', '.join('b' * (MAX_SORTS + 1))}",
        "!" * 1000 + "a = 1",
    ],
)
def test_refuses_what_is_no_query(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


@given(st.text())
def test_a_literal_is_one_value_whatever_it_holds(text: str) -> None:
    assert parse(f"a ~ {string_literal(text)}") == Query(Clause("a", "~", (text,)))


@given(st.text(alphabet=st.sampled_from("ab1 \"'\\()=~!<>,&|ANDORTinsEMPTY\n")))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        parse(text)
    except QueryError:
        return
