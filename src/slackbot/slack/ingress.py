"""Slack's message text → plain text for a model: unescaped, visible, normalised, bounded.

Source of the syntax: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata

from slackbot.invisible import strip_invisible

MAX_CHARACTERS = 12_000
_CUT_NOTE = f"\n[cut here: the message is longer than {MAX_CHARACTERS:,} characters]"

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_MARKUP = re.compile(
    r"(?P<entity>&(?:amp|lt|gt);)"
    r"|<(?P<kind>[@#!]?)(?P<target>[^<>|\s][^<>|\n]*)(?:\|(?P<label>[^<>\n]*))?>"
)


def plain_text(mrkdwn: str) -> str:
    """Return what a person reading the message sees, at most `MAX_CHARACTERS` of it.

    Mentions of people stay as `<@U…>`, since names change and ids do not.
    """
    text = unicodedata.normalize("NFC", strip_invisible(_MARKUP.sub(_plain_markup, mrkdwn))).strip()
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[: MAX_CHARACTERS - len(_CUT_NOTE)].rstrip() + _CUT_NOTE


def live_links(mrkdwn: str) -> frozenset[str]:
    """Return the addresses behind the labelled links of a message, code left out.

    An address that is its own label may be Slack's work: it makes links of what looks like one.
    """
    links = (link for link in _MARKUP.finditer(_CODE.sub(" ", mrkdwn)) if not link["kind"])
    found = ((_unescape(link["target"] or ""), _unescape(link["label"] or "")) for link in links)
    return frozenset(
        url
        for url, label in found
        if url.startswith(("https://", "http://")) and not _is_own_label(url, label)
    )


def _plain_markup(match: re.Match[str]) -> str:
    if entity := match["entity"]:
        return _ENTITIES[entity]
    target, label = _unescape(match["target"]), _unescape(match["label"] or "")
    match match["kind"]:
        case "@":
            return f"<@{target}>"
        case "#":
            return f"#{label or target}"
        case "!":
            return _plain_command(target, label)
        case _:
            return _plain_link(target, label)


def _plain_command(target: str, label: str) -> str:
    """`<!here>`, `<!subteam^S1|@team>`, `<!date^…^…|fallback>`."""
    name, _, argument = target.partition("^")
    match name:
        case "subteam":
            return label or f"@{argument}"
        case "date":
            return label
        case _:
            return f"@{name}"


def _plain_link(url: str, label: str) -> str:
    address = url.removeprefix("mailto:")
    return address if _is_own_label(url, label) else f"{label} ({address})"


def _is_own_label(url: str, label: str) -> bool:
    """Whether the label adds nothing to the address, with or without its scheme."""
    bare = url.removeprefix("mailto:").removeprefix("https://").removeprefix("http://")
    return label in ("", url, url.removeprefix("mailto:"), bare)


def _unescape(text: str) -> str:
    """Undo Slack's escaping once: `&amp;lt;` is what a person sees as `&lt;`."""
    return re.sub("&(?:amp|lt|gt);", lambda entity: _ENTITIES[entity[0]], text)
