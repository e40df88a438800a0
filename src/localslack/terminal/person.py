"""A person at a terminal, who reads a channel and types into it; a TTY or a pipe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localslack.changes import MessagePosted, ReactionAdded
from localslack.errors import SlackError
from localslack.terminal.text import Look, clean
from localslack.terminal.view import View

if TYPE_CHECKING:
    from collections.abc import AsyncIterable
    from typing import TextIO

    from localslack.changes import Change
    from localslack.model import Channel, Message
    from localslack.server import LocalSlack

END_MARKS = frozenset({"white_check_mark", "x", "no_entry_sign", "octagonal_sign"})
"""The reactions by which a bot says that it is done with a message."""

HELP = """\
@name …         say something in the channel; mention a bot to ask it
…               in a thread: a follow-up, no mention needed
/new            leave the thread, back to the channel
/dm             a direct conversation with the bot
/channel NAME   another channel
/help           this page
/quit           the end (or Ctrl+D)"""

_MENTION = re.compile(r"(?<![\w@])@\w")


class TerminalWorkspace:
    """`person`'s view of `channel` on `out`, fed by what `lines` yields.

    `interactive` is for a TTY: prompts are shown and the next line is read at any time. Otherwise
    each line is written out, and the next one waits until the bot has marked it as ended, at most
    `answer_within` seconds. `color` allows ANSI colour.
    """

    def __init__(
        self,
        server: LocalSlack,
        person: str,
        channel: str,
        *,
        out: TextIO,
        lines: AsyncIterable[str],
        interactive: bool = False,
        color: bool = False,
        answer_within: float = 60.0,
    ) -> None:
        self._server = server
        self._workspace = server.workspace
        self._person = self._workspace.user(person)
        self._bots = {app.user_id: app.name for app in self._workspace.apps}
        self._lines = lines
        self._interactive = interactive
        self._answer_within = answer_within
        self._view = View(
            self._workspace, self._person.id, out, Look(color=color, links=interactive and color)
        )
        self._channel = self._workspace.channel(channel)
        self._thread: str | None = None
        self._awaited: set[str] = set()

    async def run(self) -> None:
        """Show what happens and take lines until `/quit` or their end."""
        stop_listening = self._workspace.listen(self._changed)
        try:
            self._greet()
            self._go_to(self._channel)
            self._show_prompt()
            async for line in self._lines:
                if line.strip() == "/quit":
                    break
                await self._take(clean(line).strip())
            if self._interactive:
                self._view.line()
        finally:
            stop_listening()

    async def _take(self, line: str) -> None:
        if self._interactive:
            self._view.typed()
        elif line:
            self._view.line(f"{self._place()} {line}")
        if line.startswith("/"):
            self._command(line)
        elif line:
            await self._say(line)
        if not self._awaited:
            self._show_prompt()

    async def _say(self, line: str) -> None:
        """Send a line to the thread that is open, or to the channel if it mentions someone."""
        thread_ts = None if _MENTION.search(line) else self._thread
        try:
            ts = self._server.say(self._person.id, self._channel, line, thread_ts=thread_ts)
        except SlackError as refusal:
            self._view.line(self._view.look.dim(f"Slack says {refusal.code}."))
            return
        if not self._expects_answer(self._workspace.message(self._channel.id, ts)):
            return
        self._awaited.add(ts)
        if not self._interactive:
            await self._wait_for_end(ts)

    async def _wait_for_end(self, ts: str) -> None:
        try:
            await self._server.until(lambda: ts not in self._awaited, self._answer_within)
        except TimeoutError:
            self._awaited.discard(ts)
            waited = f"{self._answer_within:g} s"
            self._view.line(self._view.look.dim(f"No end mark within {waited}; going on."))

    def _expects_answer(self, message: Message) -> bool:
        """Whether a bot is to answer: it is mentioned, or this is its thread or direct channel."""
        mentions_bot = any(f"<@{bot}>" in message.text for bot in self._bots)
        return mentions_bot or message.is_reply or self._channel.kind == "im"

    def _command(self, line: str) -> None:
        command, _, argument = line.partition(" ")
        match command:
            case "/help":
                self._view.line(HELP)
            case "/new":
                self._thread = None
            case "/dm" if self._bots:
                bot = argument.strip() or next(iter(self._bots))
                self._try_to_go_to(bot, direct=True)
            case "/channel" if argument:
                self._try_to_go_to(argument.strip(), direct=False)
            case _:
                self._view.line(self._view.look.dim(f"There is no {line}; /help shows what is."))

    def _try_to_go_to(self, where: str, *, direct: bool) -> None:
        try:
            if direct:
                self._go_to(self._server.open_dm(self._person.id, where))
                return
            room = self._workspace.room(where)
            if room.channel.kind == "channel":
                self._workspace.join(room.channel.id, self._person.id)
            if self._person.id not in room.members:
                raise SlackError("channel_not_found")
            self._go_to(room.channel)
        except SlackError as refusal:
            self._view.line(self._view.look.dim(f"Slack says {refusal.code}."))

    def _go_to(self, channel: Channel) -> None:
        self._channel = channel
        self._thread = None
        self._view.channel = channel.id

    def _changed(self, change: Change) -> None:
        """Show a change; a bot's reply opens its thread, its end mark the next prompt."""
        self._view.show(change)
        if not self._awaited and self._view.lacks_prompt:
            self._show_prompt()
        match change:
            case MessagePosted(message) if self._is_answer(message):
                self._thread = message.root_ts
            case ReactionAdded(message, user, name) if user in self._bots and name in END_MARKS:
                self._ended(message)

    def _ended(self, message: Message) -> None:
        if message.ts not in self._awaited:
            return
        self._awaited.discard(message.ts)
        self._view.line()
        if not self._awaited:
            self._show_prompt()

    def _is_answer(self, message: Message) -> bool:
        """Whether a bot replied here to something that the person began."""
        if message.channel != self._channel.id or message.user not in self._bots:
            return False
        root = self._workspace.message(message.channel, message.root_ts)
        return message.is_reply and root.user == self._person.id

    def _greet(self) -> None:
        bot = next(iter(self._bots.values()), None)
        ask = f" Mention @{bot} to ask something;" if bot else ""
        who = f"{self._person.real_name} in {self._workspace.team_name}"
        self._view.line(self._view.look.dim(f"You are {who}.{ask} /help shows what else to type."))

    def _place(self) -> str:
        if self._thread is not None:
            return "thread ›"
        if self._channel.kind != "im":
            return f"#{self._channel.name} ›"
        members = self._workspace.room(self._channel.id).members
        return f"@{next(self._view.name(user) for user in members if user != self._person.id)} ›"

    def _show_prompt(self) -> None:
        if self._interactive:
            self._view.prompt(self._place())
