"""Message text for a terminal, written as it arrives: nothing that was written is taken back.

A link, a bold word or a code span is held back until it is whole, a line's first characters until
they tell what kind of line it is. Control characters never reach the terminal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.markdown import unescape

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_START = re.compile(r"(?P<fence>```[^\n]*)|(?P<heading>#{1,6} +)|(?P<bullet>[ \t]*[-*+] +)")
_UNDECIDED = re.compile(r"`{1,2}|```[^\n]*|#{1,6} *|[ \t]+|[ \t]*[-*+] *")
_MARKDOWN = re.compile(
    r"\[(?P<label>[^\]\n]*)\]\((?P<url>[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|<(?P<entity>[^<>\n]+)>"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^\n]+?)\*\*"
    r"|(?P<escaped>&(?:amp|lt|gt);)"
)
_MRKDWN = re.compile(
    r"<(?P<entity>[^<>\n]+)>"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*(?P<bold>[^*\n]+)\*"
    r"|(?P<escaped>&(?:amp|lt|gt);)"
)
_OPENERS = {True: "[<`*&", False: "<`*&"}
_ESCAPED = ("&amp;", "&lt;", "&gt;")


@dataclass(frozen=True, slots=True)
class Look:
    """How a terminal is written to: `color` for colour and weight, `links` for OSC 8."""

    color: bool = False
    links: bool = False

    def bold(self, text: str) -> str:
        """Return the text in bold."""
        return self._styled("1", text)

    def dim(self, text: str) -> str:
        """Return the text in the background."""
        return self._styled("2", text)

    def accent(self, text: str) -> str:
        """Return the text in the colour of names and code."""
        return self._styled("36", text)

    def link(self, label: str, url: str) -> str:
        """Return a label and its address, which can be opened where the terminal can do that."""
        shown = f"\x1b]8;;{url}\x1b\\{label}\x1b]8;;\x1b\\" if self.links else label
        return shown if label == url else f"{shown} {self.dim(f'({url})')}"

    def _styled(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def clean(text: str) -> str:
    """Return text without control characters, which could steer the terminal; newline and tab
    stay.
    """
    return _CONTROL.sub("", text)


class TextWriter:
    """Turns pieces of Markdown or mrkdwn into what to write next.

    `name` gives what to show for the inside of an entity such as `@U…`, `#C…|label` or `!here`.
    """

    def __init__(self, look: Look, name: Callable[[str], str], *, markdown: bool) -> None:
        self._look = look
        self._name = name
        self._markdown = markdown
        self._tokens = _MARKDOWN if markdown else _MRKDWN
        self._held = ""
        self._at_line_start = True
        self._in_fence = False
        self._in_heading = False

    def feed(self, piece: str) -> str:
        """Take a piece of text in; return what can be shown now."""
        return self._shown(clean(piece), last=False)

    def finish(self) -> str:
        """Return what was held back, as far as it got."""
        return self._shown("", last=True)

    def _shown(self, piece: str, *, last: bool) -> str:
        text, self._held = self._held + piece, ""
        shown: list[str] = []
        place = 0
        while place < len(text):
            step, length = self._next(text, place, last=last)
            if not length:
                self._held = text[place:]
                break
            shown.append(step)
            place += length
        return "".join(shown)

    def _next(self, text: str, place: int, *, last: bool) -> tuple[str, int]:
        """Return what to show for the text at a place and how much of it that is; 0: wait."""
        end = text.find("\n", place)
        line = text[place:] if end < 0 else text[place:end]
        open_ended = end < 0 and not last
        if self._at_line_start and line:
            if open_ended and _UNDECIDED.fullmatch(line):
                return "", 0
            self._at_line_start = False
            if (start := self._line_start(line)) is not None:
                return start
        if not line:
            self._at_line_start, self._in_heading = True, False
            return "\n", 1
        if self._in_fence:
            return self._look.accent(line), len(line)
        return self._inline(text, place, line, open_ended=open_ended)

    def _line_start(self, line: str) -> tuple[str, int] | None:
        match = _LINE_START.match(line)
        if match is None or (self._in_fence and match.lastgroup != "fence"):
            return None
        if match.lastgroup == "fence":
            self._in_fence = not self._in_fence
            return self._look.dim(match[0]), match.end()
        if match.lastgroup == "heading":
            self._in_heading = self._markdown
            return ("", match.end()) if self._markdown else None
        indent = match[0][: len(match[0]) - len(match[0].lstrip())]
        return f"{indent}• ", match.end()

    def _inline(self, text: str, place: int, line: str, *, open_ended: bool) -> tuple[str, int]:
        openers = _OPENERS[self._markdown]
        if line[0] not in openers:
            length = next((at for at, sign in enumerate(line) if sign in openers), len(line))
            return self._plain(line[:length]), length
        match = self._tokens.match(text, place)
        if match is not None:
            return self._token(match), match.end() - place
        if open_ended and (line[0] != "&" or any(each.startswith(line) for each in _ESCAPED)):
            return "", 0
        return self._plain(line[0]), 1

    def _plain(self, text: str) -> str:
        return self._look.bold(text) if self._in_heading else text

    def _token(self, match: re.Match[str]) -> str:
        match match.lastgroup:
            case "code":
                code = match["code"] if self._markdown else unescape(match["code"])
                return self._look.accent(f"`{code}`")
            case "escaped":
                return self._plain(unescape(match["escaped"]))
            case "bold":
                return self._look.bold(unescape(match["bold"]))
            case "entity":
                return self._entity(match["entity"])
            case _:
                return self._look.link(unescape(match["label"]), match["url"])

    def _entity(self, entity: str) -> str:
        if entity.startswith(("@", "#", "!")):
            return self._look.accent(self._name(entity))
        url, _, label = entity.partition("|")
        if url.startswith(("http://", "https://", "mailto:")):
            return self._look.link(unescape(label or url), unescape(url))
        return f"<{unescape(entity)}>"
