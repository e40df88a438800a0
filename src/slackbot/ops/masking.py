"""Takes secrets out of text. Pure, and linear in the length of the text.

Shapes of tokens: Slack's and GitHub's documentation of token types, the AWS IAM user guide (access
key ids), Atlassian's API tokens, RFC 7617 (Basic) and RFC 6750 (Bearer).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Mask = Callable[[str], str]

MASK = "***"

SHORTEST = 6
"""Configured values that are shorter are left alone: they would turn up inside of words."""

_DEEPEST = 8

# A credential behind "Basic" or "Bearer" is told from an English word by its length, or by a
# character that a word does not have behind its first letter.
_CREDENTIAL = (
    r"(?:[A-Za-z0-9._~+/=-]{20,}"
    r"|(?=[A-Za-z0-9._~+/=-]{6})[A-Za-z0-9+/][a-z.~-]*[A-Z0-9_+/=][A-Za-z0-9._~+/=-]*)"
)

# Group 1 says what it was, and stays.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"((?i:basic|bearer)\s+){_CREDENTIAL}",  # first: "Basic" itself may look like a token
        r"(xox[a-z]-)[A-Za-z0-9%-]{4,}",
        r"(xapp-)[A-Za-z0-9-]{4,}",
        r"(xwfp-)[A-Za-z0-9-]{4,}",
        r"(gh[oprsu]_)[A-Za-z0-9_]{16}[A-Za-z0-9_.-]*",
        r"(github_pat_)[A-Za-z0-9_]{10,}",
        r"(AKIA|ASIA)[A-Z0-9]{16}",
        r"(ATATT)[A-Za-z0-9_=+/.-]{10,}",
        r"(?<![A-Za-z0-9])(sk-)[A-Za-z0-9_-]{16,}",  # not within "risk-…"
        r"([?&]ticket=)[^\s&\"'<>]+",
        r"(action_token[\"']?\s*[:=]\s*[\"']?)[^\s\"',&}]+",
        r"((?i:x-amz-security-token)[\"']?\s*[:=,]\s*b?[\"']?)[A-Za-z0-9+/=%]+",
        r"(://[^\s/:@\"']*:)[^\s/@\"']+(?=@)",
    )
)


def masker(secrets: Iterable[str] = ()) -> Mask:
    """Return a function that masks what looks like a secret, and each of `secrets` word for word.

    Text that holds neither comes back unchanged.
    """
    # The longest first: one secret may be the beginning of another.
    words = sorted({word for word in secrets if len(word) >= SHORTEST}, key=len, reverse=True)
    literal = re.compile("|".join(map(re.escape, words))) if words else None

    def mask(text: str) -> str:
        if literal is not None:
            text = literal.sub(MASK, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{MASK}", text)
        return text

    return mask


def mask_deep(value: object, mask: Mask, depth: int = 0) -> object:
    """Return `value` masked throughout, made of what JSON knows; other objects by their repr."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask(value)
    if depth < _DEEPEST:
        if isinstance(value, Mapping):
            return {mask(str(key)): mask_deep(item, mask, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [mask_deep(item, mask, depth + 1) for item in value]
    return mask(repr(value))
