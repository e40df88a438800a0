"""Builds CQL from typed fields: each value a string literal, the spaces in every query. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slackbot.knowledge.text.keywords import string_literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

ALL_SPACES: Final = "*"


def title_cql(keywords: str, scope: str) -> str:
    """Return what asks for pages by their titles."""
    return f"title ~ {string_literal(keywords)} AND {scope}"


def text_cql(keywords: str, scope: str) -> tuple[str, str]:
    """Return what asks as the site's own search box does, and as any site lets one ask."""
    words = string_literal(keywords)
    return f"siteSearch ~ {words} AND {scope}", f"(title ~ {words} OR text ~ {words}) AND {scope}"


def scope_cql(spaces: Sequence[str], updated_after: date | None = None) -> str:
    """Return the part of a query that says where to search: pages, of these spaces."""
    clauses = ["type = page"]
    if ALL_SPACES not in spaces:
        clauses.append(f"space in ({','.join(map(string_literal, spaces))})")
    if updated_after is not None:
        clauses.append(f'lastmodified >= "{updated_after.isoformat()}"')
    return " AND ".join(clauses)
