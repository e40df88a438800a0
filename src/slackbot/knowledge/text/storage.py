"""Confluence's storage format (XHTML with `ac:` and `ri:` elements) to Markdown.

One pass over the parser's events with a stack of open elements: no tree, no recursion, and time in
proportion to the input. Storage format is well-formed XML, so the parser is expat; from a fault on,
a lenient parser goes on with the same elements open (docs/decisions/0005).
"""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import Final
from xml.parsers import expat

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.element import Element, on_one_line
from slackbot.knowledge.text.elements import (
    INDENTED,
    VERBATIM,
    VOID,
    as_block,
    as_inline,
    is_block,
    is_inline,
)
from slackbot.knowledge.text.tag_soup import MAX_SOUP, read_soup

MAX_CHARACTERS: Final = 500_000
MAX_DEPTH: Final = 50
MAX_INDENTS: Final = 6

CUT_NOTE: Final = "*(The page is longer than this; the rest was left out.)*"

_ROOT = "storage"
# Storage format uses HTML's named characters, which XML has to be told of.
_PROLOG = f"<!DOCTYPE {_ROOT} [{{}}]><{_ROOT}>".format(
    "".join(
        f'<!ENTITY {name} "&#{code};">'
        for name, code in name2codepoint.items()
        if name not in {"amp", "lt", "gt", "quot"}
    )
)
_UNFINISHED_REFERENCE = re.compile(rb"&[^\s;<>]*")
_END = f"</{_ROOT}>"


def storage_to_markdown(storage: str) -> str:
    """Convert a page body, or as much of it as the bounds allow, and say where it was cut.

    Takes some 15 ms for 75 KB, and 60 ms with a fault in its beginning: callers run it in a thread
    above 50 KB.
    """
    writer = _Writer()
    bounded = _cut(storage, MAX_CHARACTERS)
    rest = _feed(writer, strip_invisible(bounded))
    readable = _cut(rest, MAX_SOUP)
    if readable:
        read_soup(readable, writer.go_on(), writer)
    complete = len(bounded) == len(storage) and len(readable) == len(rest)
    markdown = writer.finish("" if complete else CUT_NOTE)
    return strip_invisible(markdown).replace("\xa0", " ")


def _cut(markup: str, limit: int) -> str:
    """Return the markup up to the limit, and no half of a tag."""
    if len(markup) <= limit:
        return markup
    tag, end = markup.rfind("<", 0, limit), markup.rfind(">", 0, limit)
    return markup[: tag if tag > end else limit]


def _feed(writer: _Writer, storage: str) -> str:
    """Drive the writer by the parser's events; return the markup that could not be parsed."""
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
        start = _start_of_fault(document, parser.ErrorByteIndex)
        return document[start : -len(_END)].decode(errors="ignore")
    return ""


def _start_of_fault(document: bytes, index: int) -> int:
    """Return where the tag or reference begins inside which the parser stopped, or `index`."""
    tag = document.rfind(b"<", 0, index)
    if b">" not in document[tag:index]:
        return tag
    reference = document.rfind(b"&", 0, index)
    unfinished = _UNFINISHED_REFERENCE.fullmatch(document, max(reference, 0), index)
    return reference if unfinished else index


class _Writer:
    """Takes the parser's events; an element becomes Markdown when it ends."""

    def __init__(self) -> None:
        self._open = [Element(_ROOT)]
        self._tracked: list[bool] = []
        self._verbatim = 0
        self._indents = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element; one that means nothing, or is too deep, leaves its text to others."""
        element = Element(name, attributes)
        stands_alone = is_block(element)
        means = (stands_alone or is_inline(element)) and len(self._open) < MAX_DEPTH
        self._tracked.append(means and name not in VOID)
        if not means:
            return
        if stands_alone:
            self._open[-1].end_line()
        if name in VOID:
            self._hand_over(element)
            return
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
        element = self._open.pop()
        self._verbatim -= name in VERBATIM
        self._indents -= name in INDENTED
        self._hand_over(element)

    def _hand_over(self, element: Element) -> None:
        parent = self._open[-1]
        if not is_block(element):
            parent.line.append(as_inline(element, parent))
        elif block := as_block(element, parent):
            parent.blocks.append(block)

    def go_on(self) -> list[str]:
        """Return the names of the open elements for another parser, which will end them all."""
        self._tracked = [False, *(True for _ in self._open[1:])]
        return [element.name for element in self._open]

    def finish(self, note: str) -> str:
        """Close what is still open, add the note, and return the whole."""
        while self._tracked:
            self.end(self._open[-1].name if self._tracked[-1] else "")
        return "\n\n".join(filter(None, (self._open[0].text(), note)))
