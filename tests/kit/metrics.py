"""Reads metrics as a scrape does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from slackbot.ops.metrics import Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Return what a scrape reads; see `samples_in`."""
    return samples_in(metrics.render())


def samples_in(page: str) -> dict[str, float]:
    """Return what a page says: `name{label=value}` to value, without times of creation."""
    return {
        sample.name + "".join(f"{{{key}={value}}}" for key, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
