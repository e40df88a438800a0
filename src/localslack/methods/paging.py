"""Pages of a list, by a cursor that means nothing to its reader (Slack's documentation)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, TypeVar

from localslack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localslack.arguments import Arguments
    from localslack.model import Json

Item = TypeVar("Item")

PAGE_LIMIT = 1_000


def page(
    items: Sequence[Item], arguments: Arguments, default: int, maximum: int = PAGE_LIMIT
) -> tuple[Sequence[Item], Json]:
    """Return the part of a list that `cursor` and `limit` ask for, and the fields beside it."""
    start = int(read_cursor(arguments) or 0)
    limit = arguments.number("limit", default, maximum)
    end = start + limit
    following = str(end) if end < len(items) else None
    return items[start:end], page_fields(following)


def read_cursor(arguments: Arguments) -> str | None:
    """Return what `page_fields` put into the cursor.

    Raises:
        SlackError: `invalid_cursor`.
    """
    cursor = arguments.optional_text("cursor")
    if not cursor:
        return None
    try:
        kind, _, value = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if kind != "next" or not value.replace(".", "").isdigit():
        raise SlackError("invalid_cursor")
    return value


def page_fields(following: str | None) -> Json:
    """Return the fields that lead to the next page, which begins at `following`."""
    if following is None:
        return {"has_more": False, "response_metadata": {"next_cursor": ""}}
    cursor = base64.b64encode(f"next:{following}".encode()).decode()
    return {"has_more": True, "response_metadata": {"next_cursor": cursor}}
