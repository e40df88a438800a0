"""Markup that is not well-formed, read as leniently as a browser reads it, in bounded time.

BeautifulSoup closes what was left open and knows which elements are never closed. Below it lies
`html.parser`, which takes 30 s for 60,000 characters of `<a <a <a`, and which fails on a character
reference of more than 4,300 digits: so it is given complete tags and short references only.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SOUP: Final = 100_000
"""How many characters may be read at most: the worst found take 0.5 s and 30 MiB."""

_ENDLESS_REFERENCE = re.compile("&(?=#[0-9]{8})")
_MARKUP = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|<!\[CDATA\[(?P<cdata>(?:(?!<!\[CDATA\[).)*?)\]\]>"
    r"|<[!?][^<>]*>"
    r"""|(?P<tag></?[a-zA-Z](?:[^<>"']++|"[^<"]*+"|'[^<']*+')*+>)"""
    r"|(?P<text><)",
    re.DOTALL,
)


class Events(Protocol):
    """What hears of elements and text, in the order of the document."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def characters(self, text: str) -> None:
        """There is text."""

    def end(self, name: str) -> None:
        """The element that began last ends."""


def read_soup(markup: str, opened: Sequence[str], events: Events) -> None:
    """Tell of the elements and text in `markup`, of at most `MAX_SOUP` characters.

    The elements `opened` began before it, outermost first, at least one. Their ends are told too.
    """
    # Takes 0.2 s to import, and few pages need it.
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString, Tag

    document = "".join(f"<{name}>" for name in opened) + _tamed(markup[:MAX_SOUP])
    soup = BeautifulSoup(document, "html.parser", multi_valued_attributes=None)
    told_before, names, waiting = len(opened), list[str](), [iter(soup.contents)]
    while waiting:
        node = next(waiting[-1], None)
        if isinstance(node, Tag):
            if told_before:
                told_before -= 1
            else:
                events.start(node.name, {key: str(value) for key, value in node.attrs.items()})
            names.append(node.name)
            waiting.append(iter(node.contents))
        elif type(node) is NavigableString:  # not a script, a style sheet, or the like
            events.characters(str(node))
        elif node is None:
            waiting.pop()
            if names:
                events.end(names.pop())


def _tamed(markup: str) -> str:
    """Return the markup without comments and declarations, with CDATA and stray `<` as text."""
    return _MARKUP.sub(_tame, _ENDLESS_REFERENCE.sub("&amp;", markup))


def _tame(found: re.Match[str]) -> str:
    if found["tag"] or found["text"]:
        return found["tag"] or "&lt;"
    return html.escape(found["cdata"] or "")
