"""What stands in a line of wiki markup, such as links and emphasis, to Markdown. Pure."""

from __future__ import annotations

import re

from slackbot.knowledge.text.markdown import code_span, link, one_line

_PHRASE = re.compile(
    r"\{\{(?P<code>[^{}\n]+)\}\}"
    r"|\[(?P<link>[^\[\]\n]+)\]"
    r"|(?<![\w!])!(?P<picture>[^\s!|]+\.\w{1,5})(?:\|[^!\n]*)?!"
    r"|(?P<look>\{(?:color|anchor)(?::[^{}\n]*)?\})"
    r"|(?<![\w*])\*(?=\S)(?P<strong>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<em>[^_\n]+)(?<=\S)_(?![\w_])"
    r"|(?<![\w-])-(?=[^\s-])(?P<strike>[^-\n]+)(?<=\S)-(?![\w-])"
    r"|(?P<line_break>\\\\(?!\S))"
    r"|\\(?P<escaped>[\\*_{}\[\]!|+^~?#-])"
)


def phrases_to_markdown(text: str) -> str:
    """Convert a line of text."""
    return _PHRASE.sub(_phrase, text)


def _phrase(found: re.Match[str]) -> str:
    words = found[found.lastgroup or 0]
    match found.lastgroup:
        case "code":
            return code_span(words)
        case "link":
            return _link(words)
        case "picture":
            return _file(words)
        case "look":
            return ""
        case "strong":
            return f"**{phrases_to_markdown(words)}**"
        case "em":
            return f"*{phrases_to_markdown(words)}*"
        case "strike":
            return f"~~{phrases_to_markdown(words)}~~"
        case "line_break":
            return "\n"
        case _:
            return words


def _link(inside: str) -> str:
    """Return a link, a person or an attachment; what is none of them stays as it was."""
    if inside.startswith("~"):
        return "@someone" if inside.startswith("~accountid:") else f"@{inside[1:]}"
    if inside.startswith("^"):
        return _file(inside[1:])
    text, has_text, address = inside.partition("|")
    if not has_text:
        return link("", inside) or f"[{inside}]"
    return link(phrases_to_markdown(text), address.partition("|")[0].strip())


def _file(name: str) -> str:
    return link("", name) or f"[attachment: {one_line(name)}]"
