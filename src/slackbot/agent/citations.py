"""Numbers for what tools found, and links for the numbers that a model cites.

Results are numbered as they come in; the model cites `[3]`. The reader sees numbers of their own,
counted in the order of citation, each a link; a number that was never given out disappears.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from slackbot.agent.results import MAX_HITS, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.messages import KnowledgeResult, ToolResult

_TOKEN = re.compile(r"(?P<ticks>`+)|(?P<line>\n)|(?P<cite>(?P<space> ?)\[(?P<numbers>\d[\d, ]*)\])")
_UNDECIDED = re.compile(r"(?: ?\[(?:\d[\d, ]{0,40}\]?)?|`+| )\Z")
_FENCE = 3


class Citations:
    """The numbers given out in one run. The same document keeps its number.

    `clock` is in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._found: list[KnowledgeResult] = []
        self._numbers: dict[str, int] = {}
        self._cited: list[int] = []
        self._links: frozenset[str] = frozenset()
        self._unreached: dict[str, None] = {}

    @property
    def links(self) -> frozenset[str]:
        """Every address that a tool returned in this run, also in the form that a link carries."""
        return self._links

    @property
    def sources(self) -> tuple[KnowledgeResult, ...]:
        """What was cited, in the order of the numbers that the reader sees."""
        return tuple(self._found[number - 1] for number in self._cited)

    @property
    def unreached(self) -> tuple[str, ...]:
        """The sources that could not be asked, or not all of them, and gave nothing after that."""
        return tuple(self._unreached)

    def number(self, result: ToolResult) -> ToolResult:
        """Number what a tool found, and write it out for the model."""
        for source in {found.source for found in result.found}:
            self._unreached.pop(source, None)
        self._unreached |= dict.fromkeys(result.unreached)
        shown = result.found[:MAX_HITS]
        cited_as = tuple(self._number_of(found) for found in shown)
        content = written(result, cited_as, datetime.fromtimestamp(self._clock(), UTC))
        return replace(result, content=content, found=shown, cited_as=cited_as)

    def link(self, number: int) -> str:
        """Return the link that stands for a cited number, or nothing if nobody gave it out."""
        if not 1 <= number <= len(self._found):
            return ""
        if number not in self._cited:
            self._cited.append(number)
        shown = self._cited.index(number) + 1
        return f"[{shown}]({link_target(self._found[number - 1].url)})"

    def _number_of(self, found: KnowledgeResult) -> int:
        number = self._numbers.setdefault(found.url, len(self._found) + 1)
        if number > len(self._found):
            self._found.append(found)
            self._links |= {found.url, link_target(found.url)}
        return number


class CitedText:
    """Turns citations into links while the text streams: what `feed` returns is final."""

    def __init__(self, citations: Citations) -> None:
        self._citations = citations
        self._pending = ""
        self._code = ""

    def feed(self, piece: str) -> str:
        """Take a piece of the model's text; return as much as can be decided."""
        text = self._pending + piece
        undecided = _UNDECIDED.search(text)
        decided = len(text) if undecided is None else undecided.start()
        self._pending = text[decided:]
        return self._rendered(text[:decided])

    def finish(self) -> str:
        """Return what was held back."""
        rest, self._pending = self._pending, ""
        return self._rendered(rest)

    def _rendered(self, text: str) -> str:
        parts: list[str] = []
        position = 0
        for token in _TOKEN.finditer(text):
            parts.append(text[position : token.start()])
            parts.append(self._replacement(token))
            position = token.end()
        return "".join((*parts, text[position:]))

    def _replacement(self, token: re.Match[str]) -> str:
        """Follow code, where brackets mean something else, and replace citations outside it."""
        if token["ticks"]:
            self._follow_code(token["ticks"])
        elif token["line"]:
            if len(self._code) < _FENCE:
                self._code = ""
        elif not self._code:
            numbers = (int(number) for number in re.findall(r"\d+", token["numbers"]))
            links = "".join(self._citations.link(number) for number in numbers)
            return token["space"] + links if links else ""
        return token[0]

    def _follow_code(self, ticks: str) -> None:
        if not self._code:
            self._code = ticks
        elif ticks == self._code or len(ticks) >= len(self._code) >= _FENCE:
            self._code = ""


def link_target(url: str) -> str:
    """Return the URL in a form that cannot end a Markdown link early."""
    return quote(url, safe="%/:=&?~#+!$,;'@[]*")
