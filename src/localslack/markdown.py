"""Markdown, as `markdown_text` takes it, to mrkdwn, as the `text` of a message shows it.

Slack's documentation of text formatting: in mrkdwn `*` is bold, `_` italic, `~` strike, a link is
`<url|label>`, and `& < >` are escaped. Sequences that mrkdwn itself knows (`<@U…>`, `<#C…>`,
`<!…>`, `<https…>`) stay live, as they do in Slack: whoever sends text must neutralise them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CODE = re.compile(r"(?P<fence>```[\s\S]*?(?:```|\Z))|(?P<span>`[^`\n]+`)")
_LIVE = re.compile(r"<(?:[@#!][^<>\n]+|(?:https?://|mailto:)[^<>\s]+)>")
_LINK = re.compile(r"!?\[(?P<label>[^\]\n]*)\]\((?P<url>[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(?P<title>.+?)\s*#*$", re.MULTILINE)
_BULLET = re.compile(r"^(?P<indent>[ \t]*)[-*+]\s+", re.MULTILINE)
_STRONG = re.compile(r"\*\*(?=\S)(?P<text>[^\n]+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])(?P<text>[^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_STRIKE = re.compile(r"~~(?=\S)(?P<text>[^\n]+?)(?<=\S)~~")
_BOLD = "\x00"  # stands for mrkdwn's `*` until Markdown's own are dealt with


def escape(text: str) -> str:
    """Escape `& < >` and nothing else (Slack's documentation of text formatting)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def settled(mrkdwn: str) -> str:
    """Return mrkdwn as Slack keeps it: sequences and entities as sent, stray `& < >` escaped."""
    return _outside(_LIVE, mrkdwn, lambda text: escape(unescape(text)), lambda live: live[0])


@lru_cache(maxsize=1024)  # whoever reads or searches a message asks for it again
def to_mrkdwn(markdown: str) -> str:
    """Return the mrkdwn text of a message that was sent as Markdown.

    As in CommonMark, entities such as `&lt;` mean their character, save in code.
    """
    return _outside(_CODE, markdown.replace(_BOLD, ""), _prose, lambda code: escape(code[0]))


def _prose(text: str) -> str:
    text = _HEADING.sub(lambda match: _bold(_STRONG.sub(r"\g<text>", match["title"])), text)
    text = _BULLET.sub(r"\g<indent>• ", text)
    text = _STRONG.sub(lambda match: _bold(match["text"]), text)
    text = _EMPHASIS.sub(r"_\g<text>_", text)
    text = _STRIKE.sub(r"~\g<text>~", text)
    return _outside(_LINK, text, settled, _link).replace(_BOLD, "*")


def _bold(text: str) -> str:
    return f"{_BOLD}{text}{_BOLD}"


def _link(match: re.Match[str]) -> str:
    url, label = settled(match["url"]), settled(match["label"])
    return f"<{url}|{label}>" if label else f"<{url}>"


def _outside(
    pattern: re.Pattern[str],
    text: str,
    rest: Callable[[str], str],
    found: Callable[[re.Match[str]], str],
) -> str:
    """Rewrite what `pattern` finds with `found`, and everything between with `rest`."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(text):
        pieces += (rest(text[end : match.start()]), found(match))
        end = match.end()
    return "".join((*pieces, rest(text[end:])))
