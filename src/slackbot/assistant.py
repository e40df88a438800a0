"""The path of every question: decide, take, remember, answer, show. Its table of contents."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from slackbot.agent.budget import ToolBudget
from slackbot.agent.citations import Citations
from slackbot.agent.dispatch import Toolbox
from slackbot.agent.loop import Agent
from slackbot.agent.writing import Writing
from slackbot.conversation import Said
from slackbot.errors import DeadlineExceeded, DeliveryError, Interrupted, SlackbotError
from slackbot.memory.window import links_in, people_in, said_before, to_messages
from slackbot.resilience.stop import until
from slackbot.runs.attempts import MOST_ATTEMPTS, Attempts, earlier_attempts
from slackbot.runs.ledger import RunRecord
from slackbot.runs.stops import Stops
from slackbot.small_talk import small_talk
from slackbot.tools import RunContext
from slackbot.triage import Answer, FollowRules, Ignore, Known, triage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from slackbot.agent.prompt import Prompt
    from slackbot.conversation import (
        Amended,
        Incoming,
        Outcome,
        People,
        Reply,
        ThreadKey,
        ThreadReader,
    )
    from slackbot.llm import LLMProvider
    from slackbot.memory.store import Thread, ThreadMemory
    from slackbot.messages import Message
    from slackbot.ops.metrics import Ending, Metrics
    from slackbot.runs.stops import Stop
    from slackbot.runs.turns import Turns
    from slackbot.tools import Tool
    from slackbot.triage import Trigger

log = structlog.get_logger(__name__)

THINKING = "is thinking…"
WAITING = "has much to do and will be with you soon…"
STOPPED = "_Stopped. Ask again whenever you like._"
SUSPENDED = "_I'm being restarted and will answer this anew in a moment._"
LATE = "_Sorry for the delay: I was offline for a while._"
PREVIEW_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the assistant thinks with."""

    model: LLMProvider
    tools: Mapping[str, Tool]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run: seconds in all, seconds for each tool, and tool calls."""

    run_seconds: float
    tool_seconds: float
    tool_calls: int


class Assistant:
    """Answers what is said to it; the one path for every surface.

    `resumes` says that the next start takes up what this process leaves unfinished.
    """

    def __init__(
        self,
        *,
        equipment: Callable[[], Awaitable[Equipment]],
        memory: ThreadMemory,
        turns: Turns,
        threads: ThreadReader,
        people: People,
        prompt: Prompt,
        limits: Limits,
        follow: FollowRules,
        metrics: Metrics,
        resumes: bool,
        clock: Callable[[], float] = time.time,
        new_run_id: Callable[[], str] = lambda: uuid.uuid4().hex[:12],
    ) -> None:
        self._equipment = equipment
        self._memory = memory
        self._turns = turns
        self._threads = threads
        self._people = people
        self._prompt = prompt
        self._limits = limits
        self._follow = follow
        self._metrics = metrics
        self._resumes = resumes
        self._clock = clock
        self._new_run_id = new_run_id
        self._since = clock()
        self._stops = Stops()

    async def hear(self, incoming: Incoming, reply: Reply) -> None:
        """Take in what somebody said, and answer it through `reply` if it is for the bot."""
        match self._decide(incoming):
            case Ignore(reason):
                self._metrics.heard(reason)
                log.debug("mention.ignored", reason=reason, channel=incoming.channel)
                self._memory.hear(incoming.thread, _said(incoming))
            case Answer(trigger):
                self._metrics.heard(trigger)
                self._turns.take(_message_id(incoming))
                self._memory.join(incoming.thread, incoming.asker, self._clock())
                self._memory.hear(incoming.thread, _said(incoming))
                record = RunRecord(self._new_run_id())
                with structlog.contextvars.bound_contextvars(run_id=record.run_id):
                    await self._take(incoming, trigger, reply, record)

    def amend(self, amended: Amended) -> None:
        """Take in that somebody edited or deleted a message; a deleted one is answered no more."""
        self._memory.amend(amended)
        if amended.text is None:
            self._stops.withdraw(amended.thread, amended.ts)

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        """Take in from the record that the bot answered somebody in a thread (epoch seconds)."""
        self._memory.join(thread, asker, at)

    def doubt(self) -> None:
        """Take in that something may have been missed: threads are read again when needed."""
        self._memory.doubt()

    def cancel(self, thread: ThreadKey) -> None:
        """Have the runs of a thread end now; what they have is still shown."""
        self._stops.cancel(thread)

    def interrupt(self) -> None:
        """Have every run break off now, to be taken up by the next start, or shown as it is."""
        self._stops.interrupt()

    def _decide(self, incoming: Incoming) -> Answer | Ignore:
        thread = self._memory.recall(incoming.thread)
        known = Known(
            taken=self._turns.is_taken(_message_id(incoming)),
            askers=thread.askers if thread else {},
        )
        return triage(incoming, known, self._follow, self._clock())

    async def _take(
        self, incoming: Incoming, trigger: Trigger, reply: Reply, record: RunRecord
    ) -> None:
        """Run what was taken, and account for it however it ends."""
        log.info("mention.received", channel=incoming.channel, user=incoming.asker, trigger=trigger)
        log.debug("mention.preview", preview=incoming.text[:PREVIEW_CHARACTERS])
        ended: Ending = "crashed"
        with self._metrics.open_run():
            try:
                ended = await self._run(incoming, reply, record)
            except asyncio.CancelledError:
                ended = "cancelled"
                raise
            finally:
                self._account(incoming, trigger, record, ended)

    async def _run(self, incoming: Incoming, reply: Reply, record: RunRecord) -> Ending:
        """Show that the message was taken, answer it, show the answer; return how it ended."""
        writing = Writing(reply, Citations(), LATE if incoming.late else "")
        if not self._is_old(incoming):
            await reply.acknowledge()
        async with AsyncExitStack() as turn:
            with self._stops.watch(incoming.thread, incoming.ts) as stop:
                answering = self._answer(incoming, reply, turn, writing, record)
                try:
                    finished = await until(stop.asked, answering)
                except DeliveryError as error:
                    return self._give_up(incoming, error)
            if not finished:
                await self._cut_short(reply, writing, stop, record)
            if writing.outcome is None:
                thread = self._memory.recall(incoming.thread)
                gone = thread is not None and incoming.ts in thread.deleted
                return stop.reason or ("withdrawn" if gone else "already_answered")
            try:
                with record.spending("slack"):
                    await self._show(incoming, reply, writing.outcome)
            except DeliveryError as error:
                return self._give_up(incoming, error)
        return writing.outcome.state if finished else stop.reason or "interrupted"

    async def _answer(
        self,
        incoming: Incoming,
        reply: Reply,
        turn: AsyncExitStack,
        writing: Writing,
        record: RunRecord,
    ) -> None:
        """Wait for the turn, then think, unless the question was answered before, or is gone."""
        tell = partial(writing.on_status, WAITING)
        with record.spending("queue"):
            waiting = self._turns.turn(incoming.thread, incoming.asker, tell)
            await turn.enter_async_context(waiting)
        with record.spending("slack"):
            thread, earlier = await self._recall(incoming)
            if incoming.ts in thread.deleted:
                return
            if earlier.ended is not None:
                await reply.settle(earlier.ended)
                return
            if self._is_old(incoming):
                await reply.resume(earlier.leftovers, again=earlier.begun > 0)
        record.attempt = earlier.begun + 1
        if earlier.are_spent:
            self._fail(writing, Interrupted("every attempt was broken off"), record)
        else:
            await self._think(incoming, thread, writing, record)

    def _is_old(self, incoming: Incoming) -> bool:
        """Whether another process may have begun with it, so that only the record knows."""
        return incoming.late is not None or float(incoming.ts) < self._since

    async def _recall(self, incoming: Incoming) -> tuple[Thread, Attempts]:
        """Return the thread so far, and what became of the message: from memory, else the record.

        A message that begins a thread needs no reading, unless it is old: then nothing is begun
        before the record was read.

        Raises:
            DeliveryError: it cannot be read, and must be.
        """
        key = incoming.thread
        thread = self._memory.join(key, incoming.asker, self._clock())
        if self._is_old(incoming):
            said = await self._threads.read(key)
            earlier = earlier_attempts(said, incoming.ts)
            standing = [line for line in said if line.ts not in earlier.leftovers]
            return self._memory.complete(key, standing), earlier
        if not thread.complete:
            thread = await self._read(incoming, thread)
        return thread, Attempts(ended=thread.ended(incoming.ts))

    async def _read(self, incoming: Incoming, thread: Thread) -> Thread:
        """Complete a thread, if that is possible; where the message begins it, that is simple."""
        key = incoming.thread
        if not incoming.is_reply and not incoming.edited:
            return self._memory.complete(key, ())
        try:
            return self._memory.complete(key, await self._threads.read(key))
        except DeliveryError as error:
            log.warning("thread.unreadable", channel=incoming.channel, error=str(error))
            return thread

    async def _think(
        self, incoming: Incoming, thread: Thread, writing: Writing, record: RunRecord
    ) -> None:
        """Let the agent answer within the run's time; whatever fails ends in a fixed sentence.

        Raises:
            DeliveryError: nobody will ever see the answer, so that there is no use in thinking.
        """
        writing.allow(links_in(thread.said))
        try:
            async with asyncio.timeout(self._limits.run_seconds):
                await writing.on_status(THINKING)
                with record.spending("slack"):
                    conversation = await self._conversation(incoming, thread)
                courtesy = _is_courtesy(incoming, thread)
                agent = await self._agent(incoming, writing.citations, record, courtesy)
                await agent.answer(conversation, writing)
            writing.end("answered")
        except TimeoutError:
            self._fail(writing, DeadlineExceeded("the run's time is up"), record)
        except DeliveryError:
            raise
        except SlackbotError as error:
            self._fail(writing, error, record)
        except Exception as error:  # people must get an end, whatever broke
            log.exception("mention.crashed")
            self._fail(writing, SlackbotError(type(error).__name__), record)

    async def _conversation(self, incoming: Incoming, thread: Thread) -> Sequence[Message]:
        """Lay out the thread for the model, with the question as it stands now."""
        asked = _said(incoming)
        question = next((line for line in thread.said if line.ts == asked.ts), asked)
        # A message that was edited is asked now, whatever its place in the thread.
        history = thread.said if incoming.edited else said_before(thread.said, question)
        users = sorted(people_in((*history, question)))
        names = await asyncio.gather(*(self._people.name(user) for user in users))
        return to_messages(history, question, dict(zip(users, names, strict=True)))

    async def _agent(
        self, incoming: Incoming, citations: Citations, record: RunRecord, is_courtesy: bool
    ) -> Agent:
        """Set the model to work, with all tools unless there is nothing to look up."""
        with record.spending("queue"):
            equipment = await self._equipment()
        now = self._clock()
        context = RunContext(
            run_id=record.run_id,
            team=incoming.team,
            channel=incoming.channel,
            thread_ts=incoming.thread_ts,
            asker=incoming.asker,
            deadline=now + self._limits.run_seconds,
            action_token=incoming.action_token,
        )
        tools = {} if is_courtesy else equipment.tools
        toolbox = Toolbox(tools, context, self._limits.tool_seconds, self._clock)
        today = datetime.fromtimestamp(now, UTC).date()
        return Agent(
            model=equipment.model,
            system=self._prompt.system(today, toolbox.specs, is_courtesy=is_courtesy),
            toolbox=toolbox,
            budget=ToolBudget(self._limits.tool_calls),
            citations=citations,
            record=record,
        )

    async def _cut_short(
        self, reply: Reply, writing: Writing, stop: Stop, record: RunRecord
    ) -> None:
        """Settle how a run ends that was told to stop; without an outcome, it shows nothing."""
        if stop.reason == "withdrawn":
            await reply.withdraw()
        elif stop.reason == "cancelled":
            writing.end("cancelled", STOPPED)
        elif self._resumes and record.attempt < MOST_ATTEMPTS:
            await reply.suspend(SUSPENDED)
        else:
            self._fail(writing, Interrupted("the bot is stopping"), record)

    def _fail(self, writing: Writing, error: SlackbotError, record: RunRecord) -> None:
        log.warning("mention.failed", error_class=type(error).__name__, error=str(error))
        self._metrics.failed(type(error).__name__)
        record.error_class = type(error).__name__
        writing.end(
            "partial" if writing.text else "failed",
            f"{error.sentence} (Reference: {record.run_id})",
        )

    async def _show(self, incoming: Incoming, reply: Reply, outcome: Outcome) -> None:
        """End the reply and remember it."""
        said = await reply.end(outcome)
        self._memory.hear(incoming.thread, said)
        self._memory.join(incoming.thread, incoming.asker, self._clock())

    def _give_up(self, incoming: Incoming, error: DeliveryError) -> Ending:
        """Account for Slack not letting it be answered."""
        log.warning("mention.undeliverable", channel=incoming.channel, error=str(error))
        self._metrics.failed(type(error).__name__)
        return "undeliverable"

    def _account(
        self, incoming: Incoming, trigger: Trigger, record: RunRecord, outcome: Ending
    ) -> None:
        """Write the one line that tells everything about a run."""
        self._metrics.answered(outcome, record.total, record.seconds, record.usage)
        log.info(
            "mention.answered",
            outcome=outcome,
            channel=incoming.channel,
            thread=incoming.thread_ts,
            user=incoming.asker,
            trigger=trigger,
            **record.fields(),
        )


def _message_id(incoming: Incoming) -> tuple[str, str, str]:
    return incoming.team, incoming.channel, incoming.ts


def _said(incoming: Incoming) -> Said:
    return Said(incoming.ts, incoming.asker, incoming.text)


def _is_courtesy(incoming: Incoming, thread: Thread) -> bool:
    """Whether a message is thanks, a greeting, or a reaction to the bot's last answer."""
    before = said_before(thread.said, _said(incoming))
    return bool(small_talk(incoming.text, follows_answer=bool(before) and before[-1].by_bot))
