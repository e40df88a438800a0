"""Builds JQL from typed fields: each value a string literal, the projects in every query. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from slackbot.knowledge.allowed_keys import EVERY_KEY
from slackbot.knowledge.jira.arguments import NOBODY, OPEN
from slackbot.knowledge.text.keywords import clean_keywords, string_literal
from slackbot.knowledge.text.markdown import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slackbot.knowledge.jira.arguments import SearchJira

MAX_WORDS: Final = 12

_WORD_OR_PHRASE = re.compile(r'"[^"]*"|[^\s"]+')


def search_jql(wanted: SearchJira, scope: str) -> tuple[str, ...]:
    """Return the queries to try, in order; none if the keywords hold no word.

    All words together come first. Where they find nothing, one of them is enough, but only if the
    best match is to come first: the latest issue that shares a word with the question is no answer.
    """
    if wanted.keywords is None:
        return (f"{scope} ORDER BY updated DESC",)
    ways = text_jql(wanted.keywords)
    if wanted.order == "updated":
        return tuple(f"{way} AND {scope} ORDER BY updated DESC" for way in ways[:1])
    return tuple(f"{way} AND {scope}" for way in ways)


def keys_jql(keys: Sequence[str], scope: str) -> str:
    """Return what asks for the issues of these keys."""
    return f"issuekey in ({_literals(keys)}) AND {scope}"


def text_jql(keywords: str) -> tuple[str, ...]:
    """Return what asks for all of the words, then what asks for any of them."""
    cleaned = clean_keywords(keywords)
    words = [word for word in _WORD_OR_PHRASE.findall(cleaned) if word.strip('" ')]
    conditions = [f"text ~ {string_literal(word)}" for word in words[:MAX_WORDS]]
    if len(words) < 2:
        return tuple(conditions)
    return (f"text ~ {string_literal(cleaned)}", f"({' OR '.join(conditions)})")


def scope_jql(wanted: SearchJira, projects: Sequence[str], assignees: Sequence[str] = ()) -> str:
    """Return the part of a query that says where to search: never empty, as Jira requires it.

    `assignees` are the ids of those who go by the name wanted, if that was to be found out.
    """
    clauses = [f"project in ({_literals(projects)})"]
    if EVERY_KEY in projects:
        clauses = ['created >= "1970-01-01"']  # everything, yet a restriction
    clauses += _status(wanted.status)
    clauses += _assignee(wanted.assignee, assignees)
    if wanted.type is not None:
        clauses.append(f"issuetype = {_literals([wanted.type])}")
    if wanted.labels:
        clauses.append(f"labels in ({_literals(wanted.labels)})")
    if wanted.updated_after is not None:
        clauses.append(f'updated >= "{wanted.updated_after.isoformat()}"')
    return " AND ".join(clauses)


def _status(name: str | None) -> Iterator[str]:
    if name is not None:
        is_open = name.casefold() == OPEN
        yield 'statusCategory != "Done"' if is_open else f"status = {_literals([name])}"


def _assignee(name: str | None, ids: Sequence[str]) -> Iterator[str]:
    if name is not None:
        is_nobody = name.casefold() == NOBODY
        yield "assignee is EMPTY" if is_nobody else f"assignee in ({_literals(ids or [name])})"


def _literals(names: Sequence[str]) -> str:
    return ",".join(string_literal(one_line(name)) for name in names)
