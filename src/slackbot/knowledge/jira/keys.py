"""The keys of projects and issues: what they look like, and those that a text names. Pure."""

from __future__ import annotations

import re
from typing import Final

PROJECT_KEY: Final = r"^[A-Za-z][A-Za-z0-9_]{0,254}$"
ISSUE_KEY: Final = r"^[A-Za-z][A-Za-z0-9_]{0,254}-[0-9]{1,19}$"

_NAMED_KEY = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z0-9_]{1,254}-[0-9]{1,19}(?![\w-])")


def project_of(issue_key: str) -> str:
    """Return the key of an issue's project, with which its own begins."""
    return issue_key.rpartition("-")[0]


def named_keys(text: str) -> tuple[str, ...]:
    """Return what looks like keys of issues in a text, each once."""
    return tuple(dict.fromkeys(found.upper() for found in _NAMED_KEY.findall(text)))
