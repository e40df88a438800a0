"""The interactive elements of blocks, and the ids by which a press names them.

Slack's documentation of Block Kit: a block_id and an action_id that the app leaves out are
generated. Here they come from the place of the block and of the element, so that they stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localslack.model import Json

_WITH_ELEMENTS = frozenset({"actions", "context_actions"})
_SINGLE = ("accessory", "element")
"""Where a section and an input hold their one element."""


def with_ids(blocks: Iterable[Json]) -> list[Json]:
    """Return blocks that each have a block_id, and whose interactive elements have action_ids."""
    return [_named(block, place) for place, block in enumerate(blocks)]


def element(blocks: Iterable[Json], block_id: str, action_id: str) -> Json | None:
    """Return the interactive element that two ids name, or `None`."""
    for block in with_ids(blocks):
        if block["block_id"] != block_id:
            continue
        for found in _elements(block):
            if found.get("action_id") == action_id:
                return found
    return None


def _named(block: Json, place: int) -> Json:
    block_id = block.get("block_id") or f"b{place}"
    named = block | {"block_id": block_id}
    if block.get("type") in _WITH_ELEMENTS:
        elements = enumerate(block["elements"])
        named["elements"] = [_acting(item, f"{block_id}.{number}") for number, item in elements]
    for name in _SINGLE:
        if name in block:
            named[name] = _acting(block[name], block_id)
    return named


def _acting(item: Json, action_id: str) -> Json:
    if item.get("type") == "image":
        return item
    return item | {"action_id": item.get("action_id") or action_id}


def _elements(block: Json) -> Iterable[Json]:
    if block.get("type") in _WITH_ELEMENTS:
        yield from block["elements"]
    yield from (block[name] for name in _SINGLE if name in block)
