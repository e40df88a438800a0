"""Which repositories may be shown, by the operator's patterns. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYTHING: Final = "*"
_NO_NAMES: Final = frozenset({"", ".", ".."})  # what a path takes for something else


@dataclass(frozen=True, slots=True)
class AllowList:
    """The operator's patterns, in lower case: GitHub's names ignore case.

    `owner/name`, `owner/*` and `*` admit; `!owner/name` and `!owner/*` leave out, whatever admits.
    """

    admitted: tuple[str, ...]
    left_out: frozenset[str]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Self:
        """Read the patterns.

        Raises:
            ConfigurationError: they admit nothing.
        """
        lowered = tuple(pattern.lower() for pattern in patterns)
        admitted = tuple(dict.fromkeys(one for one in lowered if not one.startswith("!")))
        if not admitted:
            raise ConfigurationError("GITHUB_REPOS admits no repository")
        return cls(admitted, frozenset(one[1:] for one in lowered if one.startswith("!")))

    def admits(self, repository: str) -> bool:
        """Whether a repository, given as `owner/name`, may be shown."""
        owner, _, name = repository.lower().partition("/")
        if owner in _NO_NAMES or name in _NO_NAMES or "/" in name:
            return False
        patterns = {f"{owner}/{name}", f"{owner}/*"}
        if not self.left_out.isdisjoint(patterns):
            return False
        return not (patterns | {EVERYTHING}).isdisjoint(self.admitted)

    def scopes(self) -> tuple[str, ...]:
        """Return the qualifiers that name what is admitted; none if that is everything.

        What is left out is not in them: that is for the check of results.
        """
        if EVERYTHING in self.admitted:
            return ()
        owners = tuple(one.removesuffix("/*") for one in self.admitted if one.endswith("/*"))
        names = (one for one in self.admitted if one.partition("/")[0] not in owners)
        return (*repository_scopes(names), *(f"user:{owner}" for owner in owners))


def repository_scopes(repositories: Iterable[str]) -> tuple[str, ...]:
    """Return the qualifiers that name some repositories."""
    return tuple(f"repo:{name}" for name in repositories)


def owners_of(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return wider and fewer qualifiers: the owners of what these name."""
    owners = (scope.partition(":")[2].partition("/")[0] for scope in scopes)
    return tuple(dict.fromkeys(f"user:{owner}" for owner in owners))
