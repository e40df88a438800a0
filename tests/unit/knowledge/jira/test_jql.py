"""JQL from typed fields: what each becomes, and that no string becomes more than a value."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings

from kit.jira import TICKETS
from kit.knowledge import hostile_batches
from kit.untraced import untraced
from slackbot.demo.jira.search import JiraIndex
from slackbot.demo.query import QueryError
from slackbot.knowledge.allowed_keys import AllowedKeys
from slackbot.knowledge.jira.arguments import SearchJira
from slackbot.knowledge.jira.jql import keys_jql, scope_jql, search_jql
from slackbot.knowledge.jira.keys import named_keys, project_of

if TYPE_CHECKING:
    from collections.abc import Mapping

INJECTIONS = (
    'x" OR project = "LEGAL',
    'x") OR (project = LEGAL) OR (text ~ "x',
    'x\\" OR project = LEGAL OR text ~ "x',
    "x\\",
    '\\" || project IS NOT EMPTY || text ~ "',
    'canary" AND project in ("LEGAL") ORDER BY updated',
    'x" OR !(project in ("PAY")) && text ~ "heron',
    "LEGAL-7 PAY-312 canary heron",
    "x' OR project = 'Legal matters",
    '"\n) OR project = LEGAL OR (summary ~ "settlement',
    "EMPTY) OR issuekey in (LEGAL-7",
    "currentUser() OR project=LEGAL--",
)
NAMES = ("status", "assignee", "type")
TURNS = ("relevance", "labels", "updated", *NAMES, "relevance")
INDEX = JiraIndex([TICKETS["PAY-312"], TICKETS["LEGAL-7"]])


def jql_of(fields: Mapping[str, object], *projects: str) -> tuple[str, ...]:
    wanted = SearchJira.model_validate(fields)
    return search_jql(wanted, scope_jql(wanted, projects))


def fields_of(text: str, field: str) -> Mapping[str, object]:
    """Return a search with a hostile string in one of its fields."""
    name = text[:100] or "x"
    match field:
        case "relevance" | "updated":
            return {"keywords": text[:256] or "x", "order": field}
        case "labels":
            return {"keywords": "canary", "labels": [name, name]}
        case _:
            return {field: name}


@settings(max_examples=200, phases=[Phase.generate, Phase.shrink])
@given(hostile_batches(*INJECTIONS))
@untraced()
def test_no_string_leaves_the_allowed_projects(texts: list[str]) -> None:
    """10,000 of them; the queries alone, against a language that honours OR, brackets, quotes.

    Jira refuses a status, type or assignee that it does not know: as more than a name, a string
    would find something.
    """
    for text, field in zip(texts, cycle(TURNS), strict=False):
        for jql in jql_of(fields_of(text, field), "PAY"):
            if field in NAMES:
                with pytest.raises(QueryError, match="does not exist for the field"):
                    INDEX.search(jql)
            else:
                assert all(ticket.key == "PAY-312" for ticket in INDEX.search(jql))


def test_each_field_is_a_clause_of_its_own() -> None:
    wanted = {
        "keywords": 'label "on call" \\ printer',
        "status": 'In "Progress',
        "assignee": "Ana\nRuiz",
        "type": "Bug",
        "labels": ["a", "b\\"],
        "updated_after": "2026-03-01",
    }
    scope = (
        r'project in ("PAY","TRK") AND status = "In \"Progress" AND assignee in ("Ana Ruiz")'
        r' AND issuetype = "Bug" AND labels in ("a","b\\") AND updated >= "2026-03-01"'
    )
    assert jql_of(wanted, "PAY", "TRK") == (
        rf'text ~ "label \"on call\" printer" AND {scope}',
        rf'(text ~ "label" OR text ~ "\"on call\"" OR text ~ "printer") AND {scope}',
    )


def test_every_query_is_bounded() -> None:
    assert jql_of({}, "*") == ('created >= "1970-01-01" ORDER BY updated DESC',)
    assert jql_of({}, "PAY") == ('project in ("PAY") ORDER BY updated DESC',)
    assert keys_jql(["PAY-1"], "a = 1") == 'issuekey in ("PAY-1") AND a = 1'


def test_the_latest_of_several_words_has_to_have_them_all() -> None:
    wanted = {"keywords": "one two", "order": "updated"}
    assert jql_of(wanted, "PAY") == (
        'text ~ "one two" AND project in ("PAY") ORDER BY updated DESC',
    )


def test_open_and_nobody_are_no_names() -> None:
    (jql,) = jql_of({"status": "Open", "assignee": "nobody"}, "PAY")
    clauses = jql.removesuffix(" ORDER BY updated DESC").split(" AND ")
    assert clauses == ['project in ("PAY")', 'statusCategory != "Done"', "assignee is EMPTY"]


def test_people_go_by_their_ids_where_these_are_known() -> None:
    wanted = SearchJira(assignee="Ana")
    assert scope_jql(wanted, ("PAY",), ("7:a", '7:"b')) == (
        r'project in ("PAY") AND assignee in ("7:a","7:\"b")'
    )


def test_keys_are_told_from_other_words() -> None:
    text = "pay-12, TRK-3 (and PAY-12) in x-y-1-2 a-1 2026-10-19 payments-api#233 PLAT_X-9."
    assert named_keys(text) == ("PAY-12", "TRK-3", "PLAT_X-9")


def test_an_allow_list_goes_by_whole_keys() -> None:
    allowed = AllowedKeys(("PAY",))
    assert allowed.admits(project_of("pay-1"))
    assert not any(map(allowed.admits, ("PA", "PAYX", "*", "")))
    assert not allowed.admits(project_of("PAY"))
