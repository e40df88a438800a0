"""What is known of runs: where their time went, which are open, and how they ended."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from kit.metrics import samples
from slackbot.errors import ModelBusy
from slackbot.messages import TokenUsage
from slackbot.ops.metrics import Metrics
from slackbot.runs.ledger import (
    KEPT,
    Asked,
    Ledger,
    Run,
    RunRecord,
    current_record,
    note_model_failure,
)

ASKED = Asked("T1", "C1", "1.0", "1.1", "U1", "mention")


def test_a_run_accounts_for_its_time_tokens_and_tools() -> None:
    now = 100.0
    record = RunRecord("r1", timer=lambda: now)
    with record.spending("queue"):
        now += 0.5
    for seconds in (1.0, 2.0):
        with record.spending("model"):
            now += seconds
    record.usage += TokenUsage(100, 20, 3, 4)
    record.charge(0.012345678)
    record.tools.append("search_docs")
    record.model = "a-model"
    assert record.total == 3.5
    assert record.fields() == {
        "attempt": 1,
        "error_class": None,
        "model": "a-model",
        "tools": ["search_docs"],
        "unreached": [],
        "input_tokens": 100,
        "output_tokens": 20,
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "cost_usd": 0.012346,
        "queue_ms": 500,
        "model_ms": 3000,
        "tools_ms": 0,
        "slack_ms": 0,
        "total_ms": 3500,
    }


def test_a_run_is_open_until_it_ends_and_then_accounted_for_once() -> None:
    metrics, told = Metrics(), list[Run]()
    ledger = Ledger(metrics, clock=lambda: 1000.0)
    ledger.tell(told.append)
    first, second = RunRecord("r1"), RunRecord("r2")
    with capture_logs() as lines:
        with ledger.run(ASKED, first) as run:
            with ledger.run(ASKED, second):
                assert [one.record for one in ledger.open] == [first, second]
                assert samples(metrics)["slackbot_open_runs"] == 2
                assert current_record() is second
            assert current_record() is first
            first.error_class = "ModelBusy"
            run.outcome = "failed"
        assert current_record() not in (first, second)
    assert ledger.open == ()
    assert list(ledger.ended) == told
    assert [(one.record.run_id, one.outcome, one.began) for one in told] == [
        ("r2", "crashed", 1000.0),
        ("r1", "failed", 1000.0),
    ]
    assert [(line["event"], line["outcome"], line["user"]) for line in lines] == [
        ("mention.answered", "crashed", "U1"),
        ("mention.answered", "failed", "U1"),
    ]
    read = samples(metrics)
    assert read["slackbot_open_runs"] == 0
    assert read["slackbot_answers_total{outcome=failed}"] == 1
    assert read["slackbot_errors_total{error_class=ModelBusy}"] == 1


@pytest.mark.parametrize(
    ("error", "outcome"), [(asyncio.CancelledError, "cancelled"), (RuntimeError, "crashed")]
)
def test_a_run_that_breaks_off_is_accounted_for(error: type[BaseException], outcome: str) -> None:
    ledger = Ledger(Metrics())
    with pytest.raises(error), ledger.run(ASKED, RunRecord("r1")):
        raise error
    assert [run.outcome for run in ledger.ended] == [outcome]


def test_a_crash_is_an_error_of_its_class() -> None:
    metrics = Metrics()
    with pytest.raises(RuntimeError), Ledger(metrics).run(ASKED, RunRecord("r1")):
        raise RuntimeError
    assert samples(metrics)["slackbot_errors_total{error_class=RuntimeError}"] == 1


def test_what_an_answer_had_to_do_without_is_counted() -> None:
    metrics, record = Metrics(), RunRecord("r1")
    with Ledger(metrics).run(ASKED, record) as run:
        note_model_failure("bedrock", ModelBusy("503"))
        note_model_failure("bedrock", ModelBusy("503"))
        record.unreached = ("Confluence",)
        run.outcome = "answered"
    read = samples(metrics)
    assert read["slackbot_answers_total{outcome=answered}"] == 1
    assert read["slackbot_model_failures_total{error_class=ModelBusy}{provider=bedrock}"] == 2
    assert read["slackbot_unreached_sources_total{source=Confluence}"] == 1


async def test_runs_side_by_side_each_have_a_record_of_their_own() -> None:
    ledger = Ledger(Metrics())

    async def go(run_id: str) -> str:
        with ledger.run(ASKED, RunRecord(run_id)):
            await asyncio.sleep(0)
            return current_record().run_id

    assert await asyncio.gather(*map(go, "abc")) == ["a", "b", "c"]


def test_of_many_runs_the_last_are_remembered() -> None:
    ledger = Ledger(Metrics())
    for number in range(KEPT + 5):
        with ledger.run(ASKED, RunRecord(str(number))):
            pass
    assert [run.record.run_id for run in ledger.ended] == [str(n) for n in range(5, KEPT + 5)]
