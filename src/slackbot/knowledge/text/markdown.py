"""The pieces that Markdown is written with: code, tables, quotations, list items. Pure."""

from __future__ import annotations

import re
from textwrap import indent
from typing import TYPE_CHECKING

from slackbot.invisible import strip_invisible

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PADDED_COLUMNS = 50

_SPACES = re.compile(r"\s+")
_BACKTICKS = re.compile(r"`+")
_LIST_ITEM = re.compile(r"(?:-|\d+\.) ")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{0,32}")


def one_line(text: str) -> str:
    """Return what is visible of a text, with single spaces between its words."""
    return _SPACES.sub(" ", strip_invisible(text)).strip()


def fenced(code: str, language: str = "") -> str:
    """Return a block of code; its fence is longer than any run of backticks within."""
    fence = "`" * max(3, _longest_ticks(code) + 1)
    name = "".join(language.split())
    return f"{fence}{name if _LANGUAGE.fullmatch(name) else ''}\n{code}\n{fence}"


def code_span(code: str) -> str:
    """Return code within a line."""
    longest = _longest_ticks(code)
    ticks, padding = "`" * (longest + 1), " " if longest else ""
    return wrapped(code, f"{ticks}{padding}", f"{padding}{ticks}")


def wrapped(text: str, before: str, after: str) -> str:
    """Put marks around the words; the spaces at their ends stay outside, as Markdown wants it."""
    words = text.strip()
    if not words:
        return text
    start = text.index(words)
    return f"{text[:start]}{before}{words}{after}{text[start + len(words) :]}"


def is_web_address(text: str) -> bool:
    """Whether a text is the address of a web page, and nothing more."""
    return _ADDRESS.fullmatch(text) is not None


def link(text: str, address: str) -> str:
    """Return a link to a web page; the text alone where the address is none."""
    if not is_web_address(address):
        return text
    if text.strip() in ("", address):
        return f"<{address}>"
    return wrapped(text, "[", f"]({address.replace('(', '%28').replace(')', '%29')})")


def quoted(text: str) -> str:
    """Return the text as a quotation."""
    return indent(text, "> ", lambda _line: True).replace("> \n", ">\n") if text else ""


def list_item(bullet: str, blocks: Sequence[str], box: str = "", *, set_in: bool = True) -> str:
    """Return a list item: nested lists close up to what they belong to, paragraphs stand apart."""
    lines = [
        f"{'' if index == 0 or _LIST_ITEM.match(block) else chr(10)}{block}"
        for index, block in enumerate(blocks)
    ]
    margin = " " * len(bullet) if set_in else ""
    return f"{bullet}{box}{indent(chr(10).join(lines), margin).removeprefix(margin)}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells, the first as the header, which a Markdown table cannot do without."""
    width = min(max(map(len, rows)), MAX_PADDED_COLUMNS)
    lines = [
        f"| {' | '.join([*(_cell(text) for text in row), *[''] * (width - len(row))])} |"
        for row in rows
    ]
    lines.insert(1, f"|{' --- |' * max(width, len(rows[0]))}")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|") if text else ""


def _longest_ticks(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
