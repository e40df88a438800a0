"""Atlassian Document Format (ADF), the JSON that Jira keeps rich text in, to Markdown. Pure.

One walk over the tree. A node of an unknown type leaves its contents to its parent, so that nothing
that people wrote is lost. Any JSON is walked within bounds, and none raises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.adf_phrases import PHRASES, Node
from slackbot.knowledge.text.markdown import (
    MAX_PADDED_COLUMNS,
    fenced,
    list_item,
    one_line,
    quoted,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 24
CUT_NOTE: Final = "*(The text is longer than this; the rest was left out.)*"

_PANELS = {
    "info": "Info", "note": "Note", "warning": "Warning", "error": "Error", "success": "Success",
    "tip": "Tip",
}  # fmt: skip
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_ALONE = frozenset({"blockCard", "embedCard", "media"})  # phrases that are blocks where blocks are
_MAX_NUMBER = 10_000


def adf_to_markdown(document: object, limit: int = MAX_CHARACTERS) -> str:
    """Convert a document, or as much of it as the bounds allow, and say where it was cut.

    `limit` counts characters and nodes together. What is no document is empty.
    """
    walk = _Walk(limit)
    blocks = walk.blocks(Node("", children=(document,)), 0)
    return strip_invisible("\n\n".join([*blocks, CUT_NOTE] if walk.was_cut else blocks))


class _Walk:
    """Walks a tree until it ends, or until what is left to read is used up."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.was_cut = False

    def blocks(self, parent: Node, depth: int) -> list[str]:
        """Return what is in a node, block by block; phrases beside blocks make one, too."""
        blocks: list[str] = []
        line: list[str] = []
        for node in self._children(parent, depth):
            if node.kind in PHRASES and node.kind not in _ALONE:
                line.append(PHRASES[node.kind](node))
                continue
            blocks.append("".join(line).strip())
            line.clear()
            blocks.append(self._block(node, depth + 1))
        blocks.append("".join(line).strip())
        return [block for block in blocks if block]

    def _children(self, parent: Node, depth: int) -> Iterator[Node]:
        for value in parent.children:
            if self._left <= 0 or depth > MAX_DEPTH:
                self.was_cut = True
                return
            self._left -= 1
            node = Node.of(value)
            if node is None:
                continue
            if len(node.text) > self._left:
                self.was_cut = True
                node = replace(node, text=node.text[: self._left])
            self._left -= len(node.text)
            yield node

    def _block(self, node: Node, depth: int) -> str:
        match node.kind:
            case "paragraph":
                return self._line(node, depth).strip()
            case "heading":
                words = one_line(self._line(node, depth))
                return f"{'#' * node.number('level', 6)} {words}" if words else ""
            case "codeBlock":
                code = "".join(child.text for child in self._children(node, depth))
                return fenced(code.strip("\n"), node.attribute("language"))
            case "panel" | "blockquote":
                return quoted(self._titled(node, _PANELS.get(node.attribute("panelType")), depth))
            case "table":
                return self._table(node, depth)
            case "rule":
                return "---"
            case kind if kind in _LISTS:
                return self._list(node, depth)
            case kind if kind in _ALONE:
                return PHRASES[node.kind](node)
            case _:  # an expand has a title, an extension a text for those that do not know it
                body = self._titled(node, one_line(node.attribute("title")), depth)
                return body or node.own_text.strip()

    def _line(self, parent: Node, depth: int) -> str:
        """Return what is in a node as part of one line of text, blocks included."""
        return "".join(
            PHRASES[node.kind](node)
            if node.kind in PHRASES
            else self._line(node, depth + 1) or node.own_text
            for node in self._children(parent, depth)
        )

    def _titled(self, node: Node, title: str | None, depth: int) -> str:
        return "\n\n".join([*([f"**{title}**"] if title else []), *self.blocks(node, depth)])

    def _list(self, parent: Node, depth: int) -> str:
        """Return the items line by line. Nested task lists stand between items, not in one."""
        items: list[str] = []
        number = parent.number("order", _MAX_NUMBER)
        for node in self._children(parent, depth):
            if node.kind in _LISTS:
                nested = self._list(node, depth + 1)
                items += [f"  {line}" for line in nested.split("\n")] if nested else []
            elif blocks := self.blocks(node, depth + 1):
                bullet = f"{number}. " if parent.kind == "orderedList" else "- "
                items.append(list_item(bullet, blocks, _box(node)))
                number += 1
        return "\n".join(items)

    def _table(self, parent: Node, depth: int) -> str:
        hanging: dict[int, int] = {}
        rows = [self._row(node, hanging, depth + 1) for node in self._children(parent, depth)]
        filled = [row for row in rows if any(row)]
        return table(filled) if filled else ""

    def _row(self, parent: Node, hanging: dict[int, int], depth: int) -> list[str]:
        """Return the cells, each in its column.

        `hanging` says of a column for how many more rows a cell from above takes it up.
        """
        cells = _taken_up(hanging, 0)
        for node in self._children(parent, depth):
            column = len(cells)
            cells.append(" ".join(self.blocks(node, depth + 1)))
            if column < MAX_PADDED_COLUMNS:
                cells += [""] * (node.number("colspan", MAX_PADDED_COLUMNS) - 1)
                rows_below = node.number("rowspan", _MAX_NUMBER) - 1
                hanging.update(dict.fromkeys(range(column, len(cells)), rows_below))
            cells += _taken_up(hanging, len(cells))
        return cells


def _taken_up(hanging: dict[int, int], column: int) -> list[str]:
    """Return an empty cell for each column from this one on that a cell from above takes up."""
    cells: list[str] = []
    while rows := hanging.get(column + len(cells)):
        hanging[column + len(cells)] = rows - 1
        cells.append("")
    return cells


def _box(item: Node) -> str:
    if item.kind not in ("taskItem", "blockTaskItem"):
        return ""
    return "[x] " if item.attribute("state") == "DONE" else "[ ] "
