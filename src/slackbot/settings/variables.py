"""Where settings come from: variables by name, out of a mapping, a `.env` file and secret files.

Knows no setting and does not touch the process environment: `config` does.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FROM_FILE = "_FILE"
"""Ends the name of a variable that names the file in which a secret stands."""

_NEAR = 0.84  # CONFLUENCE_TOKEN is near CONFLUENCE_API_TOKEN, AWS_DEFAULT_REGION is not AWS_REGION


@dataclass(frozen=True, slots=True)
class Unusable:
    """Stands for a value that could not be had, until validation reports why."""

    reason: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A name that is set, is no setting, and looks like one."""

    name: str
    meant: str


def is_blank(value: object) -> bool:
    """Say whether a value is text of which nothing is left to read."""
    return isinstance(value, str) and not value.strip()


def collect(environ: Mapping[str, str], env_file: Path | str | None) -> dict[str, str]:
    """Return what is set, by upper-case name: the mapping's before the file's; blank is not set.

    Raises:
        ConfigurationError: the file is there and cannot be read.
    """
    return {
        name.upper(): value.strip()
        for place in (_read_env_file(env_file), environ)
        for name, value in place.items()
        if value is not None and not is_blank(value)
    }


def resolve_secrets(
    variables: Mapping[str, str], names: Iterable[str]
) -> dict[str, str | Unusable]:
    """Return the secrets among `names` that a file named by `<NAME>_FILE` holds, or why not."""
    return {
        name: (
            Unusable(f"is set, and so is {name}{FROM_FILE}: keep one of them")
            if name in variables
            else _read_secret(name, Path(variables[name + FROM_FILE]))
        )
        for name in names
        if name + FROM_FILE in variables
    }


def find_near_misses(names: Iterable[str], known: Collection[str]) -> tuple[NearMiss, ...]:
    """Return the names that are probably misspelt, among those that begin like a known one."""
    beginnings = tuple({name.partition("_")[0] + "_" for name in known})
    return tuple(
        NearMiss(name, near[0])
        for name in sorted(set(names).difference(known))
        if name.startswith(beginnings)
        and (near := difflib.get_close_matches(name, known, n=1, cutoff=_NEAR))
    )


def _read_env_file(path: Path | str | None) -> Mapping[str, str | None]:
    if path is None:
        return {}
    try:
        # Editors on Windows begin a file with a byte order mark; a `$` in a secret is a `$`.
        return dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The file {path} cannot be read: {_reason(error)}.") from None


def _read_secret(name: str, path: Path) -> str | Unusable:
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        return Unusable(f"cannot be read from {name}{FROM_FILE}: {_reason(error)}")
    if is_blank(secret):
        return Unusable(f"is empty in the file that {name}{FROM_FILE} names")
    return secret


def _reason(error: OSError | ValueError) -> str:
    """Say what is wrong with a file, and nothing of what stands in it."""
    return error.strerror or "unreadable" if isinstance(error, OSError) else "it is not UTF-8 text"
