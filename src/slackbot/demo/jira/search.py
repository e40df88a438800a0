"""Evaluates JQL over the sample company's tickets, as Jira Cloud does. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.demo.company.people import EMPLOYEE
from slackbot.demo.jira.jql import parse
from slackbot.demo.query import (
    DATE_COMPARISONS,
    QueryError,
    clauses,
    date_value,
    holds,
    search_text,
    search_texts,
)
from slackbot.ranking import Index, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from slackbot.demo.company.tickets import Ticket
    from slackbot.demo.query import Clause, Expression, Sort

SUMMARY_WEIGHT = 3.0


def account_id(handle: str) -> str:
    """Return the id by which Jira knows a person."""
    return f"712020:{handle}"


def email(handle: str) -> str:
    """Return a person's e-mail address."""
    return f"{handle}@parcelwick.example"


def issue_id(ticket: Ticket) -> str:
    """Return the number by which Jira knows an issue, beside its key."""
    return f"{ticket.project.id}{int(ticket.key.rpartition('-')[2]):05}"


_TEXTS: Mapping[str, Callable[[Ticket], str]] = {
    "summary": lambda ticket: ticket.summary,
    "description": lambda ticket: ticket.description,
    "comment": lambda ticket: "\n\n".join(comment.body for comment in ticket.comments),
}
_DATES: Mapping[str, Callable[[Ticket], datetime]] = {
    "updated": lambda ticket: ticket.updated,
    "created": lambda ticket: ticket.created,
}
_SORTS: Mapping[str, Callable[[Ticket], str]] = {
    "updated": lambda ticket: ticket.updated.isoformat(),
    "created": lambda ticket: ticket.created.isoformat(),
    "summary": lambda ticket: ticket.summary,
    "key": issue_id,
}
_SYNONYMS = {"type": "issuetype", "issue": "key", "issuekey": "key", "id": "key"}
_CATEGORIES = {"To Do": "To Do", "Done": "Done"}
_MAY_BE_UNKNOWN = frozenset({"labels"})


def status_category(status: str) -> str:
    """Return which of Jira's three kinds of status this one is."""
    return _CATEGORIES.get(status, "In Progress")


def _person(handle: str | None) -> tuple[str, ...]:
    """Return what a person may be called in JQL: account id, full name, e-mail address."""
    if handle is None:
        return ()
    return (account_id(handle), EMPLOYEE[handle].real_name, email(handle))


_VALUES: Mapping[str, Callable[[Ticket], tuple[str, ...]]] = {
    "project": lambda ticket: (ticket.project.key, ticket.project.name, ticket.project.id),
    "key": lambda ticket: (ticket.key, issue_id(ticket)),
    "issuetype": lambda ticket: (ticket.type,),
    "status": lambda ticket: (ticket.status,),
    "statuscategory": lambda ticket: (status_category(ticket.status),),
    "priority": lambda ticket: (ticket.priority,),
    "assignee": lambda ticket: _person(ticket.assignee),
    "reporter": lambda ticket: _person(ticket.reporter),
    "labels": lambda ticket: ticket.labels,
}


class JiraIndex:
    """All tickets, ready to be searched."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        self.tickets = {ticket.key: ticket for ticket in tickets}
        self._indices = {
            field: Index({key: text(ticket) for key, ticket in self.tickets.items()})
            for field, text in _TEXTS.items()
        }
        self._known = {
            field: {name.casefold() for ticket in self.tickets.values() for name in names(ticket)}
            for field, names in _VALUES.items()
        }

    def search(self, jql: str) -> list[Ticket]:
        """Return the tickets that match, in the order asked for, else the most relevant first.

        Raises:
            QueryError: the query cannot be parsed, asks for nothing, or for a field or value that
                Jira does not know.
        """
        query = parse(jql)
        for clause in clauses(query.where):
            self._check(clause)
        newest_first = sorted(self.tickets.values(), key=_DATES["created"], reverse=True)
        found = [ticket for ticket in newest_first if self._matches(query.where, ticket)]
        if not query.order:
            wanted = search_texts(query.where)
            return sorted(found, key=lambda ticket: -sum(self._score(ticket, w) for w in wanted))
        for sort in reversed(query.order):
            found.sort(key=_sort_key(sort), reverse=sort.descending)
        return found

    def _score(self, ticket: Ticket, wanted: Wanted) -> float:
        return sum(
            index.score(ticket.key, wanted) * (SUMMARY_WEIGHT if field == "summary" else 1.0)
            for field, index in self._indices.items()
        )

    def _check(self, clause: Clause) -> None:
        """Refuse what Jira would: one wrong clause spoils the query, whatever the others say."""
        field, sign = _name(clause), clause.operator
        if sign == "~" and (field in _TEXTS or field == "text"):
            search_text(clause)
        elif field in _DATES and sign in DATE_COMPARISONS:
            date_value(clause.values[0])
        elif field not in _VALUES or sign not in ("=", "in", "empty"):
            raise QueryError(f"The operator '{sign}' is not supported by the '{field}' field.")
        elif field not in _MAY_BE_UNKNOWN:
            for value in clause.values:
                if value.casefold() not in self._known[field]:
                    raise QueryError(f"The value '{value}' does not exist for the field '{field}'.")

    def _matches(self, where: Expression, ticket: Ticket) -> bool:
        return holds(where, lambda clause: self._holds(clause, ticket))

    def _holds(self, clause: Clause, ticket: Ticket) -> bool:
        field = _name(clause)
        if clause.operator == "~":
            # `text` stands for every field of text, of which one has to have all the words.
            fields = _TEXTS if field == "text" else (field,)
            wanted = search_text(clause)
            return any(self._indices[name].has_all(ticket.key, wanted) for name in fields)
        if field in _DATES:
            return DATE_COMPARISONS[clause.operator](
                _DATES[field](ticket), date_value(clause.values[0])
            )
        values = {value.casefold() for value in _VALUES[field](ticket)}
        if clause.operator == "empty":
            return not values
        return not values.isdisjoint(wanted.casefold() for wanted in clause.values)


def _name(clause: Clause) -> str:
    return _SYNONYMS.get(clause.field, clause.field)


def _sort_key(sort: Sort) -> Callable[[Ticket], str]:
    field = _SYNONYMS.get(sort.field, sort.field)
    if field not in _SORTS:
        raise QueryError(f"Not able to sort using field '{sort.field}'.")
    return _SORTS[field]
