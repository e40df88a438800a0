"""F16 to F23: the model is busy, cut off, filtered, silent, or talks nonsense."""

from __future__ import annotations

import pytest

from faults.checker import checked
from kit.scripted_model import MidStreamError, Refusal, Round, ScriptedCall, Step, says
from kit.world import Asked, World, living_world
from slackbot.agent.budget import MISTAKES_FORGIVEN, REPEATED, SPENT
from slackbot.agent.context import DROPPED
from slackbot.agent.loop import ANSWER_NOW, CUT, CUT_TOOLS, TOLD_SO
from slackbot.errors import (
    ContextExceeded,
    GuardrailIntervened,
    ModelBusy,
    ModelError,
    ModelFiltered,
    ModelStreamCut,
)
from slackbot.llm.resilient.fallback import SEARCH_ONLY
from slackbot.resilience import breaker

QUESTION = "@slackbot how do we roll back payments?"
TALK = ("First stop the worker. ", "Then wait. ")
ATTEMPTS = 4
"""How often a model is asked that cannot answer just now."""

BUSY = Refusal(code="ThrottlingException")
CUT_OFF = Round(ending="cut")
BUSY_OR_CUT_OFF: dict[str, Step] = {
    "throttled": BUSY,
    "503": Refusal(code="ServiceUnavailableException"),
    "timed out": Refusal(code="ModelTimeoutException"),
    "cut off": CUT_OFF,
    "reset": Round(ending="reset"),
    "failed within": Round(ending=MidStreamError("serviceUnavailableException")),
}


async def asked(
    *script: Step, fallbacks: str = "none", max_tool_calls: str = "12"
) -> tuple[Asked, World]:
    """Ask a question in a world with this model in it; return what came of it."""
    opening = living_world(script, LLM_FALLBACKS=fallbacks, MAX_TOOL_CALLS=max_tool_calls)
    async with checked(opening) as here:
        return await here.ask(QUESTION), here


def search(keywords: str = "roll back payments") -> Round:
    """A round that searches, and finds the runbook by its own words."""
    call = ScriptedCall("search_confluence", f'{{"keywords": "{keywords}"}}')
    return Round(tool_calls=[call])


def results(here: World, request: int = -1) -> list[str]:
    """Return the texts of the tool results that the model was sent."""
    return [
        block["toolResult"]["content"][0]["text"]
        for message in here.bedrock.requests[request]["messages"]
        for block in message["content"]
        if "toolResult" in block
    ]


@pytest.mark.parametrize("fault", BUSY_OR_CUT_OFF)
async def test_f16_f17_what_may_work_soon_is_tried_again_before_any_text_is_shown(
    fault: str,
) -> None:
    told, here = await asked(*[BUSY_OR_CUT_OFF[fault]] * (ATTEMPTS - 1), says("Like this."))
    assert (told.mark, told.answer) == ("white_check_mark", "Like this.")
    assert len(here.bedrock.requests) == ATTEMPTS


async def test_f16_a_model_that_stays_busy_is_said_to_be() -> None:
    told, here = await asked(*[BUSY] * ATTEMPTS)
    assert told.mark == "x"
    assert told.answer.startswith(ModelBusy.sentence)
    assert len(here.bedrock.requests) == ATTEMPTS


@pytest.mark.parametrize(
    "script", [[BUSY] * 4 * ATTEMPTS, [Refusal(code="AccessDeniedException")] * 8]
)
async def test_f16_without_a_model_people_get_what_a_search_finds(script: list[Step]) -> None:
    told, _ = await asked(*script, fallbacks="offline")
    assert told.mark == "white_check_mark"
    assert told.answer.startswith(SEARCH_ONLY)
    assert "Roll back the payments service" in told.answer


async def test_f16_a_model_that_gives_up_between_two_tools_leaves_the_search() -> None:
    told, _ = await asked(search(), *[BUSY] * 4 * ATTEMPTS, fallbacks="offline")
    assert told.mark == "white_check_mark"
    assert told.answer.startswith(SEARCH_ONLY)
    assert "Roll back the payments service" in told.answer


