"""Evaluates CQL over the sample company's pages, as Confluence Cloud does. Pure."""

from __future__ import annotations

import html
import operator
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from slackbot.demo.cql import And, Clause, CqlError, Expression, Not, Or, parse
from slackbot.ranking import Index, Wanted, parse_search_text, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from slackbot.demo.company.wiki import Page

TITLE_WEIGHT = 3.0
EXCERPT_CHARACTERS = 320

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_PARAMETER = re.compile(
    r"<ac:parameter[^>]*>[^<]*</ac:parameter>|<ac:task-(?:id|status)>\w+</ac:task-\w+>"
)
_TAG = re.compile(r"<[^>]+>")
_FULL_TEXT = frozenset({"sitesearch", "text", "title"})
_DATES = frozenset({"lastmodified", "created"})
_DATE_COMPARISONS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")

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
            CqlError: the query cannot be parsed, or asks for a field that is not known.
        """
        query = parse(cql)
        for clause in _clauses(query.where):
            _check(clause)
        found = [page for page in self.pages.values() if self._matches(query.where, page)]
        if query.order_by is None:
            wanted = search_texts(query.where)
            return sorted(found, key=lambda page: -self._score(page, wanted))
        if query.order_by == "title":
            return sorted(found, key=lambda page: page.title, reverse=query.descending)
        if query.order_by in _DATES:
            return sorted(found, key=lambda page: page.updated, reverse=query.descending)
        raise CqlError(f"cannot order by {query.order_by!r}")

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

    def _matches(self, expression: Expression, page: Page) -> bool:
        match expression:
            case And(parts):
                return all(self._matches(part, page) for part in parts)
            case Or(parts):
                return any(self._matches(part, page) for part in parts)
            case Not(part):
                return not self._matches(part, page)
            case Clause():
                return self._holds(expression, page)
            case _:
                assert_never(expression)

    def _holds(self, clause: Clause, page: Page) -> bool:
        if clause.operator == "~":
            return self._contains(clause.field, _wanted(clause), page)
        if clause.field in _DATES:
            return _DATE_COMPARISONS[clause.operator](page.updated, _date(clause.values[0]))
        value = _VALUES[clause.field](page)
        return value.casefold() in {wanted.casefold() for wanted in clause.values}

    def _contains(self, field: str, wanted: Wanted, page: Page) -> bool:
        if field == "title":
            return self._titles.has_all(page.id, wanted)
        if field == "text":
            return self._bodies.has_all(page.id, wanted)
        return self._bodies.has_any(page.id, wanted)


def search_texts(expression: Expression) -> list[Wanted]:
    """Return what the full-text clauses ask for, but for those that are negated."""
    match expression:
        case And(parts) | Or(parts):
            return [wanted for part in parts for wanted in search_texts(part)]
        case Clause() if expression.operator == "~":
            return [_wanted(expression)]
        case _:
            return []


def plain_text(storage: str) -> str:
    """Return the words of a page on one line."""
    without_parameters = _PARAMETER.sub(" ", storage)
    escaped = _CDATA.sub(lambda found: html.escape(found[1], quote=False), without_parameters)
    return " ".join(html.unescape(_TAG.sub(" ", escaped)).split())


def _clauses(expression: Expression) -> Iterator[Clause]:
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _clauses(part)
        case Not(part):
            yield from _clauses(part)
        case Clause():
            yield expression
        case _:
            assert_never(expression)


def _check(clause: Clause) -> None:
    """Refuse what Confluence would: one wrong clause spoils the query, whatever the others say."""
    if clause.field in _FULL_TEXT and clause.operator == "~":
        _wanted(clause)
    elif clause.field in _DATES and clause.operator in _DATE_COMPARISONS:
        _date(clause.values[0])
    elif clause.field not in _VALUES or clause.operator not in ("=", "in"):
        raise CqlError(f"cannot ask {clause.field!r} with {clause.operator!r}")


def _wanted(clause: Clause) -> Wanted:
    try:
        return parse_search_text(clause.values[0])
    except ValueError as error:
        raise CqlError(str(error)) from error


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


def _date(text: str) -> datetime:
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise CqlError(f"not a date: {text!r}")
