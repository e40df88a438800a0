"""The emoji that this workspace knows, by the names that reactions.add takes.

Slack refuses a name that it does not know with `invalid_name` (its documentation of
reactions.add), so a bot that misspells one must find out here. The table is the page's own: what
its picker offers can be reacted with.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def glyphs() -> Mapping[str, str]:
    """Return the character of each emoji by its short names."""
    module = files("localslack.page").joinpath("static", "render", "emoji_table.js")
    table = module.read_text(encoding="utf-8").split("`")[-2]
    by_name: dict[str, str] = {}
    for line in table.strip().splitlines():
        character, *names = line.partition("|")[0].split()
        by_name |= dict.fromkeys(names, character)
    return MappingProxyType(by_name)
