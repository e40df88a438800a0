"""Each tool call yields exactly one result, whatever the tool does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kit.knowledge import RUNBOOK, HangingTool, search_tool
from slackbot.agent import dispatch
from slackbot.agent.budget import REPEATED, SPENT, ToolBudget
from slackbot.agent.dispatch import CRASHED, NOT_FOUND, NOT_REACHED, Toolbox
from slackbot.errors import SourceNotFound, SourceUnauthorized, SourceUnavailable
from slackbot.messages import ToolCall, ToolResult
from slackbot.tools import RunContext, SourceTool, Tool, ToolSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1000.0
CONTEXT = RunContext(
    run_id="r1", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=NOW + 60
)


DOCS_NOT_REACHED = NOT_REACHED.format(source="Docs")


def toolbox(*tools: Tool, timeout: float = 5.0, now: float = NOW) -> Toolbox:
    return Toolbox({tool.spec.name: tool for tool in tools}, CONTEXT, timeout, lambda: now)


def call(name: str = "search_docs", call_id: str = "c1", keywords: object = "rollback") -> ToolCall:
    return ToolCall(call_id, name, {"keywords": keywords})


async def only(box: Toolbox, tool_call: ToolCall) -> ToolResult:
    (result,) = await box.dispatch([tool_call], ToolBudget(9))
    return result


async def test_results_come_in_the_order_of_the_calls() -> None:
    box = toolbox(search_tool(RUNBOOK), search_tool(name="search_other"))
    results = await box.dispatch([call(call_id="a"), call("search_other", "b")], ToolBudget(9))
    assert [(result.call_id, result.found, result.is_error) for result in results] == [
        ("a", (RUNBOOK,), False),
        ("b", (), False),
    ]


@pytest.mark.parametrize(
    ("error", "expected", "unreached"),
    [
        (SourceNotFound("page 7"), NOT_FOUND, ()),
        (SourceUnavailable("503"), DOCS_NOT_REACHED, ("Docs",)),
        (SourceUnauthorized("401"), DOCS_NOT_REACHED, ("Docs",)),
        (ZeroDivisionError("a bug"), CRASHED, ("Docs",)),
    ],
)
async def test_a_tool_that_fails_is_told_to_the_model_in_fixed_words(
    error: Exception, expected: str, unreached: tuple[str, ...]
) -> None:
    result = await only(toolbox(SourceTool(search_tool(error=error), "Docs")), call())
    assert result == ToolResult(expected, is_error=True, unreached=unreached, call_id="c1")


async def test_a_tool_of_no_source_that_fails_is_told_as_well() -> None:
    result = await only(toolbox(search_tool(error=SourceUnavailable("503"))), call())
    assert result.content.startswith("This source cannot be asked right now.")
    assert result.unreached == ()


async def test_a_tool_that_hangs_costs_its_time_and_no_more() -> None:
    box = toolbox(HangingTool(ToolSpec("slow", "Never ends.", {}, source="Docs")), timeout=0.01)
    assert (await only(box, call("slow"))).content == NOT_REACHED.format(source="Docs")


async def test_no_tool_runs_beyond_the_deadline_of_the_run() -> None:
    box = toolbox(HangingTool(ToolSpec("slow", "Never ends.", {})), timeout=60, now=NOW + 61)
    async with asyncio.timeout(1):
        assert (await only(box, call("slow"))).is_error


async def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    result = await only(toolbox(search_tool()), call("rm_rf"))
    assert result.is_error
    assert "search_docs" in result.content


async def test_broken_arguments_are_told_to_the_model() -> None:
    result = await only(toolbox(search_tool()), ToolCall("c1", "search_docs", malformed="{oops"))
    assert result.is_error
    assert "JSON" in result.content


async def test_wrong_arguments_are_named() -> None:
    result = await only(toolbox(search_tool()), call(keywords=7))
    assert result.is_error
    assert "keywords" in result.content


async def test_cancellation_passes_through() -> None:
    box = toolbox(HangingTool(ToolSpec("slow", "Never ends.", {})), timeout=60)
    task = asyncio.create_task(only(box, call("slow")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_calls_beyond_the_budget_are_refused() -> None:
    budget = ToolBudget(2)
    results = await toolbox(search_tool()).dispatch(
        [call(keywords=str(number)) for number in range(3)], budget
    )
    assert [result.is_error for result in results] == [False, False, True]
    assert results[2].content == SPENT
    assert budget.overdrawn


async def test_an_identical_call_is_made_once_and_refused_the_third_time() -> None:
    """However its arguments are ordered, and whether the empty ones are named."""
    asked: list[Mapping[str, object]] = []

    class Counting(HangingTool):
        async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
            asked.append(arguments)
            await asyncio.sleep(0)
            return ToolResult("Found.", (RUNBOOK,))

    box = toolbox(Counting(ToolSpec("search", "Search.", {})))
    budget = ToolBudget(9)
    first = ToolCall("a", "search", {"keywords": "x", "limit": 0})
    again = ToolCall("b", "search", {"limit": 0, "spaces": [], "after": None, "keywords": "x"})
    other = ToolCall("c", "search", {"keywords": "x"})
    results = await box.dispatch([first, again, other], budget)
    assert asked == [first.arguments, other.arguments]
    assert [(result.call_id, result.content) for result in results] == [
        ("a", "Found."), ("b", "Found."), ("c", "Found."),
    ]  # fmt: skip
    assert (await box.dispatch([other], budget))[0].content == "Found."
    assert (await box.dispatch([other], budget))[0].content == REPEATED
    assert len(asked) == 2


async def test_what_failed_once_is_not_asked_again_in_the_same_run() -> None:
    calls = 0

    class Failing(HangingTool):
        async def run(self, arguments: Mapping[str, object], context: RunContext) -> ToolResult:
            nonlocal calls
            calls += 1
            raise SourceUnavailable("503")

    box = toolbox(Failing(ToolSpec("search", "Search.", {})))
    budget = ToolBudget(9)
    for _ in range(2):
        (result,) = await box.dispatch([ToolCall("a", "search")], budget)
        assert result.is_error
    assert calls == 1


def test_the_sentences_for_the_model_do_not_repeat_each_other() -> None:
    sentences = {SPENT, REPEATED, dispatch.NOT_FOUND, dispatch.NOT_REACHED, dispatch.CRASHED}
    assert len(sentences) == 5
