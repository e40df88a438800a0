"""What Slack would show of one channel, written to a terminal line by line as it happens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localslack.changes import (
    EphemeralPosted,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    ReactionAdded,
    StatusSet,
    TextStreamed,
)
from localslack.emoji import glyphs
from localslack.errors import SlackError
from localslack.terminal.text import Look, TextWriter, clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from localslack.changes import Change
    from localslack.model import Json, Message
    from localslack.workspace import Workspace

_INDENT = "  "
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_QUOTE_LENGTH = 40


class View:
    """Shows the changes of the channel `channel` (an id) to the user `reader` (an id).

    Append only: a message that is being streamed grows at the end of the page; should something
    else come between, it goes on beneath with its author's name again.
    """

    def __init__(self, workspace: Workspace, reader: str, out: TextIO, look: Look) -> None:
        self.channel = ""
        self.look = look
        self._lost_prompt = False
        self._workspace = workspace
        self._reader = reader
        self._out = out
        self._line_is_open = False
        self._prompt_is_shown = False
        self._growing: str | None = None
        self._writers: dict[str, TextWriter] = {}
        self._root: str | None = None
        self._status: str | None = None

    def line(self, text: str = "") -> None:
        """Write a line of the page's own."""
        self._close_line()
        self._write(f"{text}\n")

    def prompt(self, text: str) -> None:
        """Write what to type behind. It is wiped out by whatever is shown before a line ends."""
        self._close_line()
        self._write(f"{self.look.dim(text)} ")
        self._prompt_is_shown = True
        self._lost_prompt = False

    def typed(self) -> None:
        """Note that the reader has ended the prompt's line."""
        self._prompt_is_shown = False
        self._lost_prompt = False

    @property
    def lacks_prompt(self) -> bool:
        """Whether the prompt was wiped out, and there is room for it again."""
        return self._lost_prompt and not self._writers

    def name(self, user: str) -> str:
        """Return the name of a user, or the id of one who is not known."""
        try:
            return self._workspace.user(user).name
        except SlackError:
            return user

    def show(self, change: Change) -> None:
        """Show a change, if it is one of this channel that the reader can see."""
        match change:
            case MessagePosted(message) if self._is_here(message):
                self._posted(message)
            case TextStreamed(message, appended) if self._is_here(message):
                self._grow(message, appended)
            case MessageChanged(message, previous) if self._is_here(message):
                self._changed(message, previous)
            case MessageDeleted(message) if self._is_here(message):
                self._deleted(message)
            case ReactionAdded(message, user, name) if self._is_here(message):
                self._enter_thread(message)
                by = self.look.dim(self.name(user))
                self.line(f"{_INDENT}{glyphs().get(name, f':{name}:')} {by}")
            case StatusSet(status) if status.channel == self.channel:
                self._show_status(self.name(status.user), status.text)
            case EphemeralPosted(told) if (told.channel, told.to) == (self.channel, self._reader):
                only_you = self.look.dim("(only you can see this)")
                self.line(f"{_INDENT}{self.look.bold(self.name(told.user))} {only_you}")
                self._block(told.text, markdown=False)
            case _:
                pass

    def _is_here(self, message: Message) -> bool:
        return message.channel == self.channel

    def _posted(self, message: Message) -> None:
        if message.user == self._reader:
            self._root = message.root_ts
            return  # the reader has just typed it
        self._enter_thread(message)
        self._grow(message, _body(message))
        if message.stream is None:
            self._finish(message, message.own_blocks)

    def _changed(self, message: Message, previous: Message) -> None:
        """Show what was added to a message, or all of it where it says something else now."""
        if message.user == self._reader:
            return
        blocks = tuple(block for block in message.own_blocks if block not in previous.own_blocks)
        body, before = _body(message), _body(previous)
        if body.startswith(before):
            self._grow(message, body[len(before) :])
            self._finish(message, blocks)
            return
        self._writers.pop(message.ts, None)
        self._enter_thread(message)
        self._header(message, "(edited)")
        self._block(body, markdown=message.markdown, margin=self._margin(message))

    def _deleted(self, message: Message) -> None:
        self._writers.pop(message.ts, None)
        note = f"{self._who(message)} deleted a message"
        self.line(self._margin(message) + self.look.dim(note))

    def _grow(self, message: Message, piece: str) -> None:
        writer = self._writers.get(message.ts)
        if writer is None:
            writer = self._writers[message.ts] = self._writer(markdown=message.markdown)
        self._add(message, writer.feed(piece))

    def _finish(self, message: Message, blocks: Iterable[Json]) -> None:
        self._add(message, self._writers.pop(message.ts).finish())
        for block in blocks:
            if (text := _block_text(block)) and block["type"] != "rich_text":
                writer = self._writer(markdown=block["type"] == "markdown")
                break_line = "\n" if self._line_is_open else ""
                self._add(message, break_line + writer.feed(text) + writer.finish())
        self._close_line()

    def _add(self, message: Message, shown: str) -> None:
        """Add to a message, beneath its author's name if something else came between."""
        if not shown:
            return
        if self._growing != message.ts:
            self._enter_thread(message)
            self._header(message)
            self._growing = message.ts
        self._write_indented(shown, self._margin(message))

    def _header(self, message: Message, note: str = "") -> None:
        who = self._margin(message) + self.look.bold(self._who(message))
        self.line(f"{who} {self.look.dim(note)}".rstrip())

    def _block(self, text: str, *, markdown: bool, margin: str = _INDENT) -> None:
        writer = self._writer(markdown=markdown)
        self._write_indented(writer.feed(text) + writer.finish(), margin)
        self._close_line()

    def _show_status(self, who: str, text: str) -> None:
        shown = f"{who} {clean(text)}" if text else None
        if shown is not None and shown != self._status:
            self.line(_INDENT + self.look.dim(shown))
        self._status = shown

    def _enter_thread(self, message: Message) -> None:
        """Say which thread this belongs to, where it is not the one that was shown last."""
        if message.root_ts == self._root:
            return
        self._root = message.root_ts
        if message.is_reply:
            root = self._workspace.message(message.channel, message.root_ts)
            writer = TextWriter(Look(), self._entity, markdown=False)
            quote = " ".join((writer.feed(root.text) + writer.finish()).split())
            self.line(self.look.dim(f"↳ {self._who(root)}: {quote[:_QUOTE_LENGTH]}"))

    def _writer(self, *, markdown: bool) -> TextWriter:
        return TextWriter(self.look, self._entity, markdown=markdown)

    def _entity(self, entity: str) -> str:
        kind, (target, _, label) = entity[0], entity[1:].partition("|")
        if kind == "@":
            return f"@{self.name(target)}"
        return f"#{label or target}" if kind == "#" else f"@{label or target}"

    def _who(self, message: Message) -> str:
        return self.name(message.user)

    def _margin(self, message: Message) -> str:
        return _INDENT if message.is_reply else ""

    def _write_indented(self, text: str, margin: str) -> None:
        for line in _LINES.findall(text):
            if line != "\n" and not self._line_is_open:
                self._write(margin)
            self._write(line)
            self._line_is_open = not line.endswith("\n")

    def _close_line(self) -> None:
        if self._prompt_is_shown:
            self._write("\r\x1b[2K")
            self._prompt_is_shown = False
            self._lost_prompt = True
        if self._line_is_open:
            self._write("\n")
        self._line_is_open = False
        self._growing = None

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _body(message: Message) -> str:
    """The text that is shown: none where blocks stand in its place (Slack's documentation)."""
    instead = any(block.get("type") != "rich_text" for block in message.own_blocks)
    return "" if instead and not message.markdown else message.body


def _block_text(block: Json) -> str:
    """The text of a block of the kinds that hold some; several are put on one line."""
    texts = [block.get("text"), *block.get("elements", ()), *block.get("fields", ())]
    found = [text.get("text") if isinstance(text, dict) else text for text in texts]
    return "  ".join(text for text in found if isinstance(text, str))
