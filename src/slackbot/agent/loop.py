"""The agent: a model calls tools until it has an answer or the budget is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from slackbot.agent.draft import Draft
from slackbot.errors import ContextExceeded, GuardrailIntervened, ModelError, ModelFiltered
from slackbot.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.agent.budget import ToolBudget
    from slackbot.agent.citations import Citations
    from slackbot.agent.context import ContextWindow
    from slackbot.agent.dispatch import Toolbox
    from slackbot.agent.draft import Listener
    from slackbot.llm import LLMProvider
    from slackbot.messages import LLMResponse, ToolCall
    from slackbot.runs.ledger import RunRecord
    from slackbot.tools import ToolSpec

CUT = "\n\n_(The answer was longer than I may write and is cut here.)_"
CUT_TOOLS = "\n\n_(I stopped looking things up here: this is as far as I got.)_"

LOOKED_UP = "I have looked that up."
ANSWER_NOW = "No tools are at hand any more. This is what they returned; answer from it now."
UNKNOWN_TOOL = "unknown"
UNREADABLE = "(unreadable)"
TOLD_SO = "Your last message could not be read. Answer, or call a tool with valid JSON."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Agent:
    """A model with its tools, set to one task."""

    model: LLMProvider
    system: str
    toolbox: Toolbox
    budget: ToolBudget
    window: ContextWindow
    citations: Citations
    record: RunRecord

    async def answer(self, conversation: Sequence[Message], listener: Listener) -> None:
        """Stream the answer to `listener`.

        Raises:
            ModelError: the model failed, was filtered, or said nothing that makes sense.
        """
        transcript, tools = list(conversation), self.toolbox.specs
        answered = was_silent = False
        while True:
            was_told_to_stop = self.budget.overdrawn
            draft = Draft(self.citations, listener, continues=answered)
            response = await self._ask(transcript, tools, draft)
            if response.stop_reason == "malformed":
                self.budget.forgive_mistake()
                await draft.become_status()
                transcript += _told_so(response)
            elif response.tool_calls and not was_told_to_stop:
                preamble = await draft.become_status()
                await listener.on_status(preamble or self._activity(response.tool_calls))
                transcript += await self._work(response)
            else:
                await draft.finish()
                if answered or draft.text:
                    break
                if was_silent:
                    raise ModelError("the model ended without a word")
                was_silent = True
                if response.tool_calls:
                    log.info("model.tools_withdrawn")
                    transcript = in_words(self.window.fit(transcript, self.system, tools))
                    tools = ()
            answered = answered or bool(draft.text)
        if response.tool_calls:
            await listener.on_text(CUT_TOOLS)
        elif response.stop_reason == "max_tokens":
            await listener.on_text(CUT)

    async def _ask(
        self, transcript: Sequence[Message], tools: Sequence[ToolSpec], draft: Draft
    ) -> LLMResponse:
        """Ask for the next message; if the transcript is too long, once more with half of it."""
        try:
            return await self._complete(transcript, tools, draft)
        except ContextExceeded:
            if not draft.begin_again():
                raise
            log.info("model.context_halved")
            self.window.halve()
            return await self._complete(transcript, tools, draft)

    async def _complete(
        self, transcript: Sequence[Message], tools: Sequence[ToolSpec], draft: Draft
    ) -> LLMResponse:
        messages = self.window.fit(transcript, self.system, tools)
        with self.record.spending("model"):
            response = await self.model.complete(
                messages, system=self.system, tools=tools, on_text=draft.write
            )
        self.window.learn(response.usage)
        self.record.model = response.model
        self.record.usage += response.usage
        self.record.tools += self._known(response.tool_calls)
        match response.stop_reason:
            case "filtered":
                raise ModelFiltered("the provider's filter stopped the answer")
            case "guardrail":
                raise GuardrailIntervened("a guardrail stopped the question or the answer")
            case "context_exceeded":
                raise ContextExceeded("the model's context window is exceeded")
            case _:
                return response

    async def _work(self, response: LLMResponse) -> tuple[Message, Message]:
        """Run the tools that the model calls; return its message, and the one that answers it."""
        with self.record.spending("tools"):
            results = await self.toolbox.dispatch(response.tool_calls, self.budget)
        numbered = tuple(self.citations.number(result) for result in results)
        self.record.objects |= {found.url: None for result in numbered for found in result.found}
        self.record.unreached = self.citations.unreached
        return (
            Message("assistant", response.content, tool_calls=response.tool_calls),
            Message("user", "", tool_results=numbered),
        )

    def _known(self, calls: Sequence[ToolCall]) -> list[str]:
        """Return the names of the tools; one that there is not has none that may go on record."""
        there = self.toolbox.tools
        return [call.name if call.name in there else UNKNOWN_TOOL for call in calls]

    def _activity(self, calls: Sequence[ToolCall]) -> str:
        """Say what the tools do, each once, in the words of their specs."""
        specs = {spec.name: spec.activity for spec in self.toolbox.specs}
        doing = dict.fromkeys(specs[call.name] for call in calls if call.name in specs)
        return f"is {' and '.join(doing) or 'thinking'}…"


def in_words(transcript: Sequence[Message]) -> list[Message]:
    """Tell as text what tools returned: to a model that calls them whatever it is told.

    Where no tools are offered, vendors take no calls and no results either.
    """
    said = [message for message in transcript if not (message.tool_calls or message.tool_results)]
    results = (result for message in transcript for result in message.tool_results)
    told = dict.fromkeys(result.content for result in results if not result.is_error)
    return [
        *said,
        Message("assistant", LOOKED_UP),
        Message("user", "\n\n".join((ANSWER_NOW, *told))),
    ]


def _told_so(response: LLMResponse) -> tuple[Message, Message]:
    """Tell a model that its message made no sense; its own words have to stand before that."""
    return Message("assistant", response.content or UNREADABLE), Message("user", TOLD_SO)
