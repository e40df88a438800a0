"""What each element of Confluence's storage format becomes in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.knowledge.text.links import (
    RESOURCES,
    anchor_phrase,
    image_phrase,
    link_phrase,
    resource_told,
)
from slackbot.knowledge.text.macros import (
    INLINE_MACROS,
    attribute_told,
    fallback_block,
    macro_block,
    macro_phrase,
    node_block,
    parameter_told,
    quoted_within,
)
from slackbot.knowledge.text.markdown import (
    MAX_PADDED_COLUMNS,
    code_span,
    fenced,
    list_item,
    table,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slackbot.knowledge.text.element import Become, Element

VERBATIM = frozenset({"pre", "ac:plain-text-body"})
VOID = frozenset({"br", "hr"})  # never have contents, so they end where they begin
INDENTED = frozenset({"li", "ac:task", "blockquote", "ac:structured-macro", "ac:adf-node"})

_EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_WEB_PAGE_BLOCKS = (  # not of the storage format, but of the error page that may come in its place
    "title", "body", "header", "footer", "main", "nav", "aside", "section", "article", "address",
    "center", "figure", "dl", "dt", "dd",
)  # fmt: skip


def is_block(element: Element) -> bool:
    """Whether it stands on lines of its own."""
    return element.name in _BLOCKS and element.macro not in INLINE_MACROS


def is_inline(element: Element) -> bool:
    """Whether it is part of a line. What is neither leaves its contents to its parent."""
    return element.name in _PHRASES or element.macro in INLINE_MACROS


def as_block(element: Element, parent: Element) -> str:
    """Return the block that an element has become; empty if it told its parent instead."""
    return _BLOCKS[element.name](element, parent)


def as_inline(element: Element, parent: Element) -> str:
    """Return what an element adds to its parent's line; empty if it told its parent instead."""
    if element.macro:
        return macro_phrase(element)
    return _PHRASES[element.name](element, parent)


def _group(element: Element, _parent: Element) -> str:
    return element.text()


def _heading(element: Element, _parent: Element) -> str:
    words = element.words()
    return f"{'#' * int(element.name[1])} {words}" if words else ""


def _list(element: Element, _parent: Element) -> str:
    element.end_line()
    return "\n".join(element.blocks)


def _list_item(element: Element, parent: Element) -> str:
    return _item(element, f"{len(parent.blocks) + 1}. " if parent.name == "ol" else "- ")


def _task(element: Element, _parent: Element) -> str:
    return _item(element, "- ", "[x] " if element.facts.get("status") == "complete" else "[ ] ")


def _item(element: Element, bullet: str, box: str = "") -> str:
    element.end_line()
    return list_item(bullet, element.blocks, box, set_in=element.indented)


def _quote(element: Element, _parent: Element) -> str:
    return quoted_within(element.text(), element)


def _cell(element: Element, parent: Element) -> str:
    if parent.name != "tr":
        return element.text()
    span = element.attributes.get("colspan", "1")
    width = min(int(span), MAX_PADDED_COLUMNS) if span.isdecimal() and len(span) < 3 else 1
    parent.cells.append(element.words())
    if len(parent.cells) < MAX_PADDED_COLUMNS:
        parent.cells.extend([""] * (width - 1))
    return ""


def _row(element: Element, parent: Element) -> str:
    if parent.name != "table":
        return " | ".join(element.cells)
    if element.cells:
        parent.rows.append(element.cells)
    return ""


def _table(element: Element, _parent: Element) -> str:
    """Return the first row as the header, which a Markdown table cannot do without."""
    element.end_line()
    if not element.rows:
        return element.text()
    return "\n\n".join([*element.blocks, table(element.rows)])


def _verbatim(element: Element, parent: Element) -> str:
    text = "".join([*element.blocks, *element.line]).strip("\n")
    if not parent.macro:
        return fenced(text)
    parent.facts["plain"] = text
    return ""


def _nothing(_element: Element, _parent: Element) -> str:
    return ""


_BLOCKS: Mapping[str, Become] = {
    **dict.fromkeys(("p", "div", "ac:rich-text-body", "ac:layout-cell"), _group),
    **dict.fromkeys(("ac:adf-extension", "ac:adf-content"), _group),
    **dict.fromkeys(_WEB_PAGE_BLOCKS, _group),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    **dict.fromkeys(("ul", "ol", "ac:task-list"), _list),
    **dict.fromkeys(("td", "th"), _cell),
    **dict.fromkeys(VERBATIM, _verbatim),
    "li": _list_item,
    "ac:task": _task,
    "blockquote": _quote,
    "table": _table,
    "tr": _row,
    "hr": lambda _element, _parent: "---",
    "ac:structured-macro": macro_block,
    "ac:adf-node": node_block,
    "ac:adf-fallback": fallback_block,
}


def _status(element: Element, parent: Element) -> str:
    parent.facts["status"] = element.words()
    return ""


def _emphasis(element: Element, _parent: Element) -> str:
    mark = _EMPHASIS[element.name]
    return wrapped(element.padded(), mark, mark)


def _emoticon(element: Element, _parent: Element) -> str:
    """Return the character, or the name where that is all there is, as on Data Center."""
    name = element.attributes.get("ac:name", "")
    return element.attributes.get("ac:emoji-fallback") or (f":{name}:" if name else "")


def _code(element: Element, _parent: Element) -> str:
    return code_span(element.padded())


_PHRASES: Mapping[str, Become] = {
    **dict.fromkeys(_EMPHASIS, _emphasis),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), _code),
    **dict.fromkeys(RESOURCES, resource_told),
    **dict.fromkeys(
        ("ac:placeholder", "ac:task-id", "ac:task-uuid", "style", "script"), _nothing
    ),
    "a": anchor_phrase,
    "ac:link": link_phrase,
    "ac:image": image_phrase,
    "ac:parameter": parameter_told,
    "ac:adf-attribute": attribute_told,
    "ac:task-status": _status,
    "ac:emoticon": _emoticon,
    "time": lambda element, _parent: element.attributes.get("datetime", ""),
    "br": lambda _element, _parent: "\n",
}  # fmt: skip
