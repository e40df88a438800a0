"""The agent: a model calls tools until it has an answer or the budget is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.agent.draft import Draft
from slackbot.errors import ContextExceeded, ModelError, ModelFiltered
from slackbot.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.agent.budget import ToolBudget
    from slackbot.agent.citations import Citations
    from slackbot.agent.dispatch import Toolbox
    from slackbot.agent.draft import Listener
    from slackbot.llm import LLMProvider
    from slackbot.messages import LLMResponse, ToolCall
    from slackbot.runs.ledger import RunRecord

CUT = "\n\n_(The answer was longer than I may write and is cut here.)_"
CUT_TOOLS = "\n\n_(I stopped looking things up here: this is as far as I got.)_"


@dataclass(frozen=True, slots=True)
class Agent:
    """A model with its tools, set to one task."""

    model: LLMProvider
    system: str
    toolbox: Toolbox
    budget: ToolBudget
    citations: Citations
    record: RunRecord

    async def answer(self, conversation: Sequence[Message], listener: Listener) -> None:
        """Stream the answer to `listener`.

        Raises:
            ModelError: the model failed, was filtered, or said nothing.
        """
        transcript = list(conversation)
        answered = False
        while True:
            was_told_to_stop = self.budget.overdrawn
            draft = Draft(self.citations, listener, continues=answered)
            response = await self._ask(transcript, draft)
            if not response.tool_calls or was_told_to_stop:
                break
            preamble = await draft.become_status()
            answered = answered or bool(draft.text)
            await listener.on_status(preamble or self._activity(response.tool_calls))
            transcript.append(
                Message("assistant", response.content, tool_calls=response.tool_calls)
            )
            with self.record.spending("tools"):
                results = await self.toolbox.dispatch(response.tool_calls, self.budget)
            numbered = tuple(self.citations.number(result) for result in results)
            transcript.append(Message("user", "", tool_results=numbered))
        await draft.finish()
        if not (answered or draft.text):
            raise ModelError("the model ended without a word")
        if response.tool_calls:
            await listener.on_text(CUT_TOOLS)
        elif response.stop_reason == "max_tokens":
            await listener.on_text(CUT)

    async def _ask(self, transcript: Sequence[Message], draft: Draft) -> LLMResponse:
        with self.record.spending("model"):
            response = await self.model.complete(
                transcript, system=self.system, tools=self.toolbox.specs, on_text=draft.write
            )
        self.record.model = response.model
        self.record.usage += response.usage
        self.record.tools += [call.name for call in response.tool_calls]
        match response.stop_reason:
            case "filtered":
                raise ModelFiltered("the provider's filter stopped the answer")
            case "context_exceeded":
                raise ContextExceeded("the model's context window is exceeded")
            case "malformed":
                raise ModelError("the model's output was malformed")
            case _:
                return response

    def _activity(self, calls: Sequence[ToolCall]) -> str:
        """Say what the tools do, each once, in the words of their specs."""
        specs = {spec.name: spec.activity for spec in self.toolbox.specs}
        doing = dict.fromkeys(specs[call.name] for call in calls if call.name in specs)
        return f"is {' and '.join(doing) or 'thinking'}…"
