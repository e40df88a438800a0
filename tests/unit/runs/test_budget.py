"""Limits on what is spent, and who answers when one is reached."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from kit.scripted_provider import ScriptedProvider, calls, fails, says
from slackbot.errors import AnswerTooDear, BudgetSpent, ModelBusy
from slackbot.llm.resilient import FallbackProvider, Link
from slackbot.messages import Message, ToolCall
from slackbot.ops.metrics import Metrics
from slackbot.runs.budget import Budget
from slackbot.runs.cost import Price, Rates, parse_prices
from slackbot.runs.ledger import Asked, Ledger, RunRecord, current_record
from slackbot.runs.priced import PricedProvider

QUESTION = (Message("user", "How do we roll back?"),)
ASKED = Asked("T1", "C1", "1.0", "1.0", "U1", "mention")
DOLLAR_A_CALL = Price((Rates(input=100_000, output=0),))  # a scripted round reads ten tokens
DAY = 86_400.0


@dataclass
class Chain:
    """A model that costs a dollar a call, and one behind it that costs nothing."""

    budget: Budget
    dear: ScriptedProvider = field(default_factory=lambda: ScriptedProvider([says("Dear.")]))
    free: ScriptedProvider = field(default_factory=lambda: ScriptedProvider([says("Free.")]))

    async def answer(self, rounds: int = 1) -> tuple[RunRecord, str]:
        record, heard = RunRecord("r1"), ""

        async def listen(piece: str) -> None:
            nonlocal heard
            heard += piece

        provider = FallbackProvider(
            [
                Link("dear", PricedProvider(self.dear, DOLLAR_A_CALL, self.budget)),
                Link("offline", self.free, "_Cannot be reached._"),
            ]
        )
        with Ledger(Metrics()).run(ASKED, record):
            for _ in range(rounds):
                await provider.complete(QUESTION, on_text=listen)
        return record, heard


async def test_without_limits_everything_is_charged_and_nothing_refused() -> None:
    chain = Chain(Budget())
    record, heard = await chain.answer(rounds=3)
    assert (record.cost, record.remark, heard) == (3.0, "", "Dear.Dear.Dear.")
    assert chain.budget.spent_today == 3.0
    assert not chain.budget.is_limited


async def test_an_answer_that_costs_too_much_is_ended_by_the_next_in_line() -> None:
    chain = Chain(Budget(per_answer=2))
    record, heard = await chain.answer(rounds=4)
    assert heard == "Dear.Dear.Free.Free."
    assert (record.cost, record.remark) == (2.0, AnswerTooDear.remark)
    record, heard = await chain.answer()
    assert (heard, record.remark) == ("Dear.", "")


async def test_past_the_daily_budget_the_next_in_line_answers_until_the_next_day() -> None:
    now = 10 * DAY
    chain = Chain(Budget(per_day=2, clock=lambda: now))
    with capture_logs() as lines:
        heard = [(await chain.answer())[1] for _ in range(4)]
    assert heard == ["Dear.", "Dear.", "Free.", "Free."]
    told = [line["event"] for line in lines if line["event"].startswith("budget.")]
    assert told == ["budget.spent", "budget.refused", "budget.refused"]
    now += DAY - 1
    assert (await chain.answer())[0].remark == BudgetSpent.remark
    now += 1
    record, text = await chain.answer()
    assert (text, record.remark, chain.budget.spent_today) == ("Dear.", "", 1.0)


async def test_what_was_spent_before_the_start_counts() -> None:
    chain = Chain(Budget(per_day=2))
    chain.budget.spend(2.5)
    assert (await chain.answer())[1] == "Free."


async def test_a_model_that_is_down_is_told_of_as_before() -> None:
    chain = Chain(Budget(per_day=2), dear=ScriptedProvider([fails(ModelBusy("503"))]))
    record, heard = await chain.answer()
    assert heard == "_Cannot be reached._\n\nFree."
    assert (record.cost, record.remark) == (0.0, "")


async def test_a_model_that_is_said_to_be_free_answers_whatever_was_spent() -> None:
    budget = Budget(per_day=1)
    budget.spend(1)
    local = PricedProvider(ScriptedProvider([says("Yes.")]), parse_prices(["m=0/0"])["m"], budget)
    assert (await local.complete(QUESTION)).content == "Yes."


async def test_with_nobody_else_in_line_people_read_why() -> None:
    budget = Budget(per_day=1)
    budget.spend(1)
    alone = FallbackProvider(
        [Link("dear", PricedProvider(ScriptedProvider([says("No.")]), DOLLAR_A_CALL, budget))]
    )
    with pytest.raises(BudgetSpent) as caught:
        await alone.complete(QUESTION)
    assert "tomorrow" in caught.value.sentence


async def test_a_call_without_a_known_price_makes_the_cost_unknown() -> None:
    model = ScriptedProvider([calls(ToolCall("c1", "search_docs")), says("So.")])
    priced = PricedProvider(model, DOLLAR_A_CALL, Budget())
    unpriced = PricedProvider(model, None, Budget())
    record = RunRecord("r1")
    with Ledger(Metrics()).run(ASKED, record):
        await priced.complete(QUESTION)
        await unpriced.complete(QUESTION)
        await priced.complete(QUESTION)
    assert (record.cost, record.known_cost) == (None, 2.0)
    assert record.fields()["cost_usd"] is None


async def test_a_call_for_no_run_is_paid_for_all_the_same() -> None:
    budget = Budget()
    model = PricedProvider(ScriptedProvider([says("Yes.")]), DOLLAR_A_CALL, budget)
    assert (await model.complete(QUESTION)).content == "Yes."
    assert budget.spent_today == 1.0
    assert current_record().cost == 0.0
