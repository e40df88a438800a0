"""What a list of results shows of a document: a title, and a piece of its text. Pure.

Each on one line, so that no document can write the entry of another one. Ten results are to cost a
model at most 1,500 tokens, of some 3.5 characters.
"""

from __future__ import annotations

from typing import Final

from slackbot.knowledge.text.markdown import one_line

MAX_TITLE: Final = 200
MAX_EXCERPT: Final = 300


def title(text: str) -> str:
    """Return a title, or another name, in bounded length."""
    return _shortened(text, MAX_TITLE)


def excerpt(text: str) -> str:
    """Return the beginning of a text."""
    return _shortened(text, MAX_EXCERPT)


def _shortened(text: str, limit: int) -> str:
    line = one_line(text[: 20 * limit])
    if len(line) <= limit:
        return line
    head, _, cut = line[:limit].rpartition(" ")
    return f"{head or cut}…"
