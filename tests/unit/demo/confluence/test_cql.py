"""The CQL subset: what parses, into what, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.demo.confluence.cql import parse
from slackbot.demo.query import And, Clause, Not, Or, Query, QueryError, Sort
from slackbot.knowledge.text.keywords import string_literal

A = Clause("a", "=", ("1",))
B = Clause("b", "=", ("2",))
C = Clause("c", "=", ("3",))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1", A),
        ("A=1", A),
        ('a = "1"', A),
        ("a = '1'", A),
        ("a = 1 and b = 2", And((A, B))),
        ("a = 1 OR b = 2 AND c = 3", Or((A, And((B, C))))),
        ("(a = 1 OR b = 2) AND c = 3", And((Or((A, B)), C))),
        ("NOT a = 1", Not(A)),
        ("NOT (a = 1)", Not(A)),
        ("a != 1", Not(A)),
        ("a !~ 1", Not(Clause("a", "~", ("1",)))),
        ("a in (1, 'x y')", Clause("a", "in", ("1", "x y"))),
        ("a not in (1)", Not(Clause("a", "in", ("1",)))),
        ("a >= 2026-01-01", Clause("a", ">=", ("2026-01-01",))),
        (r'a ~ "x \"y\" \\ z"', Clause("a", "~", (r'x "y" \ z',))),
        ('a ~ "x) OR (b = 2"', Clause("a", "~", ("x) OR (b = 2",))),
    ],
)
def test_parses_by_the_rules_of_precedence(text: str, where: object) -> None:
    assert parse(text) == Query(where)  # type: ignore[arg-type] # a table of several types


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("a = 1 order by b", (Sort("b"),)),
        ("a = 1 ORDER BY B ASC", (Sort("b"),)),
        ("a = 1 ORDER BY b DESC", (Sort("b", descending=True),)),
        ("a = 1 ORDER BY b DESC, c", (Sort("b", descending=True), Sort("c"))),
    ],
)
def test_orders(text: str, order: tuple[Sort, ...]) -> None:
    assert parse(text) == Query(A, order)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "a",
        "a =",
        "= 1",
        '"a" = 1',
        "1 = 1",
        "a = 1 b = 2",
        "a = 1 AND",
        "(a = 1",
        "a = 1)",
        "a in 1",
        "a in ()",
        "a in (1",
        "a not = 1",
        'a "=" 1',
        "a = (",
        'a = "open',
        r"a = \1",
        'a ~ "x" y"',
        "a = 1 ORDER b",
        "a = 1 ORDER BY",
        "a = 1 ORDER BY b,",
        "a = 1 && b = 2",
        "a = 1 || b = 2",
        "!a = 1",
        "a IS EMPTY",
        "(" * 1000 + "a = 1",
        "NOT " * 1000 + "a = 1",
    ],
)
def test_refuses_what_is_no_query(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


@given(st.text())
def test_a_literal_is_one_value_whatever_it_holds(text: str) -> None:
    assert parse(f"a ~ {string_literal(text)}") == Query(Clause("a", "~", (text,)))


@given(st.text(alphabet=st.sampled_from("ab12 \"'\\()=~!<>,ANDORTin\n")))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        parse(text)
    except QueryError:
        return
