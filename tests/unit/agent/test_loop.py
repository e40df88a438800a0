"""The agent: a model calls tools until it has an answer or the budget is spent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from kit.knowledge import RUNBOOK, search_tool
from kit.scripted_provider import Round, ScriptedProvider, calls, fails, says
from slackbot.agent.budget import SPENT, ToolBudget
from slackbot.agent.citations import Citations
from slackbot.agent.context import DROPPED, ContextWindow
from slackbot.agent.dispatch import Toolbox
from slackbot.agent.loop import CUT, CUT_TOOLS, TOLD_SO, UNREADABLE, Agent
from slackbot.errors import (
    ContextExceeded,
    GuardrailIntervened,
    ModelBusy,
    ModelError,
    ModelFiltered,
)
from slackbot.messages import Message, StopReason, TokenUsage, ToolCall
from slackbot.runs.ledger import RunRecord
from slackbot.tools import RunContext

QUESTION = (Message("user", "How do we roll back?"),)
CONTEXT = RunContext(
    run_id="r1", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=2e9
)


@dataclass
class Reader:
    text: str = ""
    statuses: list[str] = field(default_factory=list)

    async def on_text(self, markdown: str) -> None:
        self.text += markdown

    async def on_status(self, text: str) -> None:
        self.statuses.append(text)


@dataclass
class Run:
    """One run of the agent over a script, with all that can be seen of it."""

    rounds: tuple[Round, ...]
    max_calls: int = 12
    context_tokens: int = 100_000
    reader: Reader = field(default_factory=Reader)
    citations: Citations = field(default_factory=Citations)
    record: RunRecord = field(default_factory=lambda: RunRecord("r1"))

    def __post_init__(self) -> None:
        self.model = ScriptedProvider(self.rounds)

    async def answer(self) -> str:
        agent = Agent(
            model=self.model,
            system="Be kind.",
            toolbox=Toolbox({"search_docs": search_tool(RUNBOOK)}, CONTEXT, 5.0),
            budget=ToolBudget(self.max_calls),
            window=ContextWindow(self.context_tokens),
            citations=self.citations,
            record=self.record,
        )
        await agent.answer(QUESTION, self.reader)
        return self.reader.text


def search(call_id: str = "c1", keywords: str = "rollback") -> ToolCall:
    return ToolCall(call_id, "search_docs", {"keywords": keywords})


async def test_an_answer_without_tools_takes_one_round() -> None:
    run = Run((says("Hello", " there."),))
    assert await run.answer() == "Hello there."
    assert run.model.requests[0].messages == QUESTION
    assert run.model.requests[0].system == "Be kind."
    assert [spec.name for spec in run.model.requests[0].tools] == ["search_docs"]


async def test_a_tool_that_there_is_not_has_no_name_on_record() -> None:
    run = Run((calls(ToolCall("c1", "Ana earns 90,000", {}), search("c2")), says("So.")))
    assert await run.answer() == "So."
    assert run.record.tools == ["unknown", "search_docs"]


async def test_tool_results_go_back_numbered_and_are_cited_as_links() -> None:
    run = Run((calls(search(), saying="I'll look. "), says("Run payctl [1].")))
    assert await run.answer() == f"Run payctl [1]({RUNBOOK.url})."
    *_, called, answered = run.model.requests[1].messages
    assert called == Message("assistant", "I'll look. ", tool_calls=(search(),))
    (result,) = answered.tool_results
    assert result.call_id == "c1"
    assert "[1] Confluence" in result.content
    assert run.citations.sources == (RUNBOOK,)
    assert list(run.record.objects) == [RUNBOOK.url]


async def test_what_is_said_before_a_tool_call_is_status() -> None:
    run = Run((calls(search(), saying="I'll look it up."), says("Done.")))
    assert await run.answer() == "Done."
    assert run.reader.statuses == ["I'll look it up."]


async def test_a_silent_tool_call_says_what_the_tool_does() -> None:
    run = Run((calls(search("a"), search("b", "other")), says("Done.")))
    await run.answer()
    assert run.reader.statuses == ["is searching the documents…"]


async def test_an_unknown_tool_has_no_words_of_its_own() -> None:
    run = Run((calls(ToolCall("c1", "nope")), says("Done.")))
    await run.answer()
    assert run.reader.statuses == ["is thinking…"]


async def test_text_of_several_rounds_stays_apart() -> None:
    run = Run((calls(search(), saying="It is down. Let me see why."), says("The disk is full.")))
    assert await run.answer() == "It is down. Let me see why.\n\nThe disk is full."


async def test_a_model_that_never_stops_calling_is_told_once_and_then_stopped() -> None:
    rounds = tuple(calls(search(str(n), str(n)), saying=f"Looking {n}.") for n in range(9))
    run = Run(rounds, max_calls=2)
    text = await run.answer()
    assert text == f"Looking 3.{CUT_TOOLS}"
    assert len(run.model.requests) == 4
    assert run.model.requests[3].messages[-1].tool_results[0].content == SPENT


async def test_the_account_holds_tokens_tools_and_model() -> None:
    run = Run((calls(search()), says("Done.")))
    await run.answer()
    assert run.record.usage == TokenUsage(20, 10)
    assert run.record.tools == ["search_docs"]
    assert run.record.model == "scripted"
    assert run.record.seconds.keys() == {"model", "tools"}


async def test_an_answer_cut_by_its_length_says_so() -> None:
    assert (await Run((says("And then", stop_reason="max_tokens"),)).answer()).endswith(CUT)


async def test_silence_is_asked_once_more_and_then_an_error_never_a_blank_answer() -> None:
    run = Run((says("  "),))
    with pytest.raises(ModelError):
        await run.answer()
    assert len(run.model.requests) == 2
    assert await Run((says("  "), says("There."))).answer() == "There."


async def test_silence_after_an_answer_was_given_is_no_error() -> None:
    run = Run((calls(search(), saying="It is down. See below."), says("")))
    assert await run.answer() == "It is down. See below."


@pytest.mark.parametrize(
    ("stop_reason", "error"),
    [
        ("filtered", ModelFiltered),
        ("guardrail", GuardrailIntervened),
        ("context_exceeded", ContextExceeded),
        ("malformed", ModelError),
    ],
)
async def test_an_unusable_end_is_an_error(
    stop_reason: StopReason, error: type[ModelError]
) -> None:
    with pytest.raises(error) as raised:
        await Run((says("x", stop_reason=stop_reason),)).answer()
    assert type(raised.value) is error


async def test_a_message_that_cannot_be_read_is_told_to_the_model() -> None:
    run = Run((says("{", stop_reason="malformed"), says("", stop_reason="malformed"), says("So.")))
    assert await run.answer() == "So."
    sent = [message.content for message in run.model.requests[-1].messages]
    assert sent == [QUESTION[0].content, "{", TOLD_SO, UNREADABLE, TOLD_SO]


async def test_a_model_that_goes_on_making_no_sense_is_given_up() -> None:
    run = Run((says("", stop_reason="malformed"),))
    with pytest.raises(ModelError, match="no sense"):
        await run.answer()
    assert len(run.model.requests) == 3


@pytest.mark.parametrize(
    "full", [fails(ContextExceeded("400"), "I"), says("I", stop_reason="context_exceeded")]
)
async def test_a_window_that_is_too_small_is_sent_half_once(full: Round) -> None:
    search_all = [calls(search(str(n), str(n))) for n in range(4)]
    run = Run((*search_all, full, says("It is down.")))
    assert await run.answer() == "It is down."
    dropped, kept = (
        [result.content for message in request.messages for result in message.tool_results]
        for request in run.model.requests[-2:]
    )
    assert len(dropped) == len(kept) == 4
    assert kept[0] == DROPPED != dropped[0]
    assert kept[-1] == dropped[-1]


async def test_a_window_that_closes_over_an_answer_leaves_what_was_said() -> None:
    run = Run((fails(ContextExceeded("400"), "It is down. I think that"), says("Never asked.")))
    with pytest.raises(ContextExceeded):
        await run.answer()
    assert run.reader.text == "It is down. I think that"


async def test_errors_of_the_model_pass_through() -> None:
    with pytest.raises(ModelBusy):
        await Run((fails(ModelBusy("503")),)).answer()


async def test_a_model_that_only_ever_calls_tools_has_not_answered() -> None:
    rounds = tuple(calls(search(str(n), str(n))) for n in range(9))
    with pytest.raises(ModelError):
        await Run(rounds, max_calls=2).answer()


async def test_what_nobody_can_see_is_no_answer() -> None:
    with pytest.raises(ModelError):
        await Run((says("\u200b", " \u2060"),)).answer()


async def test_what_follows_open_code_does_not_stand_in_it() -> None:
    cut = Run((says("```\npayctl", stop_reason="max_tokens"),))
    assert await cut.answer() == f"```\npayctl\n```{CUT}"
    rounds = (calls(search(), saying="Run this:\n```\npayctl"), says("It is done."))
    assert await Run(rounds).answer() == "Run this:\n```\npayctl\n```\n\nIt is done."
