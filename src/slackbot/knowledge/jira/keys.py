"""The keys of projects and issues, and which projects the operator lets people see. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL_PROJECTS: Final = "*"
PROJECT_KEY: Final = r"^[A-Za-z][A-Za-z0-9_]{0,254}$"
ISSUE_KEY: Final = r"^[A-Za-z][A-Za-z0-9_]{0,254}-[0-9]{1,19}$"

_NAMED_KEY = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z0-9_]{1,254}-[0-9]{1,19}(?![\w-])")


@dataclass(frozen=True, slots=True)
class AllowList:
    """Keys of the projects that may be shown; `*` among them is all that the account sees."""

    projects: tuple[str, ...]

    def admits(self, project_key: str) -> bool:
        """Whether a project may be shown. JQL's keys ignore case."""
        keys = {key.casefold() for key in self.projects}
        return ALL_PROJECTS in keys or project_key.casefold() in keys

    def admits_issue(self, issue_key: str) -> bool:
        """Whether an issue may be shown, by the project that its key begins with."""
        return self.admits(issue_key.rpartition("-")[0])

    def narrowed(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the projects to search: those wanted that may be shown, else all of those."""
        if not wanted:
            return self.projects
        return tuple(key for key in wanted if self.admits(key))


def named_keys(text: str) -> tuple[str, ...]:
    """Return what looks like keys of issues in a text, each once."""
    return tuple(dict.fromkeys(found.upper() for found in _NAMED_KEY.findall(text)))
