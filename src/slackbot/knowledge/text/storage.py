"""Confluence's storage format (XHTML with `ac:` and `ri:` elements) to Markdown.

One pass over the parser's events with a stack of open elements: no tree, no recursion, and time in
proportion to the input. Storage format is well-formed XML, so the parser is expat; Markdown
converters for HTML lose page links and code macros, and are quadratic in list items.
"""

from __future__ import annotations

import html
import re
from html.entities import name2codepoint
from typing import Final
from xml.parsers import expat

from slackbot.knowledge.text.elements import (
    INDENTED,
    VERBATIM,
    Element,
    as_block,
    as_inline,
    on_one_line,
)
from slackbot.knowledge.text.invisible import strip_invisible

MAX_CHARACTERS: Final = 500_000
MAX_DEPTH: Final = 100
MAX_INDENTS: Final = 6

CUT_NOTE: Final = "*(The page is longer than this; the rest was left out.)*"

# Storage format uses HTML's named characters, which XML has to be told of.
_PROLOG = "<!DOCTYPE storage [{}]><storage>".format(
    "".join(
        f'<!ENTITY {name} "&#{code};">'
        for name, code in name2codepoint.items()
        if name not in {"amp", "lt", "gt", "quot"}
    )
)
_END = "</storage>"

_TAG = re.compile(r"<[^<>]*>")


def storage_to_markdown(storage: str) -> str:
    """Convert a page body, or as much of it as the bounds allow, and say where it was cut.

    Takes some 15 ms for 75 KB: callers run it in a thread above 50 KB. What follows a place that
    is not well-formed is kept as plain text.
    """
    writer = _Writer()
    rest = _feed(writer, strip_invisible(storage[:MAX_CHARACTERS]))
    if len(storage) > MAX_CHARACTERS:
        rest = CUT_NOTE
    return strip_invisible(writer.finish(rest)).replace("\xa0", " ")


def _feed(writer: _Writer, storage: str) -> str:
    """Drive the writer by the parser's events; return the text of what could not be parsed."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.characters
    document = f"{_PROLOG}{storage}{_END}".encode()
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        parser.buffer_text = False  # hands over what is in the buffer
        return _plain(document[_start_of_fault(document, parser.ErrorByteIndex) : -len(_END)])
    return ""


def _start_of_fault(document: bytes, index: int) -> int:
    """Return where the tag begins inside which the parser stopped, or where it stopped."""
    tag = document.rfind(b"<", 0, index + 1)
    return index if b">" in document[tag:index] else tag


def _plain(markup: bytes) -> str:
    return html.unescape(_TAG.sub(" ", markup.decode(errors="ignore"))).strip()


class _Writer:
    """Takes the parser's events; an element becomes Markdown when it ends."""

    def __init__(self) -> None:
        self._open = [Element("storage")]
        self._tracked: list[bool] = []
        self._verbatim = 0
        self._indents = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element; one that means nothing, or is too deep, leaves its text to others."""
        element = Element(name, attributes)
        tracked = (element.is_block or element.is_inline) and len(self._open) < MAX_DEPTH
        self._tracked.append(tracked)
        if not tracked:
            return
        if element.is_block:
            self._open[-1].end_line()
        self._verbatim += name in VERBATIM
        self._indents += name in INDENTED
        element.indented = self._indents <= MAX_INDENTS
        self._open.append(element)

    def characters(self, text: str) -> None:
        """Add text to the line being written."""
        self._open[-1].line.append(text if self._verbatim else on_one_line(text))

    def end(self, name: str) -> None:
        """Close an element and hand what it became to its parent."""
        if not self._tracked.pop():
            return
        element, parent = self._open.pop(), self._open[-1]
        self._verbatim -= name in VERBATIM
        self._indents -= name in INDENTED
        if not element.is_block:
            parent.line.append(as_inline(element, parent))
        elif block := as_block(element, parent):
            parent.blocks.append(block)

    def finish(self, rest: str) -> str:
        """Close what is still open, add the rest, and return the whole."""
        while self._tracked:
            self.end(self._open[-1].name if self._tracked[-1] else "")
        return "\n\n".join(filter(None, (self._open[0].text(), rest)))
