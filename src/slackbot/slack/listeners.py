"""What the bot listens to: Bolt's events → the assistant, each in a task of its own."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Protocol

import structlog

from slackbot.conversation import Amended, Incoming, Reply, Stopped, ThreadKey
from slackbot.slack.events import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt.async_app import AsyncApp

    from slackbot.slack.events import BotIdentity
    from slackbot.slack.reply import SlackReply

log = structlog.get_logger(__name__)

EVENT_SCOPES: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "agent_session_stopped": "assistant:write",
}
"""The bot events that are listened to, by the manifest's names, and the scope that each needs."""


class Hearer(Protocol):
    """Who is told what people say: the assistant."""

    async def hear(self, incoming: Incoming, reply: Reply) -> None:
        """Take in what somebody said, and answer it through `reply` if it is for the bot."""
        ...

    def amend(self, amended: Amended) -> None:
        """Take in that somebody edited or deleted a message."""
        ...

    def cancel(self, thread: ThreadKey) -> None:
        """Have the answers under way in a thread end now, with what there is of them."""
        ...

    def interrupt(self) -> None:
        """Have every answer under way break off now."""
        ...

    def charge(self, incoming: Incoming) -> None:
        """Take in from the record that a message was answered, perhaps by another process."""
        ...

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        """Take in that somebody and the bot talked in a thread (seconds since the epoch)."""
        ...

    def doubt(self) -> None:
        """Take in that something may have been missed."""
        ...


class Listeners:
    """Hands events to the assistant and keeps the tasks that they became.

    Tasks begin in the order in which the events arrive.
    """

    def __init__(
        self, hearer: Hearer, bot: BotIdentity, reply_to: Callable[[Incoming], SlackReply]
    ) -> None:
        self._hearer = hearer
        self._bot = bot
        self._reply_to = reply_to
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> int:
        """How many messages are being heard."""
        return len(self._tasks)

    async def receive(self, body: Mapping[str, object]) -> None:
        """Take in the payload of one event; returns before it is answered."""
        # What is called soon stays in line with the tasks: each begins a little after its creation.
        soon = asyncio.get_running_loop().call_soon
        for happened in parse(body, self._bot):
            match happened:
                case Incoming():
                    self.take_in(happened)
                case Amended():
                    soon(self._hearer.amend, happened)
                case Stopped(thread):
                    soon(self._hearer.cancel, thread)

    def take_in(self, incoming: Incoming) -> None:
        """Take in what somebody said, whoever told of it; returns before it is answered."""
        task = asyncio.create_task(self._hear(incoming))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def charge(self, incoming: Incoming) -> None:
        """Take in from the record that a message was answered, perhaps by another process."""
        self._hearer.charge(incoming)

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        """Take in that somebody and the bot talked in a thread (seconds since the epoch)."""
        self._hearer.follow(thread, asker, at)

    def doubt(self) -> None:
        """Take in that something may have been missed."""
        self._hearer.doubt()

    async def drain(self, seconds: float, farewell: float) -> None:
        """Wait until all that was heard is answered, at most so long; then interrupt the rest.

        Those have `farewell` seconds to show what they have; what takes longer is cancelled.
        """
        if await self._unfinished(seconds):
            log.warning("drain.interrupted", runs=self.active)
            self._hearer.interrupt()
        if late := await self._unfinished(farewell):
            log.warning("drain.cancelled", runs=len(late))
            for task in late:
                task.cancel()
            await asyncio.wait(late)

    async def _unfinished(self, seconds: float) -> set[asyncio.Task[None]]:
        """Wait at most so long for all tasks; return those that are left."""
        if not self._tasks:
            return set()
        _, left = await asyncio.wait(self._tasks, timeout=seconds)
        return left

    async def _hear(self, incoming: Incoming) -> None:
        reply = self._reply_to(incoming)
        try:
            await self._hearer.hear(incoming, reply)
        except Exception:
            log.exception("mention.crashed", channel=incoming.channel)
        finally:
            await reply.close()


def register(
    app: AsyncApp,
    hearer: Hearer,
    bot: BotIdentity,
    reply_to: Callable[[Incoming], SlackReply],
) -> Listeners:
    """Subscribe the assistant to an app's events."""
    listeners = Listeners(hearer, bot, reply_to)

    async def receive(body: dict[str, object]) -> None:
        await listeners.receive(body)

    async def ignore() -> None:
        """Leave an event be; Bolt warns of what no listener takes."""

    for event_type in dict.fromkeys(event.partition(".")[0] for event in EVENT_SCOPES):
        app.event(event_type)(receive)
    app.event(re.compile(".*"))(ignore)
    return listeners
