"""The documents that tools found in the course of an answer, each once. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from slackbot.messages import KnowledgeResult, ReadMore, ToolCall, ToolResult


@dataclass(frozen=True, slots=True)
class Document:
    """One document, under the number that it may be cited as, if any.

    `found_by` are the searches that returned it. `is_whole`: more than an excerpt was read.
    """

    url: str
    title: str
    content: str
    number: int | None = None
    updated_at: datetime | None = None
    found_by: frozenset[str] = frozenset()
    is_whole: bool = False
    read_more: ReadMore | None = field(default=None, compare=False)  # a dict cannot be hashed


def documents_in(calls: Iterable[ToolCall], results: Iterable[ToolResult]) -> tuple[Document, ...]:
    """Return each document once, with the most of its content that any call returned."""
    asked = {call.id: call for call in calls}
    documents: dict[str, Document] = {}
    for result in results:
        call = asked.get(result.call_id)
        numbers = result.cited_as or (None,) * len(result.found)
        for found, number in zip(result.found, numbers, strict=True):
            new = _document(found, number, call)
            known = documents.get(found.url)
            documents[found.url] = new if known is None else _merged(known, new)
    return _distinct(documents.values())


def _document(found: KnowledgeResult, number: int | None, call: ToolCall | None) -> Document:
    is_search = call is not None and call.name.startswith("search_")
    queries = map(str, call.arguments.values()) if call is not None and is_search else ()
    return Document(
        url=found.url,
        title=found.title,
        content=found.content,
        number=number,
        updated_at=found.updated_at,
        found_by=frozenset(queries),
        is_whole=call is not None and not is_search,
        read_more=found.read_more,
    )


def _merged(known: Document, new: Document) -> Document:
    longer = max(known, new, key=lambda document: (document.is_whole, len(document.content)))
    return replace(
        known,
        title=longer.title,
        content=longer.content,
        updated_at=longer.updated_at or known.updated_at,
        found_by=known.found_by | new.found_by,
        is_whole=known.is_whole or new.is_whole,
        read_more=known.read_more or new.read_more,
    )


def _distinct(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Leave out what was read under another address already, such as a thread by two messages."""
    whole: set[str] = set()
    distinct: list[Document] = []
    for document in documents:
        if document.is_whole and document.content in whole:
            continue
        whole |= {document.content} if document.is_whole else set()
        distinct.append(document)
    return tuple(distinct)
