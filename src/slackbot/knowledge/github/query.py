r"""GitHub's query language, written from typed fields. Pure.

Sources, all in GitHub Docs: "REST API endpoints for search" (256 characters, five operators),
"Understanding the search syntax", and for issues "Building advanced filters for issues": there,
qualifiers of one kind are alternatives only with OR between them. The search for code does not know
brackets, and takes them for alternatives as they are.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.github.allow_list import owners_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slackbot.knowledge.github.arguments import IssueKind, SearchGitHubCode, SearchGitHubIssues

MAX_QUERY: Final = 256
MAX_OPERATORS: Final = 5
MAX_WORDS: Final = 120  # characters; every word must match, so more of them find less
MAX_WORD: Final = 64  # characters, as many as a SHA-256 has
MAX_ALTERNATIVES: Final = 4
MAX_REQUESTS: Final = 3
"""Repositories are asked for by their owners where naming each would take more requests."""

_AND, _OR = " ", " OR "
_OPERATORS = frozenset({"and", "or", "not"})
_BOT = "[bot]"


class TooManyFilters(ValueError):
    """The qualifiers leave no room for a word and a scope."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for: words that must all match, qualifiers, and where to search.

    `scopes` are qualifiers too, of which any may match; none is everywhere.
    """

    words: tuple[str, ...]
    qualifiers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text: letters, digits, inner dots and underscores, nothing else.

    So no quote, bracket, colon, sign or comparison is left, and no operator: AND, OR and NOT are
    left out in any case, and look-alikes are folded first. Words that are too long are left out.
    """
    folded = unicodedata.normalize("NFKC", strip_invisible(text))
    spaced = "".join(letter if _stays(letter) else " " for letter in folded)
    words = (word.strip("._") for word in spaced.split())
    return tuple(
        dict.fromkeys(
            word for word in words if 0 < len(word) <= MAX_WORD and word.lower() not in _OPERATORS
        )
    )


def issue_qualifiers(wanted: SearchGitHubIssues, kind: IssueKind | None) -> tuple[str, ...]:
    """Return what an issue or a pull request must be; with no kind, either will do."""
    parts = [] if kind is None else [f"is:{kind.replace('_', '-')}"]
    if wanted.state is not None:
        parts.append("is:merged" if wanted.state == "merged" else f"state:{wanted.state}")
    if wanted.author is not None:
        name = wanted.author.removesuffix(_BOT)
        parts.append(f"author:{name}" if name == wanted.author else f"author:app/{name}")
    if wanted.updated_after is not None:
        parts.append(f"updated:>={wanted.updated_after.isoformat()}")
    return (*parts, *(f'label:"{label}"' for label in wanted.labels))


def code_qualifiers(wanted: SearchGitHubCode) -> tuple[str, ...]:
    """Return what a file must be."""
    texts = {"language": wanted.language, "path": wanted.path}
    return tuple(f'{name}:"{text}"' for name, text in texts.items() if text is not None)


def issue_queries(wanted: Wanted) -> tuple[str, ...]:
    """Return the queries that together search issues or pull requests for all the words.

    Raises:
        TooManyFilters: no query can be that long.
    """
    return _queries(wanted, words_by=_AND, scopes_by=_OR)


def alternative_queries(wanted: Wanted) -> tuple[str, ...]:
    """Return queries for any of the words, the longest ones, which tend to be the rarest.

    Raises:
        TooManyFilters: no query can be that long.
    """
    longest = tuple(sorted(wanted.words, key=len, reverse=True)[:MAX_ALTERNATIVES])
    return _queries(replace(wanted, words=longest), words_by=_OR, scopes_by=_OR)


def code_queries(wanted: Wanted) -> tuple[str, ...]:
    """Return the queries that together search code for all the words.

    Raises:
        TooManyFilters: no query can be that long.
    """
    return _queries(wanted, words_by=_AND, scopes_by=_AND)


def commit_query(repository: str, commit: str) -> str:
    """Return the query for a commit of a repository, by its hash."""
    return f"hash:{commit} repo:{repository}"


def _queries(wanted: Wanted, *, words_by: str, scopes_by: str) -> tuple[str, ...]:
    qualifiers = " ".join(wanted.qualifiers)
    room = MAX_QUERY - len(qualifiers) - max(map(len, wanted.scopes), default=0) - 2
    words = _fitting(wanted.words, min(room, MAX_WORDS), words_by)
    head = f"{_joined(words, words_by)} {qualifiers}".strip()
    if not wanted.scopes:
        return (head,)
    spent = len(words) - 1 if words_by == _OR else 0
    most = MAX_OPERATORS - spent + 1 if scopes_by == _OR else MAX_QUERY
    left = MAX_QUERY - len(head) - 1
    groups = list(_groups(wanted.scopes, left, most, scopes_by))
    if len(groups) > MAX_REQUESTS:
        groups = list(_groups(owners_of(wanted.scopes), left, most, scopes_by))
    return tuple(f"{head} {group}" for group in groups)


def _fitting(words: Sequence[str], room: int, joined_by: str) -> list[str]:
    """Return as many of the first words as fit."""
    fitting: list[str] = []
    for word in words:
        if len(_joined([*fitting, word], joined_by)) > room:
            break
        fitting.append(word)
    if not fitting:
        raise TooManyFilters("the filters leave no room for a word")
    return fitting


def _groups(scopes: Sequence[str], room: int, most: int, joined_by: str) -> Iterator[str]:
    """Join scopes of one kind, as many as fit into a query."""
    group: list[str] = []
    for scope in sorted(scopes, key=_kind):
        longer = [*group, scope]
        fits = len(_joined(longer, joined_by)) <= room and len(longer) <= most
        if group and not (fits and _kind(group[0]) == _kind(scope)):
            yield _joined(group, joined_by)
            longer = [scope]
        group = longer
    yield _joined(group, joined_by)


def _joined(parts: Sequence[str], joined_by: str) -> str:
    text = joined_by.join(parts)
    return f"({text})" if joined_by == _OR and len(parts) > 1 else text


def _kind(scope: str) -> str:
    return scope.partition(":")[0]


def _stays(letter: str) -> bool:
    return letter in "._" or unicodedata.category(letter)[0] in "LMN"
