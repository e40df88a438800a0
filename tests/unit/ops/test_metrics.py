"""What Prometheus reads."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kit.metrics import samples
from slackbot.messages import TokenUsage
from slackbot.ops.metrics import Metrics

if TYPE_CHECKING:
    from prometheus_client import Metric


@dataclass
class Breaker:
    state: str = "closed"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def test_an_answer_is_counted_by_outcome_and_timed_in_all_and_by_phase(metrics: Metrics) -> None:
    metrics.answered("answered", 3.0, {"model": 2.0, "tools": 0.5}, TokenUsage(), 0.0)
    metrics.answered("failed", 1.0, {"model": 1.0}, TokenUsage(), 0.0)
    read = samples(metrics)
    assert read["slackbot_answers_total{outcome=answered}"] == 1
    assert read["slackbot_answers_total{outcome=failed}"] == 1
    assert read["slackbot_answer_seconds_count"] == 2
    assert read["slackbot_answer_seconds_sum"] == 4.0
    assert read["slackbot_answer_seconds_bucket{le=2.5}"] == 1
    assert read["slackbot_answer_phase_seconds_sum{phase=model}"] == 3.0
    assert read["slackbot_answer_phase_seconds_count{phase=tools}"] == 1


def test_tokens_are_added_up_by_kind_and_so_is_what_they_cost(metrics: Metrics) -> None:
    for _ in range(2):
        metrics.answered("answered", 1.0, {}, TokenUsage(100, 20, 3, 4), 0.25)
    read = samples(metrics)
    kinds = ("input", "output", "cache_read", "cache_write")
    assert [read[f"slackbot_tokens_total{{kind={kind}}}"] for kind in kinds] == [200, 40, 6, 8]
    assert read["slackbot_cost_dollars_total"] == 0.5


def test_a_run_is_open_until_its_block_ends_however_it_ends(metrics: Metrics) -> None:
    def crash() -> None:
        with metrics.open_run(), metrics.open_run():
            assert samples(metrics)["slackbot_open_runs"] == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert samples(metrics)["slackbot_open_runs"] == 0


def test_errors_and_decisions_are_counted(metrics: Metrics) -> None:
    metrics.failed("ModelBusy")
    metrics.heard("mention")
    metrics.heard("mention")
    read = samples(metrics)
    assert read["slackbot_errors_total{error_class=ModelBusy}"] == 1
    assert read["slackbot_incoming_messages_total{decision=mention}"] == 2


def test_what_people_see_and_what_slack_takes_is_timed(metrics: Metrics) -> None:
    metrics.shown("sign", 0.2)
    metrics.slack_waited("2", 3.0)
    metrics.slack_called("chat.update", "ok")
    metrics.lagged(0.02)
    read = samples(metrics)
    assert read["slackbot_shown_seconds_sum{moment=sign}"] == 0.2
    assert read["slackbot_slack_wait_seconds_sum{tier=2}"] == 3.0
    assert read["slackbot_slack_calls_total{method=chat.update}{result=ok}"] == 1
    assert read["slackbot_loop_lag_seconds_bucket{le=0.01}"] == 0
    assert read["slackbot_loop_lag_seconds_bucket{le=0.025}"] == 1


def test_a_circuit_is_in_one_state_at_the_time_it_is_asked_for(metrics: Metrics) -> None:
    circuit = Breaker()
    metrics.watch_circuit("bedrock", circuit)
    for state in ("open", "half_open", "closed"):
        circuit.state = state
        read = samples(metrics)
        states = ("closed", "open", "half_open")
        shown = {
            one: read[f"slackbot_circuit_state{{state={one}}}{{target=bedrock}}"] for one in states
        }
        assert shown == {one: float(one == state) for one in states}


def test_what_waits_and_what_was_lost_is_told(metrics: Metrics) -> None:
    assert samples(metrics)["slackbot_lost_audit_lines_total"] == 0
    waiting = [object()] * 3
    metrics.watch_deliveries(waiting.__len__)
    metrics.audit_lost(2)
    waiting.pop()
    now = samples(metrics)
    assert now["slackbot_waiting_deliveries"] == 2
    assert now["slackbot_lost_audit_lines_total"] == 2


async def test_tasks_and_descriptors_are_told(metrics: Metrics) -> None:
    before = samples(metrics)
    waiting = asyncio.create_task(asyncio.Event().wait())
    with socket.socket():
        now = samples(metrics)
    assert now["slackbot_tasks"] == before["slackbot_tasks"] + 1
    if sys.platform == "linux":
        assert now["process_open_fds"] == before["process_open_fds"] + 1
    waiting.cancel()


def own_families(metrics: Metrics) -> dict[str, Metric]:
    """Return the metrics that are the bot's own, by their names."""
    families = text_string_to_metric_families(metrics.render())
    return {one.name: one for one in families if not one.name.startswith("process_")}


def test_two_instances_count_for_themselves(metrics: Metrics) -> None:
    Metrics().failed("ModelBusy")
    assert samples(metrics)["slackbot_errors_total{error_class=ModelBusy}"] == 0


def test_what_has_not_happened_yet_stands_at_zero_so_that_the_first_time_is_an_increase(
    metrics: Metrics,
) -> None:
    read = samples(metrics)
    for series in (
        "slackbot_answers_total{outcome=crashed}",
        "slackbot_errors_total{error_class=DeadlineExceeded}",
        "slackbot_answer_phase_seconds_count{phase=model}",
        "slackbot_shown_seconds_count{moment=sign}",
    ):
        assert read[series] == 0


def test_a_run_that_had_nothing_to_answer_says_nothing_of_how_long_answers_take(
    metrics: Metrics,
) -> None:
    metrics.answered("already_answered", 0.01, {}, TokenUsage(), 0.0)
    read = samples(metrics)
    assert read["slackbot_answers_total{outcome=already_answered}"] == 1
    assert read["slackbot_answer_seconds_count"] == 0


def test_names_follow_prometheus_conventions(metrics: Metrics) -> None:
    families = own_families(metrics)
    assert families
    for name, family in families.items():
        assert re.fullmatch(r"slackbot_[a-z_]+", name)
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert name.endswith("_seconds")


def test_the_page_on_metrics_names_all_of_them(metrics: Metrics) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "accounts.md").read_text("utf-8")
    named = re.findall(r"^\| `(slackbot_\w+?)(?:_total)?` \|", page, re.MULTILINE)
    assert set(named) == {name for name in own_families(metrics) if not name.endswith("_created")}
