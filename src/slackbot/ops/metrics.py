"""What is counted and timed, in a Prometheus registry of its own.

Every label takes its values from a fixed set in the code, never from what people or models write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from slackbot.messages import TokenUsage

Phase = Literal["queue", "model", "tools", "slack"]
"""Where the time of an answer goes."""

Ending = Literal[
    "answered",
    "partial",
    "failed",
    "already_answered",
    "withdrawn",
    "undeliverable",
    "interrupted",
    "cancelled",
    "crashed",
]
"""How a run ends. `withdrawn`: the question was deleted before its turn came; `cancelled`: a person
stopped it, or the process did not wait for it.
"""

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 180.0)


class Metrics:
    """The bot's metrics. One instance a process, or one a test."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._incoming = Counter(
            "slackbot_incoming_messages",
            "Messages that the bot heard, by what it decided to do with them.",
            ("decision",),
            registry=self._registry,
        )
        self._answers = Counter(
            "slackbot_answers",
            "Runs that came to an end, by how they ended.",
            ("outcome",),
            registry=self._registry,
        )
        self._errors = Counter(
            "slackbot_errors",
            "Runs that failed, by the class of the error.",
            ("error_class",),
            registry=self._registry,
        )
        self._tokens = Counter(
            "slackbot_tokens",
            "Tokens that the model read and wrote.",
            ("kind",),
            registry=self._registry,
        )
        self._open_runs = Gauge(
            "slackbot_open_runs",
            "Runs that have begun and not ended, those that wait for their turn included.",
            registry=self._registry,
        )
        self._answer_seconds = Histogram(
            "slackbot_answer_seconds",
            "Time from taking a message to its end mark.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._phase_seconds = Histogram(
            "slackbot_answer_phase_seconds",
            "Time that an answer spent in each phase: waiting, model, tools, Slack.",
            ("phase",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def heard(self, decision: str) -> None:
        """Count a message that came in; `decision` is what triage made of it."""
        self._incoming.labels(decision).inc()

    def open_run(self) -> AbstractContextManager[object]:
        """Count a run as open until the block ends."""
        return self._open_runs.track_inprogress()

    def answered(
        self, outcome: Ending, seconds: float, phases: Mapping[Phase, float], usage: TokenUsage
    ) -> None:
        """Count a run that ended: how, after how many seconds, spent where, for how many tokens."""
        self._answers.labels(outcome).inc()
        self._answer_seconds.observe(seconds)
        for phase, spent in phases.items():
            self._phase_seconds.labels(phase).observe(spent)
        self._tokens.labels("input").inc(usage.input_tokens)
        self._tokens.labels("output").inc(usage.output_tokens)
        self._tokens.labels("cache_read").inc(usage.cache_read_tokens)
        self._tokens.labels("cache_write").inc(usage.cache_write_tokens)

    def failed(self, error_class: str) -> None:
        """Count an error that a run ended with, by the name of its class."""
        self._errors.labels(error_class).inc()

    def render(self) -> str:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry).decode()
