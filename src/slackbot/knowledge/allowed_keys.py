"""Which of a site's spaces or projects may be shown, by the operator's list of their keys. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_KEY: Final = "*"


@dataclass(frozen=True, slots=True)
class AllowedKeys:
    """The keys on the list; `*` among them is all that the account sees."""

    keys: tuple[str, ...]

    def admits(self, key: str) -> bool:
        """Whether what has this key may be shown. Confluence and Jira ignore the case of keys."""
        folded = {one.casefold() for one in self.keys}
        return EVERY_KEY in folded or key.casefold() in folded

    def narrowed(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the keys to search: those wanted that may be shown, else all of those."""
        if not wanted:
            return self.keys
        return tuple(key for key in wanted if key != EVERY_KEY and self.admits(key))
