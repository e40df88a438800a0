"""The part of Confluence's query language (CQL) that the sample Confluence understands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.demo.query import Parser

if TYPE_CHECKING:
    from slackbot.demo.query import Query


def parse(text: str) -> Query:
    """Parse CQL.

    Raises:
        QueryError: it cannot be parsed.
    """
    return Parser(text).query()
