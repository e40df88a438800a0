"""Runs the tool calls of one round side by side; each yields exactly one result.

What was asked for once in a run is not asked for again: a call that repeats another has its result.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from slackbot.errors import SlackbotError, SourceNotFound
from slackbot.messages import ToolResult
from slackbot.resilience.deadline import time_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slackbot.agent.budget import ToolBudget
    from slackbot.messages import ToolCall
    from slackbot.tools import RunContext, Tool, ToolSpec

log = structlog.get_logger(__name__)

NOT_FOUND = "There is no such document, or none that may be shown."
NOT_REACHED = (
    "{source} cannot be asked right now. Answer from the other sources, and say that it is missing."
)
CRASHED = "The tool failed. Try another way, or say that it could not be looked up."


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of one run, by name, and how long each may take, in seconds."""

    tools: Mapping[str, Tool]
    context: RunContext
    timeout: float
    clock: Callable[[], float] = time.time
    _made: dict[str, asyncio.Task[ToolResult]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of the tools."""
        return tuple(tool.spec for tool in self.tools.values())

    async def dispatch(
        self, calls: Sequence[ToolCall], budget: ToolBudget
    ) -> tuple[ToolResult, ...]:
        """Run the calls that the budget admits; return a result for each, in the same order.

        Raises:
            ModelError: calls made no sense, and that was forgiven often enough.
        """
        objections = [self._objection(call) for call in calls]
        if any(objections):
            budget.forgive_mistake()
        refusals = [
            budget.refusal(call) or objection
            for call, objection in zip(calls, objections, strict=True)
        ]
        results = map(self._result, calls, refusals)
        return tuple(await asyncio.gather(*results))

    async def _result(self, call: ToolCall, refusal: str | None) -> ToolResult:
        if refusal is not None:
            return ToolResult(refusal, is_error=True, call_id=call.id)
        made = self._made.get(call.request)
        if made is None:
            made = self._made[call.request] = asyncio.create_task(self._run(call))
        return replace(await made, call_id=call.id)

    def _objection(self, call: ToolCall) -> str | None:
        if call.name not in self.tools:
            return f"There is no tool {call.name!r}. There are: {', '.join(self.tools)}."
        if call.malformed is not None:
            return "The arguments were not valid JSON. Send the call again."
        return None

    async def _run(self, call: ToolCall) -> ToolResult:
        timeout = min(self.timeout, max(0.0, self.context.deadline - self.clock()))
        try:
            async with time_limit(timeout):
                return await self.tools[call.name].run(call.arguments, self.context)
        except TimeoutError:
            log.warning("tool.timed_out", tool=call.name, timeout_s=round(timeout, 2))
        except SourceNotFound:
            return ToolResult(NOT_FOUND, is_error=True)
        except SlackbotError as error:
            log.warning("tool.failed", tool=call.name, error=str(error))
        except Exception:  # a broken tool costs the answer nothing but itself
            log.exception("tool.crashed", tool=call.name)
            return _failed(CRASHED, self.tools[call.name].spec.source)
        return _failed(NOT_REACHED, self.tools[call.name].spec.source)


def _failed(content: str, source: str) -> ToolResult:
    """Tell the model, and note for the answer, that a source could not be asked."""
    unreached = (source,) if source else ()
    content = content.format(source=source or "This source")
    return ToolResult(content, is_error=True, unreached=unreached)
