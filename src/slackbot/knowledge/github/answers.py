"""What several queries found together, and what is missing from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Generic, TypeVar

from slackbot.resilience.http import RequestRejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.errors import SourceError

Hit = TypeVar("Hit")
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Answers(Generic[Hit]):
    """What queries found, each ranked by itself, and why others failed.

    `is_complete` is false where GitHub ran out of time.
    """

    rankings: tuple[tuple[Hit, ...], ...] = ()
    failures: tuple[SourceError, ...] = ()
    is_complete: bool = True

    def __add__(self, other: Answers[Hit]) -> Answers[Hit]:
        return Answers(
            self.rankings + other.rankings,
            self.failures + other.failures,
            self.is_complete and other.is_complete,
        )

    @property
    def hits(self) -> list[Hit]:
        """The best of each ranking, then the second of each, and so on."""
        rows = zip_longest(
            *([(hit,) for hit in ranking] for ranking in self.rankings), fillvalue=()
        )
        return [hit for row in rows for cell in row for hit in cell]

    @property
    def is_rejected(self) -> bool:
        """Whether GitHub understood none of the queries."""
        rejected = all(isinstance(failure, RequestRejected) for failure in self.failures)
        return bool(self.failures) and not self.rankings and rejected

    def shown_as(self, show: Callable[[Hit], Shown]) -> Answers[Shown]:
        """Return the same of what each hit is shown as."""
        rankings = tuple(tuple(map(show, ranking)) for ranking in self.rankings)
        return Answers(rankings, self.failures, self.is_complete)
