"""Where a run's time went."""

from __future__ import annotations

from slackbot.messages import TokenUsage
from slackbot.runs.ledger import RunRecord


def test_a_run_accounts_for_its_time_tokens_and_tools() -> None:
    now = 100.0
    record = RunRecord("r1", timer=lambda: now)
    with record.spending("queue"):
        now += 0.5
    for seconds in (1.0, 2.0):
        with record.spending("model"):
            now += seconds
    record.usage += TokenUsage(100, 20)
    record.tools.append("search_docs")
    record.model = "a-model"
    assert record.total == 3.5
    assert record.fields() == {
        "attempt": 1,
        "error_class": None,
        "model": "a-model",
        "tools": ["search_docs"],
        "input_tokens": 100,
        "output_tokens": 20,
        "queue_ms": 500,
        "model_ms": 3000,
        "tools_ms": 0,
        "slack_ms": 0,
        "total_ms": 3500,
    }
