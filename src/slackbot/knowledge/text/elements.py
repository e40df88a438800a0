"""What each element of Confluence's storage format becomes in Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from slackbot.knowledge.text.markdown import (
    MAX_PADDED_COLUMNS,
    code_span,
    fenced,
    link,
    list_item,
    quoted,
    table,
    wrapped,
)

VERBATIM = frozenset({"pre", "ac:plain-text-body"})
VOID = frozenset({"br", "hr"})  # never have contents, so they end where they begin
INDENTED = frozenset({"li", "ac:task", "blockquote", "ac:structured-macro"})

_SPACES = re.compile(r"\s+")

_EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip", "panel": ""}
_INLINE_MACROS = {"status": "title", "jira": "key"}  # the parameter that people see
_INCLUDES = frozenset({"include", "excerpt-include"})
_WEB_PAGE_BLOCKS = (  # not of the storage format, but of the error page that may come in its place
    "title", "body", "header", "footer", "main", "nav", "aside", "section", "article", "address",
    "center", "figure", "dl", "dt", "dd",
)  # fmt: skip


@dataclass(slots=True)
class Element:
    """An open element: its finished blocks, the line being written, what its children told it.

    `facts` are a macro's parameters, the target of a link, the state of a task.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    indented: bool = False
    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def macro(self) -> str:
        """The name of the macro that this is, or nothing."""
        return self.attributes.get("ac:name", "") if self.name == "ac:structured-macro" else ""

    @property
    def is_block(self) -> bool:
        """Whether it stands on lines of its own."""
        return self.name in _BLOCKS and self.macro not in _INLINE_MACROS

    @property
    def is_inline(self) -> bool:
        """Whether it is part of a line. What is neither leaves its contents to its parent."""
        return self.name in _PHRASES or self.macro in _INLINE_MACROS

    def end_line(self) -> None:
        """Make the line being written a block."""
        if text := "".join(self.line).strip():
            self.blocks.append(text)
        self.line.clear()

    def text(self) -> str:
        """Return everything in it, as blocks."""
        self.end_line()
        return "\n\n".join(self.blocks)

    def words(self) -> str:
        """Return everything in it, on one line."""
        return on_one_line(self.text()).strip()


Become = Callable[[Element, Element], str]
"""Given an element and its parent, returns what the parent's text gains."""


def as_block(element: Element, parent: Element) -> str:
    """Return the block that an element has become; empty if it told its parent instead."""
    return _BLOCKS[element.name](element, parent)


def as_inline(element: Element, parent: Element) -> str:
    """Return what an element adds to its parent's line; empty if it told its parent instead."""
    if element.macro:
        return element.facts.get(_INLINE_MACROS[element.macro], "")
    return _PHRASES[element.name](element, parent)


def on_one_line(text: str) -> str:
    """Return the text with each run of white space as one space."""
    return _SPACES.sub(" ", text)


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
    return _quoted(element.text(), element)


def _quoted(text: str, element: Element) -> str:
    return quoted(text) if element.indented else text


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


def _macro(element: Element, _parent: Element) -> str:
    """Return what a macro shows: of an unknown one that is its body, and no parameter but title."""
    macro, facts = element.macro, element.facts
    if macro in _INCLUDES:
        return f"See {facts.get('', 'another page')}."
    title = ": ".join(filter(None, (_PANELS.get(macro), facts.get("title"))))
    code = fenced(facts["plain"], facts.get("language", "")) if "plain" in facts else ""
    body = "\n\n".join(filter(None, (title and f"**{title}**", element.text(), code)))
    return _quoted(body, element) if macro in _PANELS else body


def _nothing(_element: Element, _parent: Element) -> str:
    return ""


_BLOCKS: Mapping[str, Become] = {
    **dict.fromkeys(("p", "div", "ac:rich-text-body", "ac:layout-cell"), _group),
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
    "ac:structured-macro": _macro,
}


def _resource(element: Element, parent: Element) -> str:
    """Tell the link what it points to, by name: the storage format holds no address."""
    value = element.attributes.get(_RESOURCES[element.name], "")
    match element.name.removeprefix("ri:"):
        case "user":
            target = "a person"
        case "url":
            target = value
        case "page" | "blog-post":
            target = f"“{value}”"
            # Confluence names the space only of a page in another one.
            parent.facts["space"] = element.attributes.get("ri:space-key", "")
        case kind:
            target = f"{kind} “{value}”"
    parent.facts["target"] = target
    return ""


def _parameter(element: Element, parent: Element) -> str:
    value = element.facts.get("target") or element.words()
    parent.facts[element.attributes.get("ac:name", "")] = value
    return ""


def _status(element: Element, parent: Element) -> str:
    parent.facts["status"] = element.words()
    return ""


def _link_within(element: Element, _parent: Element) -> str:
    """Return the words of a link, and what it points to where they do not say it."""
    words, target = element.words(), element.facts.get("target", "")
    space = element.facts.get("space", "")
    if not target:
        return words
    if not words or words.casefold() == target.strip("“”").casefold():
        return f"{target} (space {space})" if space else target
    return f"{words} ({target}, space {space})" if space else f"{words} ({target})"


def _image(element: Element, _parent: Element) -> str:
    return f"[image: {element.facts.get('target') or element.attributes.get('ac:alt', 'unnamed')}]"


def _anchor(element: Element, _parent: Element) -> str:
    return link(_padded(element), element.attributes.get("href", ""))


def _emphasis(element: Element, _parent: Element) -> str:
    mark = _EMPHASIS[element.name]
    return wrapped(_padded(element), mark, mark)


def _code(element: Element, _parent: Element) -> str:
    return code_span(_padded(element))


def _padded(element: Element) -> str:
    """Return the words on one line, with a space at either end where there was one."""
    line = "".join(element.line)
    words = element.words()
    if not words:
        return " " if line else ""
    return f"{' ' * line[:1].isspace()}{words}{' ' * line[-1:].isspace()}"


_RESOURCES = {
    "ri:page": "ri:content-title",
    "ri:blog-post": "ri:content-title",
    "ri:attachment": "ri:filename",
    "ri:space": "ri:space-key",
    "ri:url": "ri:value",
    "ri:user": "ri:account-id",
}

_PHRASES: Mapping[str, Become] = {
    **dict.fromkeys(_EMPHASIS, _emphasis),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), _code),
    **dict.fromkeys(_RESOURCES, _resource),
    **dict.fromkeys(
        # The new editor writes panels twice: as `ac:adf-node` and as a fallback, which is read.
        ("ac:placeholder", "ac:task-id", "ac:task-uuid", "ac:adf-node", "style", "script"), _nothing
    ),
    "a": _anchor,
    "ac:link": _link_within,
    "ac:image": _image,
    "ac:parameter": _parameter,
    "ac:task-status": _status,
    "ac:emoticon": lambda element, _parent: element.attributes.get("ac:emoji-fallback", ""),
    "time": lambda element, _parent: element.attributes.get("datetime", ""),
    "br": lambda _element, _parent: "\n",
}  # fmt: skip
