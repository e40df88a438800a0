"""Builds CQL from typed fields: each value a string literal, the spaces in every query. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.knowledge.allowed_keys import EVERY_KEY
from slackbot.knowledge.text.keywords import clean_keywords, string_literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from slackbot.knowledge.confluence.arguments import SearchConfluence


def search_cql(wanted: SearchConfluence, spaces: Sequence[str]) -> tuple[str, ...]:
    """Return what asks for pages of these spaces, the best first; the others for who rejects it.

    Not every site lets CQL search as its own search box does. Nothing is to be asked where no word
    or no space is left.
    """
    keywords = clean_keywords(wanted.keywords)
    if not keywords or not spaces:
        return ()
    words, scope = string_literal(keywords), scope_cql(spaces, wanted.updated_after)
    if wanted.title_only:
        return (f"title ~ {words} AND {scope}",)
    return (
        f"siteSearch ~ {words} AND {scope}",
        f"(title ~ {words} OR text ~ {words}) AND {scope}",
    )


def scope_cql(spaces: Sequence[str], updated_after: date | None = None) -> str:
    """Return the part of a query that says where to search: pages, of these spaces."""
    clauses = ["type = page"]
    if EVERY_KEY not in spaces:
        clauses.append(f"space in ({','.join(map(string_literal, spaces))})")
    if updated_after is not None:
        clauses.append(f'lastmodified >= "{updated_after.isoformat()}"')
    return " AND ".join(clauses)
