"""What Prometheus reads."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from slackbot.messages import TokenUsage
from slackbot.ops.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Return what a scrape reads: `name{label="value"}` to value, without times of creation."""
    return {
        sample.name + "".join(f"{{{key}={value}}}" for key, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(metrics.render())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def test_an_answer_is_counted_by_outcome_and_timed_in_all_and_by_phase(metrics: Metrics) -> None:
    metrics.answered("answered", 3.0, {"model": 2.0, "tools": 0.5}, TokenUsage())
    metrics.answered("failed", 1.0, {"model": 1.0}, TokenUsage())
    read = samples(metrics)
    assert read["slackbot_answers_total{outcome=answered}"] == 1
    assert read["slackbot_answers_total{outcome=failed}"] == 1
    assert read["slackbot_answer_seconds_count"] == 2
    assert read["slackbot_answer_seconds_sum"] == 4.0
    assert read["slackbot_answer_seconds_bucket{le=2.5}"] == 1
    assert read["slackbot_answer_phase_seconds_sum{phase=model}"] == 3.0
    assert read["slackbot_answer_phase_seconds_count{phase=tools}"] == 1


def test_tokens_are_added_up_by_kind(metrics: Metrics) -> None:
    for _ in range(2):
        metrics.answered("answered", 1.0, {}, TokenUsage(100, 20, 3, 4))
    read = samples(metrics)
    kinds = ("input", "output", "cache_read", "cache_write")
    assert [read[f"slackbot_tokens_total{{kind={kind}}}"] for kind in kinds] == [200, 40, 6, 8]


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


def test_two_instances_count_for_themselves(metrics: Metrics) -> None:
    Metrics().failed("ModelBusy")
    assert "slackbot_errors_total{error_class=ModelBusy}" not in samples(metrics)


def test_names_follow_prometheus_conventions(metrics: Metrics) -> None:
    families = {family.name: family for family in text_string_to_metric_families(metrics.render())}
    assert families
    for name, family in families.items():
        assert re.fullmatch(r"slackbot_[a-z_]+", name)
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert name.endswith("_seconds")
