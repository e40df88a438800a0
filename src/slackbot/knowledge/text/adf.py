"""Atlassian Document Format (ADF), the JSON that Jira keeps rich text in, to Markdown. Pure.

One walk over the tree. A node of an unknown type leaves its contents to its parent, so that nothing
that people wrote is lost. Any JSON is walked within bounds, and none raises.
Source: Atlassian, "Atlassian Document Format", the pages of its nodes and marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.markdown import (
    MAX_PADDED_COLUMNS,
    code_span,
    fenced,
    link,
    list_item,
    one_line,
    quoted,
    table,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 24
CUT_NOTE: Final = "*(The text is longer than this; the rest was left out.)*"

_EMPHASIS = {"strong": "**", "em": "*", "strike": "~~"}
_PANELS = {
    "info": "Info", "note": "Note", "warning": "Warning", "error": "Error", "success": "Success",
    "tip": "Tip",
}  # fmt: skip
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_MAX_MARKS = 8
_MAX_NUMBER = 10_000


def adf_to_markdown(document: object, limit: int = MAX_CHARACTERS) -> str:
    """Convert a document, or as much of it as the bounds allow, and say where it was cut.

    `limit` counts characters and nodes together. A string, which Jira's older API gives, is taken
    as it is; what is neither string nor document is empty.
    """
    content = {"type": "text", "text": document} if isinstance(document, str) else document
    walk = _Walk(limit)
    blocks = walk.blocks(_Node("", children=(content,)), 0)
    return strip_invisible("\n\n".join([*blocks, CUT_NOTE] if walk.was_cut else blocks))


@dataclass(frozen=True, slots=True)
class _Node:
    """A node, or a mark, as far as the JSON has the shape of one."""

    kind: str
    text: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    children: Sequence[object] = ()
    marks: Sequence[object] = ()

    @classmethod
    def of(cls, value: object) -> _Node | None:
        if not isinstance(value, dict):
            return None
        kind, text, attributes = value.get("type"), value.get("text"), value.get("attrs")
        children, marks = value.get("content"), value.get("marks")
        return cls(
            kind if isinstance(kind, str) else "",
            text if isinstance(text, str) else "",
            attributes if isinstance(attributes, dict) else {},
            children if isinstance(children, list) else (),
            marks[:_MAX_MARKS] if isinstance(marks, list) else (),
        )

    def attribute(self, name: str) -> str:
        value = self.attributes.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str, highest: int) -> int:
        value = self.attributes.get(name)
        return min(max(value, 1), highest) if isinstance(value, int) else 1


class _Walk:
    """Walks a tree until it ends, or until what is left to read is used up."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.was_cut = False

    def blocks(self, parent: _Node, depth: int) -> list[str]:
        """Return what is in a node, block by block; phrases beside blocks make one, too."""
        blocks: list[str] = []
        line: list[str] = []
        for node in self._children(parent, depth):
            if node.kind in _PHRASES:
                line.append(_phrase(node))
                continue
            blocks.append("".join(line).strip())
            line.clear()
            blocks.append(self._block(node, depth + 1))
        blocks.append("".join(line).strip())
        return [block for block in blocks if block]

    def _children(self, parent: _Node, depth: int) -> Iterator[_Node]:
        for value in parent.children:
            if self._left <= 0 or depth > MAX_DEPTH:
                self.was_cut = True
                return
            self._left -= 1
            node = _Node.of(value)
            if node is None:
                continue
            if len(node.text) > self._left:
                self.was_cut = True
                node = replace(node, text=node.text[: self._left])
            self._left -= len(node.text)
            yield node

    def _block(self, node: _Node, depth: int) -> str:
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
            case _:  # an expand has a title, an extension a text for those that do not know it
                body = self._titled(node, one_line(node.attribute("title")), depth)
                return body or node.attribute("text").strip()

    def _line(self, parent: _Node, depth: int) -> str:
        """Return what is in a node as part of one line of text, blocks included."""
        return "".join(
            _phrase(node) if node.kind in _PHRASES else self._line(node, depth + 1)
            for node in self._children(parent, depth)
        )

    def _titled(self, node: _Node, title: str | None, depth: int) -> str:
        return "\n\n".join([*([f"**{title}**"] if title else []), *self.blocks(node, depth)])

    def _list(self, parent: _Node, depth: int) -> str:
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

    def _table(self, parent: _Node, depth: int) -> str:
        rows = [self._row(node, depth + 1) for node in self._children(parent, depth)]
        filled = [row for row in rows if row]
        return table(filled) if filled else ""

    def _row(self, parent: _Node, depth: int) -> list[str]:
        cells: list[str] = []
        for node in self._children(parent, depth):
            cells.append(" ".join(self.blocks(node, depth + 1)))
            if len(cells) < MAX_PADDED_COLUMNS:
                cells += [""] * (node.number("colspan", MAX_PADDED_COLUMNS) - 1)
        return cells


def _box(item: _Node) -> str:
    if item.kind not in ("taskItem", "blockTaskItem"):
        return ""
    return "[x] " if item.attribute("state") == "DONE" else "[ ] "


def _phrase(node: _Node) -> str:
    return _PHRASES[node.kind](node)


def _text(node: _Node) -> str:
    """Return words with their marks. Code keeps no emphasis, but it may be a link."""
    marks = {mark.kind: mark for mark in map(_Node.of, node.marks) if mark is not None}
    text = node.text
    if "code" in marks:
        text = code_span(text)
    else:
        for sign in (sign for kind, sign in _EMPHASIS.items() if kind in marks):
            text = wrapped(text, sign, sign)
    return link(text, marks["link"].attribute("href")) if "link" in marks else text


def _date(node: _Node) -> str:
    """Return a day. ADF writes it as milliseconds since the epoch, in a string."""
    try:
        moment = datetime.fromtimestamp(int(node.attribute("timestamp")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d}"


def _card(node: _Node) -> str:
    return link("", node.attribute("url"))


def _media(node: _Node) -> str:
    name = one_line(node.attribute("alt"))
    return f"[attachment: {name}]" if name else ""


_PHRASES: Mapping[str, Callable[[_Node], str]] = {
    **dict.fromkeys(("inlineCard", "blockCard", "embedCard"), _card),
    **dict.fromkeys(("media", "mediaInline"), _media),
    "text": _text,
    "hardBreak": lambda _node: "\n",
    "mention": lambda node: node.attribute("text") or "@someone",
    "emoji": lambda node: node.attribute("text") or node.attribute("shortName"),
    "date": _date,
    "status": lambda node: one_line(node.attribute("text")),
    "placeholder": lambda _node: "",  # a prompt of the editor's, which no reader sees
}
