"""Evaluates CQL over the sample company's pages, as Confluence Cloud does. Pure."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from slackbot.demo.confluence.cql import parse
from slackbot.demo.query import (
    DATE_COMPARISONS,
    QueryError,
    clauses,
    date_value,
    holds,
    search_text,
    search_texts,
)
from slackbot.ranking import Index, Wanted, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slackbot.demo.company.wiki import Page
    from slackbot.demo.query import Clause, Expression, Sort

TITLE_WEIGHT = 3.0
EXCERPT_CHARACTERS = 320

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_PARAMETER = re.compile(
    r"<ac:(?:parameter|adf-attribute)[^>]*>[^<]*</ac:(?:parameter|adf-attribute)>"
    r"|<ac:task-(?:id|status)>\w+</ac:task-\w+>"
)
_TAG = re.compile(r"<[^>]+>")
_FULL_TEXT = frozenset({"sitesearch", "text", "title"})
_DATES = frozenset({"lastmodified", "created"})

_VALUES: Mapping[str, Callable[[Page], str]] = {
    "type": lambda _page: "page",
    "space": lambda page: page.space.key,
    "id": lambda page: page.id,
    "title": lambda page: page.title,
}


class ConfluenceIndex:
    """All pages, ready to be searched."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = {page.id: page for page in pages}
        self._texts = {page.id: plain_text(page.body) for page in self.pages.values()}
        self._titles = Index({page.id: page.title for page in self.pages.values()})
        # In CQL `text` stands for title, body and labels together.
        self._bodies = Index(
            {key: f"{self.pages[key].title}\n{text}" for key, text in self._texts.items()}
        )

    def search(self, cql: str) -> list[Page]:
        """Return the pages that match, in the order asked for, else the most relevant first.

        Raises:
            QueryError: the query cannot be parsed, or asks for a field that is not known.
        """
        query = parse(cql)
        for clause in clauses(query.where):
            _check(clause)
        found = [page for page in self.pages.values() if self._matches(query.where, page)]
        if not query.order:
            wanted = search_texts(query.where)
            return sorted(found, key=lambda page: -self._score(page, wanted))
        for sort in reversed(query.order):
            found.sort(key=_sort_key(sort), reverse=sort.descending)
        return found

    def excerpt(self, page: Page, cql: str) -> str:
        """Return the most telling part of a page, its words marked as Confluence does."""
        stems = {stem for wanted in search_texts(parse(cql).where) for stem in _all_stems(wanted)}
        text = self._texts[page.id]
        hits = [term for term in terms(text) if term.stem in stems]
        start = _best_start([term.start for term in hits], EXCERPT_CHARACTERS)
        start = text.rfind(" ", 0, start) + 1
        end = min(start + EXCERPT_CHARACTERS, len(text))
        parts, position = [], start
        for term in hits:
            if position <= term.start and term.end <= end:
                parts.append(html.escape(text[position : term.start], quote=False))
                word = html.escape(text[term.start : term.end], quote=False)
                parts.append(f"@@@hl@@@{word}@@@endhl@@@")
                position = term.end
        return "".join([*parts, html.escape(text[position:end], quote=False)])

    def _score(self, page: Page, texts: Sequence[Wanted]) -> float:
        return sum(
            TITLE_WEIGHT * self._titles.score(page.id, wanted) + self._bodies.score(page.id, wanted)
            for wanted in texts
        )

    def _matches(self, where: Expression, page: Page) -> bool:
        return holds(where, lambda clause: self._holds(clause, page))

    def _holds(self, clause: Clause, page: Page) -> bool:
        if clause.operator == "~":
            return self._contains(clause.field, search_text(clause), page)
        if clause.field in _DATES:
            return DATE_COMPARISONS[clause.operator](page.updated, date_value(clause.values[0]))
        value = _VALUES[clause.field](page)
        return value.casefold() in {wanted.casefold() for wanted in clause.values}

    def _contains(self, field: str, wanted: Wanted, page: Page) -> bool:
        if field == "title":
            return self._titles.has_all(page.id, wanted)
        if field == "text":
            return self._bodies.has_all(page.id, wanted)
        return self._bodies.has_any(page.id, wanted)


def plain_text(storage: str) -> str:
    """Return the words of a page on one line."""
    without_parameters = _PARAMETER.sub(" ", storage)
    escaped = _CDATA.sub(lambda found: html.escape(found[1], quote=False), without_parameters)
    return " ".join(html.unescape(_TAG.sub(" ", escaped)).split())


def _check(clause: Clause) -> None:
    """Refuse what Confluence would: one wrong clause spoils the query, whatever the others say."""
    if clause.field in _FULL_TEXT and clause.operator == "~":
        search_text(clause)
    elif clause.field in _DATES and clause.operator in DATE_COMPARISONS:
        date_value(clause.values[0])
    elif clause.field not in _VALUES or clause.operator not in ("=", "in"):
        raise QueryError(f"cannot ask {clause.field!r} with {clause.operator!r}")


def _sort_key(sort: Sort) -> Callable[[Page], str]:
    if sort.field == "title":
        return lambda page: page.title
    if sort.field in _DATES:
        return lambda page: page.updated.isoformat()
    raise QueryError(f"cannot order by {sort.field!r}")


def _all_stems(wanted: Wanted) -> tuple[str, ...]:
    return (*wanted.stems, *(stem for phrase in wanted.phrases for stem in phrase))


def _best_start(positions: Sequence[int], width: int) -> int:
    """Return where the window begins that shows the most of the positions."""
    if not positions:
        return 0
    best = max(
        positions, key=lambda start: sum(start <= other < start + width for other in positions)
    )
    return max(best - width // 8, 0)
