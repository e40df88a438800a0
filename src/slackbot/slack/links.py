"""Finding links in Markdown of which only the beginning may be known yet; pure.

Every decision depends on at most `REACH` characters from where the link would begin, and never on
where the text was cut into pieces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

REACH = 2_000
"""Characters within which a bracket, a code span or a word must end to be taken as one."""

Undecided = Literal["undecided"]
Otherwise = Literal["literal"]

ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{0,31}://"  # with a scheme
    r"|://"
    r"|(?:www\.|mailto:)"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]++\.){2,8}[a-z]{2,63}(?![a-z0-9-])"  # a host with a subdomain
    r"|(?<![a-z0-9.-])[a-z0-9.-]*\.[a-z]{2,63}(?::\d{1,5})?[/?#]"  # a host with a path
    r"|(?<![a-z0-9.-])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?[/?#]",
    re.IGNORECASE,
)
"""The beginning of what somebody's reader might make clickable, with or without a scheme."""

_LABEL = re.compile(r"(?:[^\[\]\n]|\[[^\[\]\n]*\])*")
_OPEN_LABEL = re.compile(r"\[[^\[\]\n]*")
_BARE_DESTINATION = re.compile(r"(?:[^\s()<>]|\([^\s()<>]*\))*")
_OPEN_PARENTHESIS = re.compile(r"\([^\s()<>]*")
_ANGLE_DESTINATION = re.compile(r"[^<>\n]*")
_SPACES = re.compile(r"[ \t]*")
_TITLES = {'"': re.compile(r'[^"\n]*'), "'": re.compile(r"[^'\n]*")}
_AUTOLINK = re.compile(r"[^<>|\s]*")
_SLACK_LABEL = re.compile(r"[^<>\n]*")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that ends before index `end` of the text."""

    label: str
    url: str
    end: int


class _Unfinished(Exception):
    """The text, or the reach, ended before the link did."""


class _NotALink(Exception):
    """A character stands where no link has it."""


class _Cursor:
    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = start
        self.stop = min(len(text), start + REACH)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Take what matches; it must be known what comes after it."""
        start = self.at
        found = pattern.match(self.text, start, self.stop)
        self.at = found.end() if found else start
        if self.at >= self.stop:
            raise _Unfinished
        return self.text[start : self.at]

    def next_is(self, character: str) -> bool:
        if self.at >= self.stop:
            raise _Unfinished
        return self.text[self.at] == character

    def expect(self, character: str) -> None:
        if not self.next_is(character):
            raise _NotALink
        self.at += 1


def find_link(text: str, start: int, *, final: bool) -> Link | Undecided | Otherwise:
    """Read `[label](url "title")`, `<url>` or `<url|label>` at `start`.

    `final` says that nothing will follow `text`.
    """
    cursor = _Cursor(text, start)
    try:
        return _inline_link(cursor) if cursor.next_is("[") else _angle_link(cursor)
    except _NotALink:
        return "literal"
    except _Unfinished:
        return "literal" if final or len(text) >= start + REACH else "undecided"


def _inline_link(cursor: _Cursor) -> Link:
    cursor.expect("[")
    label = cursor.take(_LABEL)
    if cursor.next_is("["):
        cursor.take(_OPEN_LABEL)
    cursor.expect("]")
    cursor.expect("(")
    cursor.take(_SPACES)
    url = _destination(cursor)
    cursor.take(_SPACES)
    for quote, title in _TITLES.items():
        if cursor.next_is(quote):
            cursor.expect(quote)
            cursor.take(title)
            cursor.expect(quote)
            cursor.take(_SPACES)
            break
    cursor.expect(")")
    return Link(label, url, cursor.at)


def _destination(cursor: _Cursor) -> str:
    if cursor.next_is("<"):
        cursor.expect("<")
        url = cursor.take(_ANGLE_DESTINATION)
        cursor.expect(">")
        return url
    url = cursor.take(_BARE_DESTINATION)
    if cursor.next_is("("):
        cursor.take(_OPEN_PARENTHESIS)
    return url


def _angle_link(cursor: _Cursor) -> Link:
    cursor.expect("<")
    url, label = cursor.take(_AUTOLINK), ""
    if cursor.next_is("|"):
        cursor.expect("|")
        label = cursor.take(_SLACK_LABEL)
    cursor.expect(">")
    if not ADDRESS.match(url):
        raise _NotALink
    return Link(label, url, cursor.at)
