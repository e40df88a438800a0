"""From a question and its thread to a written answer: sets an agent to it, bounded in time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from slackbot.agent.budget import ToolBudget
from slackbot.agent.context import ContextWindow
from slackbot.agent.dispatch import Toolbox
from slackbot.agent.loop import Agent
from slackbot.errors import DeadlineExceeded, DeliveryError, SlackbotError
from slackbot.memory.window import links_in, people_in, said_before, to_messages
from slackbot.resilience.deadline import time_limit
from slackbot.small_talk import small_talk
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from slackbot.agent.citations import Citations
    from slackbot.agent.prompt import Prompt
    from slackbot.agent.writing import Writing
    from slackbot.conversation import Incoming, People
    from slackbot.llm import LLMProvider
    from slackbot.memory.store import Thread
    from slackbot.messages import Message
    from slackbot.runs.ledger import RunRecord
    from slackbot.tools import Tool

log = structlog.get_logger(__name__)

THINKING = "is thinking…"


@dataclass(frozen=True, slots=True)
class Equipment:
    """What is thought with."""

    model: LLMProvider
    tools: Mapping[str, Tool]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run: seconds in all and for each tool, tool calls, and tokens sent."""

    run_seconds: float
    tool_seconds: float
    tool_calls: int
    context_tokens: int


class Thinker:
    """Lets an agent answer one question after the other, many at once."""

    def __init__(
        self,
        *,
        equipment: Callable[[], Awaitable[Equipment]],
        people: People,
        prompt: Prompt,
        limits: Limits,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._equipment = equipment
        self._people = people
        self._prompt = prompt
        self._limits = limits
        self._clock = clock

    async def think(
        self, incoming: Incoming, thread: Thread, writing: Writing, record: RunRecord
    ) -> None:
        """Write the answer within the run's time; whatever fails ends it with a fixed sentence.

        Raises:
            DeliveryError: nobody will ever see the answer, so that there is no use in thinking.
        """
        writing.allow(links_in(thread.said))
        try:
            async with time_limit(self._limits.run_seconds):
                await writing.on_status(THINKING)
                with record.spending("slack"):
                    conversation = await self._conversation(incoming, thread)
                courtesy = _is_courtesy(incoming, thread)
                agent = await self._agent(incoming, writing.citations, record, courtesy)
                await agent.answer(conversation, writing)
            writing.end("answered", record.remark)
        except TimeoutError:
            fail(writing, DeadlineExceeded("the run's time is up"), record)
        except DeliveryError:
            raise
        except SlackbotError as error:
            fail(writing, error, record)
        except Exception as error:  # people must get an end, whatever broke
            log.exception("mention.crashed")
            fail(writing, SlackbotError(type(error).__name__), record)

    async def _conversation(self, incoming: Incoming, thread: Thread) -> Sequence[Message]:
        """Lay out the thread for the model, with the question as it stands now."""
        asked = incoming.said
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
            window=ContextWindow(self._limits.context_tokens),
            citations=citations,
            record=record,
        )


def fail(writing: Writing, error: SlackbotError, record: RunRecord) -> None:
    """End an answer with the sentence for what failed, under what is written already."""
    log.warning("mention.failed", error_class=type(error).__name__, error=str(error))
    record.error_class = type(error).__name__
    writing.end(
        "partial" if writing.text else "failed", f"{error.sentence} (Reference: {record.run_id})"
    )


def _is_courtesy(incoming: Incoming, thread: Thread) -> bool:
    """Whether a message is thanks, a greeting, or a reaction to the bot's last answer."""
    before = said_before(thread.said, incoming.said)
    return bool(small_talk(incoming.text, follows_answer=bool(before) and before[-1].by_bot))
