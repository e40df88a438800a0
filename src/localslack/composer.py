"""What a person types, to what Slack stores: escaped text with entities, and a rich_text block.

Slack's documentation of text formatting and of the rich_text block. `@name` becomes `<@U…>` with a
`user` element, `#name` a channel, `@here` a broadcast, an address a link. Inside code the text
carries the entity all the same, but the rich_text holds no `user` element: openclaw's issues
report that Slack fires app_mention there too, so only the block tells a real mention.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localslack.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from localslack.model import Json

_BROADCASTS = frozenset({"here", "channel", "everyone"})
_PIECE = re.compile(
    r"```\n?(?P<block>[\s\S]+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<![\w@])@(?P<user>[A-Za-z0-9][\w.-]*\w|\w)"
    r"|(?<![\w#&])#(?P<channel>[a-z0-9][\w-]*)"
    r"|(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"])"
)
_MENTION = re.compile(r"(?<![\w@])@(?P<user>[A-Za-z0-9][\w.-]*\w|\w)")


@dataclass(frozen=True, slots=True)
class Composed:
    """The text and the blocks of a message that a person typed."""

    text: str
    blocks: tuple[Json, ...]


def compose(
    raw: str, user_id: Callable[[str], str | None], channel_id: Callable[[str], str | None]
) -> Composed:
    """Read what was typed; the two functions give the id behind a name, or `None`."""
    return _Reader(user_id, channel_id).read(raw)


class _Reader:
    def __init__(
        self, user_id: Callable[[str], str | None], channel_id: Callable[[str], str | None]
    ) -> None:
        self._user_id = user_id
        self._channel_id = channel_id
        self._text: list[str] = []
        self._inline: list[Json] = []
        self._elements: list[Json] = []

    def read(self, raw: str) -> Composed:
        end = 0
        for match in _PIECE.finditer(raw):
            self._plain(raw[end : match.start()])
            self._piece(match)
            end = match.end()
        self._plain(raw[end:])
        self._close_section()
        block: Json = {"type": "rich_text", "block_id": "typed", "elements": self._elements}
        return Composed("".join(self._text), (block,))

    def _piece(self, match: re.Match[str]) -> None:
        kind = match.lastgroup
        assert kind is not None  # every alternative of the pattern is a named group
        value = match[kind]
        match kind:
            case "block":
                self._close_section()
                self._text.append(f"```\n{self._in_code(value)}\n```")
                self._elements.append(
                    {"type": "rich_text_preformatted", "elements": [_text(value)]}
                )
            case "code":
                self._add(f"`{self._in_code(value)}`", _text(value, code=True))
            case "url":
                self._add(f"<{escape(value)}>", {"type": "link", "url": value})
            case "user":
                self._mention(value)
            case _:
                self._channel(value)

    def _mention(self, name: str) -> None:
        if name in _BROADCASTS:
            self._add(f"<!{name}>", {"type": "broadcast", "range": name})
        elif (user := self._user_id(name)) is not None:
            self._add(f"<@{user}>", {"type": "user", "user_id": user})
        else:
            self._plain(f"@{name}")

    def _channel(self, name: str) -> None:
        if (channel := self._channel_id(name)) is not None:
            self._add(f"<#{channel}|{name}>", {"type": "channel", "channel_id": channel})
        else:
            self._plain(f"#{name}")

    def _in_code(self, value: str) -> str:
        def entity(match: re.Match[str]) -> str:
            user = self._user_id(match["user"])
            return match[0] if user is None else f"<@{user}>"

        return _MENTION.sub(entity, escape(value))

    def _plain(self, value: str) -> None:
        if value:
            self._add(escape(value), _text(value))

    def _add(self, text: str, element: Json) -> None:
        self._text.append(text)
        self._inline.append(element)

    def _close_section(self) -> None:
        if self._inline:
            self._elements.append({"type": "rich_text_section", "elements": self._inline})
            self._inline = []


def _text(value: str, *, code: bool = False) -> Json:
    element: Json = {"type": "text", "text": value}
    return element | {"style": {"code": True}} if code else element
