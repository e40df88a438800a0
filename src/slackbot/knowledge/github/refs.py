r"""Which commit a reader may mean: names of branches and tags, and hashes to be looked up. Pure.

GitHub keeps the commits of a repository and of all its forks in one place: asked for a file as of a
hash, it also serves a commit that somebody pushed to a fork, be it private or deleted since. And
Git has a language for revisions, in which `x~2`, `deadbee` and `x-gdeadbee` are hashes or lead to
one. So a name is always asked for as a full one, beneath `refs/`, with nothing in it that means
something; and a hash only after GitHub found it on the default branch.

Sources: gitrevisions(7), git-check-ref-format(1); GitHub Docs, "Commit exists on GitHub but not
in my local clone" and "Searching commits".
"""

from __future__ import annotations

import re
from typing import Final

_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_QUALIFIED: Final = re.compile(r"refs/(?:heads|tags)/.+")
_NO_NAME: Final = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[/.]\Z|\A[/.-]|\A\Z"
)
_DESCRIPTION: Final = re.compile(r"-g[0-9a-f]{4,}\Z", re.IGNORECASE)  # as `git describe` writes it

DEFAULT: Final = "HEAD"


def is_hash(ref: str) -> bool:
    """Whether this is the whole hash of a commit."""
    return _HASH.fullmatch(ref.lower()) is not None


def full_names(ref: str) -> tuple[str, ...]:
    """Return the full names that a branch or tag of this name has; none if it can have none."""
    if _NO_NAME.search(ref) or _DESCRIPTION.search(ref):
        return ()
    return (ref,) if _QUALIFIED.fullmatch(ref) else (f"refs/heads/{ref}", f"refs/tags/{ref}")
