"""Builds JQL from typed fields: each value a string literal, the projects in every query. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slackbot.knowledge.jira.keys import ALL_PROJECTS
from slackbot.knowledge.text.keywords import clean_keywords, string_literal
from slackbot.knowledge.text.markdown import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.knowledge.jira.arguments import SearchJira

MAX_WORDS: Final = 12

_WORD_OR_PHRASE = re.compile(r'"[^"]*"|[^\s"]+')


def search_jql(wanted: SearchJira, projects: Sequence[str]) -> tuple[str, ...]:
    """Return the queries to try, in order; none if the keywords hold no word.

    All words together come first. Where they find nothing, one of them is enough, but only if the
    best match is to come first: the latest issue that shares a word with the question is no answer.
    """
    scope = scope_jql(wanted, projects)
    if wanted.keywords is None:
        return (f"{scope} ORDER BY updated DESC",)
    ways = text_jql(wanted.keywords)
    if wanted.order == "updated":
        return tuple(f"{way} AND {scope} ORDER BY updated DESC" for way in ways[:1])
    return tuple(f"{way} AND {scope}" for way in ways)


def keys_jql(keys: Sequence[str], wanted: SearchJira, projects: Sequence[str]) -> str:
    """Return what asks for the issues of these keys."""
    return f"issuekey in ({_literals(keys)}) AND {scope_jql(wanted, projects)}"


def text_jql(keywords: str) -> tuple[str, ...]:
    """Return what asks for all of the words, then what asks for any of them."""
    cleaned = clean_keywords(keywords)
    words = [word for word in _WORD_OR_PHRASE.findall(cleaned) if word.strip('" ')]
    conditions = [f"text ~ {string_literal(word)}" for word in words[:MAX_WORDS]]
    if len(words) < 2:
        return tuple(conditions)
    return (f"text ~ {string_literal(cleaned)}", f"({' OR '.join(conditions)})")


def scope_jql(wanted: SearchJira, projects: Sequence[str]) -> str:
    """Return the part of a query that says where to search: never empty, as Jira requires it."""
    clauses = [f"project in ({_literals(projects)})"]
    if ALL_PROJECTS in projects:
        clauses = ['created >= "1970-01-01"']  # everything, yet a restriction
    for field, name in (
        ("status", wanted.status), ("assignee", wanted.assignee), ("issuetype", wanted.type)
    ):  # fmt: skip
        if name is not None:
            clauses.append(f"{field} = {_literals([name])}")
    if wanted.labels:
        clauses.append(f"labels in ({_literals(wanted.labels)})")
    if wanted.updated_after is not None:
        clauses.append(f'updated >= "{wanted.updated_after.isoformat()}"')
    return " AND ".join(clauses)


def _literals(names: Sequence[str]) -> str:
    return ",".join(string_literal(one_line(name)) for name in names)
