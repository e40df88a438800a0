"""Reads the files that the sample company's documents lie in."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_ROOT = files("slackbot.demo") / "documents"


def texts_in(folder: str) -> dict[str, str]:
    """Return the text of every file beneath a folder, by its path from there, in order."""
    found = _walk(_ROOT.joinpath(*PurePosixPath(folder).parts), PurePosixPath())
    return dict(sorted((str(path), text) for path, text in found))


def tables_in(folder: str) -> dict[str, dict[str, Any]]:
    """Return every TOML document beneath a folder, by its path from there, in order."""
    return {
        path: tomllib.loads(text)
        for path, text in texts_in(folder).items()
        if path.endswith(".toml")
    }


def _walk(folder: Traversable, at: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, at / entry.name)
        else:
            yield at / entry.name, entry.read_text(encoding="utf-8")
