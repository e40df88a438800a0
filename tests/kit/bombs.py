"""Documents that are made to cost much: hostile pages and issues, of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

Bomb: TypeAlias = Callable[[int], str]
"""Gives storage format of about so many characters."""


def _of(unit: str, *, before: str = "", between: str = "", after: str = "") -> Bomb:
    """Repeat the unit, and `after` as often, until there are so many characters."""

    def bomb(characters: int) -> str:
        count = (characters - len(before) - len(between)) // (len(unit) + len(after))
        return before + unit * count + between + after * count

    return bomb


def _of_attributes(before: str) -> Bomb:
    def bomb(characters: int) -> str:
        attributes = " ".join(f"a{n}='x'" for n in range(characters // 11))
        return f"{before}<p {attributes}/>"

    return bomb


WELL_FORMED: Final[dict[str, Bomb]] = {
    "unclosed": _of("<b>"),
    "deep": _of("<b>", between="x", after="</b>"),
    "items": _of("<li>x</li>", before="<ol>", between="</ol>"),
    "nested lists": _of("<ul><li>", between="x", after="</li></ul>"),
    "quoted lines": _of("\n", before="<blockquote>" * 90 + "<pre>x", between="x</pre>"),
    "nested lines": _of("x\n", before="<ol><li>" * 90 + "<pre>", between="</pre>"),
    "wide cells": _of("<tr><td colspan='99'>x</td></tr>", before="<table>", between="</table>"),
    "padded rows": _of("<td>x</td>", before="<table><tr>", between="</tr>", after="<tr><td/></tr>"),
    "cdata": _of("<![CDATA["),
    "ticks": _of("`a", before="<code>", between="</code>"),
    "zero width": _of("\u200b"),
    "escapes": _of("\x1b]"),
    "half flags": _of("\U0001f3f4\U000e0061"),
    "spaces": _of(" \n", before="<p>", between="</p>"),
    "entities": _of("&amp;"),
    "attributes": _of_attributes(""),
}
"""Pages that an XML parser reads: they have no fault, or none before their end."""

SOUP: Final[dict[str, Bomb]] = {
    "comments": _of("<!--"),
    "brackets": _of("<"),
    "laughs": _of("&c;", before="<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'><!ENTITY c '&b;&b;&b;'>]>"),
    "tags": _of("<b>", before="&"),
    "items in items": _of("<ol><li>x", before="&"),
    "tags not closed": _of("<a ", before="&"),
    "tags closed early": _of("<a/", before="&"),
    "quotes not closed": _of("<p a='", before="&"),
    "comments not closed": _of("<!--", before="&"),
    "cdata not closed": _of("<![CDATA[", before="&"),
    "digits": _of("1", before="&#", between=";"),
    "code in code": _of("<code>`", before="&"),
    "attributes after a fault": _of_attributes("&"),
}
"""Pages with a fault in their beginning: a lenient parser reads on from there, up to a bound."""


def _node(kind: str, *content: Json, **attributes: object) -> Json:
    return {"type": kind, "attrs": attributes, "content": list(content)}


def _line(cells: int, **attributes: object) -> Json:
    return _node("tableRow", *[_node("tableCell", **attributes)] * cells)


_ITEM = _node("listItem", _node("paragraph", {"type": "text", "text": "`" * 10}))

ISSUES: Final[dict[str, Callable[[int], Json]]] = {
    "breaks": lambda nodes: _node("doc", *[_node("hardBreak")] * nodes),
    "wide cells": lambda nodes: _node("table", *[_line(300, colspan=99)] * (nodes // 300)),
    "a wide row": lambda nodes: _node("table", _line(nodes), *[_line(0)] * (nodes // 10)),
    "high cells": lambda n: _node(
        "table", _line(99, colspan=99, rowspan=9999), *[_line(1)] * (n // 2)
    ),
    "items": lambda nodes: _node("bulletList", *[_ITEM] * nodes),
    "marks": lambda nodes: {"type": "text", "text": "x", "marks": [{"type": "strong"}] * nodes},
}
"""Issues in the Atlassian Document Format, of about so many nodes."""
