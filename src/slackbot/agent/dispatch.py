"""Runs the tool calls of one round side by side; each yields exactly one result."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from slackbot.errors import SlackbotError, SourceNotFound, SourceUnauthorized
from slackbot.messages import ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slackbot.agent.budget import ToolBudget
    from slackbot.messages import ToolCall
    from slackbot.tools import RunContext, Tool, ToolSpec

log = structlog.get_logger(__name__)

NOT_FOUND = "There is no such document, or none that may be shown."
NOT_REACHED = (
    "This source could not be asked just now. Answer from the others, and say that it is missing."
)
CRASHED = "The tool failed. Try another way, or say that it could not be looked up."


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of one run, by name, and how long each may take, in seconds."""

    tools: Mapping[str, Tool]
    context: RunContext
    timeout: float
    clock: Callable[[], float] = time.time

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of the tools."""
        return tuple(tool.spec for tool in self.tools.values())

    async def dispatch(
        self, calls: Sequence[ToolCall], budget: ToolBudget
    ) -> tuple[ToolResult, ...]:
        """Run the calls that the budget admits; return a result for each, in the same order."""
        return tuple(await asyncio.gather(*(self._result(call, budget) for call in calls)))

    async def _result(self, call: ToolCall, budget: ToolBudget) -> ToolResult:
        refusal = budget.refusal(call) or self._objection(call)
        if refusal is not None:
            return ToolResult(refusal, is_error=True, call_id=call.id)
        return replace(await self._run(call), call_id=call.id)

    def _objection(self, call: ToolCall) -> str | None:
        if call.name not in self.tools:
            return f"There is no tool {call.name!r}. There are: {', '.join(self.tools)}."
        if call.malformed is not None:
            return "The arguments were not valid JSON. Send the call again."
        return None

    async def _run(self, call: ToolCall) -> ToolResult:
        timeout = min(self.timeout, max(0.0, self.context.deadline - self.clock()))
        try:
            async with asyncio.timeout(timeout):
                return await self.tools[call.name].run(call.arguments, self.context)
        except TimeoutError:
            log.warning("tool.timed_out", tool=call.name, timeout_s=timeout)
            return ToolResult(NOT_REACHED, is_error=True)
        except SourceNotFound:
            return ToolResult(NOT_FOUND, is_error=True)
        except SourceUnauthorized as error:
            log.error("tool.unauthorized", tool=call.name, error=str(error))
            return ToolResult(NOT_REACHED, is_error=True)
        except SlackbotError as error:
            log.warning("tool.failed", tool=call.name, error=str(error))
            return ToolResult(NOT_REACHED, is_error=True)
        except Exception:  # a broken tool costs the answer nothing but itself
            log.exception("tool.crashed", tool=call.name)
            return ToolResult(CRASHED, is_error=True)
