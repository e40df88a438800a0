"""The nodes of ADF, and those of them that stand in a line of text: what each reads like. Pure.

Source: Atlassian, "Atlassian Document Format", the pages of its nodes and marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slackbot.knowledge.text.markdown import code_span, link, one_line, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EMPHASIS = {"strong": "**", "em": "*", "strike": "~~"}
_MAX_MARKS = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A node, or a mark, as far as the JSON has the shape of one."""

    kind: str
    text: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    children: Sequence[object] = ()
    marks: Sequence[object] = ()

    @classmethod
    def of(cls, value: object) -> Node | None:
        """Return the node, or nothing where the value is none."""
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

    @property
    def own_text(self) -> str:
        """What a node of whatever type says itself, beside its children."""
        return self.text or self.attribute("text")

    def attribute(self, name: str) -> str:
        """Return an attribute that is a text, else nothing."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str, highest: int) -> int:
        """Return an attribute that is a number, from 1 to the highest; else 1."""
        value = self.attributes.get(name)
        return min(max(value, 1), highest) if isinstance(value, int) else 1


def _text(node: Node) -> str:
    """Return words with their marks. Code keeps no emphasis, but it may be a link."""
    marks = {mark.kind: mark for mark in map(Node.of, node.marks) if mark is not None}
    text = node.text
    if "subsup" in marks and marks["subsup"].attribute("type") == "sup":
        text = wrapped(text, "^", "")  # 10⁶ is not 106
    if "code" in marks:
        text = code_span(text)
    else:
        for sign in (sign for kind, sign in _EMPHASIS.items() if kind in marks):
            text = wrapped(text, sign, sign)
    return link(text, marks["link"].attribute("href")) if "link" in marks else text


def _date(node: Node) -> str:
    """Return a day. ADF writes it as milliseconds since the epoch, in a string."""
    try:
        moment = datetime.fromtimestamp(int(node.attribute("timestamp")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d}"


def _card(node: Node) -> str:
    """Return the address, or what else is known of the page (JSON-LD) in its place."""
    data = node.attributes.get("data")
    page = Node("", attributes=data if isinstance(data, dict) else {})
    return link(one_line(page.attribute("name")), node.attribute("url") or page.attribute("url"))


def _media(node: Node) -> str:
    """Return the name of a file, or the address of a picture elsewhere."""
    name = one_line(node.attribute("alt"))
    if node.attribute("type") == "external":
        return link(name, node.attribute("url"))
    return f"[attachment: {name}]" if name else "[attachment]"


PHRASES: Mapping[str, Callable[[Node], str]] = {
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
"""What each phrase reads like, by its type."""