async def test_f16_a_model_that_says_nothing_leaves_time_for_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is silent for half of the run, and asked no more then."""
    monkeypatch.setattr(breaker, "REST_SECONDS", 1.0)
    silent = Round(first_piece_after=60.0)
    opening = living_world([silent] * 2, LLM_FALLBACKS="offline", RUN_DEADLINE_SECONDS="4")
    async with checked(opening) as here:
        told = await here.ask(QUESTION)
    assert told.mark == "white_check_mark"
    assert told.answer.startswith(SEARCH_ONLY)
    assert "Roll back the payments service" in told.answer
    assert len(here.bedrock.requests) == 1


@pytest.mark.parametrize("ending", ["cut", "reset", MidStreamError("throttlingException")])
async def test_f17_what_was_shown_stays_and_is_said_to_be_a_part(
    ending: str | MidStreamError,
) -> None:
    told, here = await asked(Round(text=TALK, ending=ending))  # type: ignore[arg-type] # as above
    assert told.mark == "white_check_mark"
    assert told.answer.startswith("".join(TALK).strip())
    assert ModelStreamCut.sentence in told.answer
    assert len(here.bedrock.requests) == 1


BROKEN = Round(tool_calls=[ScriptedCall("search_confluence", '{"keywords": ')])
UNKNOWN = Round(tool_calls=[ScriptedCall("delete_everything", "{}")])
MALFORMED = Round(text=["<tool"], stop_reason="malformed")


@pytest.mark.parametrize("mistake", [BROKEN, UNKNOWN, MALFORMED])
async def test_f18_a_call_that_makes_no_sense_is_told_to_the_model_twice(mistake: Round) -> None:
    told, _ = await asked(*[mistake] * MISTAKES_FORGIVEN, says("Like this."))
    assert (told.mark, told.answer) == ("white_check_mark", "Like this.")


@pytest.mark.parametrize("mistake", [BROKEN, UNKNOWN, MALFORMED])
async def test_f18_and_then_it_has_failed(mistake: Round) -> None:
    told, here = await asked(*[mistake] * (MISTAKES_FORGIVEN + 1))
    assert told.mark == "x"
    assert told.answer.startswith(ModelError.sentence)
    assert len(here.bedrock.requests) == MISTAKES_FORGIVEN + 1


async def test_f18_the_model_is_told_what_was_wrong() -> None:
    _, here = await asked(BROKEN, UNKNOWN, says("Like this."))
    broken, unknown = results(here)
    assert "not valid JSON" in broken
    assert "There is no tool 'delete_everything'" in unknown
    _, here = await asked(MALFORMED, says("Like this."))
    assert TOLD_SO in here.model_texts()[-1]


@pytest.mark.parametrize("nothing", [Round(), Round(text=["  "]), Round(text=["\u200b"])])
async def test_f19_silence_is_asked_once_more_and_then_failed(nothing: Round) -> None:
    told, _ = await asked(nothing, says("Like this."))
    assert (told.mark, told.answer) == ("white_check_mark", "Like this.")
    told, here = await asked(nothing, nothing)
    assert told.mark == "x"
    assert told.answer.startswith(ModelError.sentence)
    assert len(here.bedrock.requests) == 2


async def test_f20_a_loop_of_tools_ends_at_the_cap_with_what_there_is() -> None:
    calls = [search(f"payments {number}") for number in range(4)]
    told, here = await asked(*calls, says("As far as I see."), max_tool_calls="3")
    assert (told.mark, told.answer) == ("white_check_mark", "As far as I see.")
    assert len(here.bedrock.requests) == 5
    talking = Round(text=TALK, tool_calls=search("again").tool_calls)
    told, _ = await asked(*calls, talking, max_tool_calls="3")
    assert told.mark == "white_check_mark"
    assert CUT_TOOLS.strip(" \n_") in told.answer


async def test_f20_the_same_call_is_refused_the_third_time() -> None:
    told, here = await asked(*[search()] * 3, says("Like this."))
    assert told.answer == "Like this."
    first, second, third = results(here)
    assert first == second
    assert third == REPEATED


async def test_f20_who_repeats_a_call_whatever_it_is_told_is_stopped() -> None:
    told, here = await asked(*[search()] * 4, says("Like this."))
    assert told.answer == "Like this."
    assert results(here)[2:] == [REPEATED, SPENT]


async def test_f20_who_calls_tools_whatever_it_is_told_answers_from_what_it_has() -> None:
    """Without tools, it can only answer; vendors take no calls then and no results either."""
    told, here = await asked(*[search()] * 5, says("Like this."))
    assert (told.mark, told.answer) == ("white_check_mark", "Like this.")
    last = here.bedrock.requests[-1]
    assert "toolConfig" not in last
    assert "toolResult" not in str(last["messages"])
    assert here.model_texts()[-1].startswith(ANSWER_NOW)
    assert here.model_texts()[-1].count("10 found.") == 1
    told, _ = await asked(*[search()] * 5, search())
    assert told.mark == "x"


async def test_f21_an_answer_that_was_too_long_says_that_it_is_cut() -> None:
    told, _ = await asked(Round(text=TALK, stop_reason="max_tokens"))
    assert told.mark == "white_check_mark"
    assert CUT.strip(" \n_") in told.answer


TOO_LONG = [
    Refusal(code="ValidationException", message="Input is too long for requested model."),
    Round(stop_reason="context_exceeded"),
]


@pytest.mark.parametrize("too_long", TOO_LONG)
async def test_f22_the_oldest_results_are_left_out_and_the_model_is_asked_again(
    too_long: Step,
) -> None:
    looked_up = [search(), search("on call"), search("incident")]
    told, here = await asked(*looked_up, too_long, says("Like this."))
    assert (told.mark, told.answer) == ("white_check_mark", "Like this.")
    before, after = results(here, -2), results(here)
    assert DROPPED not in before
    assert after[0] == DROPPED
    assert after[-1] == before[-1]


@pytest.mark.parametrize("too_long", TOO_LONG)
async def test_f22_once(too_long: Step) -> None:
    told, _ = await asked(too_long, too_long)
    assert told.mark == "x"
    assert told.answer.startswith(ContextExceeded.sentence)


@pytest.mark.parametrize(
    ("stop_reason", "sentence"),
    [("filtered", ModelFiltered.sentence), ("guardrail", GuardrailIntervened.sentence)],
)
async def test_f23_what_a_filter_stops_says_which_and_no_other_model_is_asked(
    stop_reason: str, sentence: str
) -> None:
    stopped = Round(stop_reason=stop_reason)  # type: ignore[arg-type] # as parametrised
    told, here = await asked(stopped, fallbacks="offline")
    assert told.mark == "x"
    assert told.answer.startswith(sentence)
    assert len(here.bedrock.requests) == 1
