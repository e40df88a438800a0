"""The path of every question: decide, take, remember, answer, show. Its table of contents."""

from __future__ import annotations

import time
import uuid
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import structlog

from slackbot.agent.citations import Citations
from slackbot.agent.writing import Writing
from slackbot.errors import DeliveryError, Interrupted
from slackbot.resilience.stop import until
from slackbot.runs.attempts import MOST_ATTEMPTS
from slackbot.runs.ledger import Asked, RunRecord
from slackbot.runs.stops import Stops
from slackbot.thinking import fail
from slackbot.triage import Answer, FollowRules, Ignore, Known, Refuse, triage

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.conversation import Amended, Incoming, Outcome, Reply, ThreadKey
    from slackbot.memory.recall import Recall
    from slackbot.memory.store import ThreadMemory
    from slackbot.ops.metrics import Ending, Metrics
    from slackbot.runs.ledger import Ledger
    from slackbot.runs.limits import Excess, RateLimits
    from slackbot.runs.stops import Stop
    from slackbot.runs.turns import Turns
    from slackbot.thinking import Thinker
    from slackbot.triage import Decision, Trigger

log = structlog.get_logger(__name__)

WAITING = "has much to do and will be with you soon…"
STOPPED = "_Stopped. Ask again whenever you like._"
SUSPENDED = "_I'm being restarted and will answer this anew in a moment._"
LATE = "_Sorry for the delay: I was offline for a while._"
PREVIEW_CHARACTERS = 80


class Assistant:
    """Answers what is said to it; the one path for every surface.

    `resumes` says that the next start takes up what this process leaves unfinished.
    """

    def __init__(
        self,
        *,
        thinker: Thinker,
        memory: ThreadMemory,
        recall: Recall,
        turns: Turns,
        limits: RateLimits,
        follow: FollowRules,
        metrics: Metrics,
        ledger: Ledger,
        resumes: bool,
        clock: Callable[[], float] = time.time,
        new_run_id: Callable[[], str] = lambda: uuid.uuid4().hex[:12],
    ) -> None:
        self._thinker = thinker
        self._memory = memory
        self._recall = recall
        self._turns = turns
        self._limits = limits
        self._follow = follow
        self._metrics = metrics
        self._ledger = ledger
        self._resumes = resumes
        self._clock = clock
        self._new_run_id = new_run_id
        self._stops = Stops()

    async def hear(self, incoming: Incoming, reply: Reply) -> None:
        """Take in what somebody said, and answer it through `reply` if it is for the bot."""
        match self._decide(incoming):
            case Ignore(reason):
                self._metrics.heard(reason)
                log.debug("mention.ignored", reason=reason, channel=incoming.channel)
                self._memory.hear(incoming.thread, incoming.said)
            case Refuse(excess):
                await self._refuse(incoming, excess, reply)
            case Answer(trigger):
                self._metrics.heard(trigger)
                self._turns.take(_message_id(incoming))
                self._limits.count(incoming)
                self._memory.join(incoming.thread, incoming.asker, self._clock())
                self._memory.hear(incoming.thread, incoming.said)
                record = RunRecord(self._new_run_id())
                with structlog.contextvars.bound_contextvars(run_id=record.run_id):
                    await self._take(incoming, trigger, reply, record)

    def amend(self, amended: Amended) -> None:
        """Take in that somebody edited or deleted a message; a deleted one is answered no more."""
        self._memory.amend(amended)
        if amended.text is None:
            self._stops.withdraw(amended.thread, amended.ts)

    def charge(self, incoming: Incoming) -> None:
        """Take in from the record that a message was answered, perhaps by another process."""
        if not self._turns.is_taken(_message_id(incoming)):
            self._turns.take(_message_id(incoming))
            self._limits.count(incoming)

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

    def _decide(self, incoming: Incoming) -> Decision:
        thread = self._memory.recall(incoming.thread)
        known = Known(
            taken=self._turns.is_taken(_message_id(incoming)),
            askers=thread.askers if thread else {},
            excess=self._limits.excess(incoming),
        )
        return triage(incoming, known, self._follow, self._clock())

    async def _refuse(self, incoming: Incoming, excess: Excess, reply: Reply) -> None:
        """Leave a message unanswered that is one too many, and have its asker told why."""
        self._metrics.heard(excess.limit)
        log.info(
            "mention.refused",
            limit=excess.limit,
            seconds=round(excess.seconds, 1),
            channel=incoming.channel,
            user=incoming.asker,
        )
        self._turns.take(_message_id(incoming))
        self._memory.hear(incoming.thread, incoming.said)
        await reply.refuse(self._limits.notice(incoming.asker, excess))

    async def _take(
        self, incoming: Incoming, trigger: Trigger, reply: Reply, record: RunRecord
    ) -> None:
        """Run what was taken, and account for it however it ends."""
        log.info("mention.received", channel=incoming.channel, user=incoming.asker, trigger=trigger)
        log.debug("mention.preview", preview=incoming.text[:PREVIEW_CHARACTERS])
        with self._ledger.run(_asked(incoming, trigger), record) as run:
            run.outcome = await self._run(incoming, reply, record)

    async def _run(self, incoming: Incoming, reply: Reply, record: RunRecord) -> Ending:
        """Show that the message was taken, answer it, show the answer; return how it ended."""
        writing = Writing(reply, Citations(self._clock), LATE if incoming.late else "")
        if not self._recall.is_old(incoming):
            await reply.acknowledge()
        async with AsyncExitStack() as turn:
            with self._stops.watch(incoming.thread, incoming.ts) as stop:
                answering = self._answer(incoming, reply, turn, writing, record)
                try:
                    finished = await until(stop.asked, answering)
                except DeliveryError as error:
                    return _undeliverable(incoming, error, record)
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
                return _undeliverable(incoming, error, record)
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
            thread, earlier = await self._recall.so_far(incoming)
            if incoming.ts in thread.deleted:
                return
            if earlier.ended is not None:
                await reply.settle(earlier.ended)
                return
            if self._recall.is_old(incoming):
                await reply.resume(earlier.leftovers, again=earlier.begun > 0)
        record.attempt = earlier.begun + 1
        if earlier.are_spent:
            fail(writing, Interrupted("every attempt was broken off"), record)
        else:
            await self._thinker.think(incoming, thread, writing, record)

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
            fail(writing, Interrupted("the bot is stopping"), record)

    async def _show(self, incoming: Incoming, reply: Reply, outcome: Outcome) -> None:
        """End the reply and remember it."""
        said = await reply.end(outcome)
        self._memory.hear(incoming.thread, said)
        self._memory.join(incoming.thread, incoming.asker, self._clock())


def _message_id(incoming: Incoming) -> tuple[str, str, str]:
    return incoming.team, incoming.channel, incoming.ts


def _asked(incoming: Incoming, trigger: Trigger) -> Asked:
    return Asked(
        incoming.team,
        incoming.channel,
        incoming.thread_ts,
        incoming.ts,
        incoming.asker,
        trigger,
    )


def _undeliverable(incoming: Incoming, error: DeliveryError, record: RunRecord) -> Ending:
    """Note that Slack does not let it be answered."""
    log.warning("mention.undeliverable", channel=incoming.channel, error=str(error))
    record.error_class = type(error).__name__
    return "undeliverable"
