"""Which documents are out of date, and which of the others replace them. Pure.

Signs are what documents say themselves: that they are outdated, or that they replace another, which
they name by its title. Of two documents with the same title but for a year, the later one counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slackbot.llm.offline.words import parts_of, stem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slackbot.llm.offline.documents import Document

_MARK = re.compile(
    r"^[^\w\n]{0,9}(?:(?i:state|status)\W{1,9})?(?:OUTDATED|OBSOLETE|DEPRECATED|SUPERSEDED)\b(?!\s*[=(\[])"
    r"|\b(?i:(?:has been|was|is) (?:replaced|superseded) by|is (?:outdated|obsolete|out of date)"
    r"|no longer (?:valid|in force)|this was the (?:policy|process|procedure|rule|guideline))\b",
    re.MULTILINE,
)
_REPLACING = re.compile(r"\b(?:replac|supersed)\w*")
_YEAR = re.compile(r"\W{0,3}\b(?:19|20)\d\d\b\W{0,3}")
_REACH = 120
"""How far from a title it is said that it is replaced, in characters."""
_SHORT = 2  # words
_QUOTES = ('"', "“", "„", "«", "'", "‘")


def is_outdated(document: Document) -> bool:
    """Whether a document says of itself that it no longer holds."""
    return _MARK.search(f"{document.title}\n{document.content}") is not None


def replacement(old: Document, documents: Iterable[Document]) -> Document | None:
    """Return the document among others that a document should give way to."""
    says_so = is_outdated(old)
    may_be_past = says_so or _YEAR.search(old.title) is not None
    for new in documents:
        if new.url == old.url:
            continue
        is_named = _names_as_replaced(new, old) or (says_so and _names_as_replaced(old, new))
        if (is_named or (may_be_past and _is_edition_after(new, old))) and not is_outdated(new):
            return new
    return None


def title_without_year(document: Document) -> str:
    """Return a title as it may be searched for, to find what came after the document."""
    return _YEAR.sub(" ", document.title).strip() or document.title


def _names_as_replaced(document: Document, other: Document) -> bool:
    """Whether a document speaks of replacing beside the title of another.

    A title of one or two words may be meant as words only: it counts in quotation marks.
    """
    text, title = document.content.casefold(), other.title.casefold()
    marks = _QUOTES if len(parts_of(title)) <= _SHORT else ("",)
    at = max(text.find(f"{mark}{title}") for mark in marks)
    if at < 0 or not title:
        return False
    return _REPLACING.search(text, max(0, at - _REACH), at + len(title) + _REACH) is not None


def _is_edition_after(new: Document, old: Document) -> bool:
    """Whether two titles are the same but for years, and one was changed later."""
    if new.updated_at is None or old.updated_at is None or new.updated_at <= old.updated_at:
        return False
    return _stems(new) == _stems(old)


def _stems(document: Document) -> frozenset[str]:
    return frozenset(map(stem, parts_of(title_without_year(document))))
