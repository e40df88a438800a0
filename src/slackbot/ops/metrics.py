"""What is counted and timed, in a Prometheus registry of its own.

Every label takes its values from a fixed set in the code, never from what people or models write.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from slackbot import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from prometheus_client import Metric

    from slackbot.messages import TokenUsage

Phase = Literal["queue", "model", "tools", "slack"]
"""Where the time of an answer goes."""

PHASES: tuple[Phase, ...] = get_args(Phase)

Moment = Literal["sign", "text", "final"]
"""What people see of an answer: that it was taken, its first text, and the whole of it."""

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

_NOTHING_TO_ANSWER: frozenset[Ending] = frozenset({"already_answered", "withdrawn"})
"""No time of theirs says how long an answer takes."""

_STATES = ("closed", "open", "half_open")
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 180.0)


class Circuit(Protocol):
    """A circuit breaker, as far as metrics read it."""

    @property
    def state(self) -> str:
        """One of `closed`, `open` and `half_open`."""
        ...


class Metrics:
    """The bot's metrics. One instance a process, or one a test."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self._incoming = counter(
            "slackbot_incoming_messages",
            "Messages that the bot heard, by what it decided to do with them.",
            ("decision",),
        )
        self._answers = counter(
            "slackbot_answers",
            "Runs that came to an end, by how they ended.",
            ("outcome",),
        )
        self._errors = counter(
            "slackbot_errors",
            "Runs that failed, by the class of the error.",
            ("error_class",),
        )
        self._model_failures = counter(
            "slackbot_model_failures",
            "Calls that a model did not answer in any of its tries, by provider and error class.",
            ("provider", "error_class"),
        )
        self._unreached = counter(
            "slackbot_unreached_sources",
            "Answers that had to do without a source.",
            ("source",),
        )
        self._tokens = counter(
            "slackbot_tokens",
            "Tokens that the model read and wrote.",
            ("kind",),
        )
        self._cost = counter(
            "slackbot_cost_dollars",
            "US dollars that the model has cost, as far as prices are known.",
        )
        self._open_runs = gauge(
            "slackbot_open_runs",
            "Runs that have begun and not ended, those that wait for their turn included.",
        )
        self._slack_calls = counter(
            "slackbot_slack_calls",
            "Calls to Slack, each repetition for itself, by method and by what came of them.",
            ("method", "result"),
        )
        self._waiting_deliveries = gauge(
            "slackbot_waiting_deliveries",
            "Calls to Slack for what is already over: end marks, notices, cleared statuses.",
        )
        self._lost_audit_lines = counter(
            "slackbot_lost_audit_lines",
            "Lines that the audit log has not taken.",
        )
        self._slack_wait_seconds = histogram(
            "slackbot_slack_wait_seconds",
            "Time that calls waited for room within Slack's limits, by the tier of their method.",
            ("tier",),
            buckets=_SECONDS,
        )
        self._loop_lag_seconds = histogram(
            "slackbot_loop_lag_seconds",
            "How much later than it asked for the event loop woke a task.",
            buckets=_LAGS,
        )
        self._shown_seconds = histogram(
            "slackbot_shown_seconds",
            "Time from hearing a message to a sign, the first text and the final text.",
            ("moment",),
            buckets=_SECONDS,
        )
        self._connections = gauge(
            "slackbot_connection_up",
            "Whether a connection worked when it was last checked, 1 or 0.",
            ("connection",),
        )
        self._answer_seconds = histogram(
            "slackbot_answer_seconds",
            "Time from taking a message to the end of its run; the end mark may come later.",
            buckets=_SECONDS,
        )
        self._phase_seconds = histogram(
            "slackbot_answer_phase_seconds",
            "Time that an answer spent in each phase: waiting, model, tools, Slack.",
            ("phase",),
            buckets=_SECONDS,
        )
        gauge("slackbot_tasks", "Tasks of the event loop that have not ended.").set_function(_tasks)
        self._circuits: dict[str, Circuit] = {}
        registry.register(_Circuits(self._circuits))
        ProcessCollector(registry=registry)
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Show what has not happened yet, for the first time to be an increase as well."""
        for outcome in get_args(Ending):
            self._answers.labels(outcome)
        for name, kind in vars(errors).items():
            if isinstance(kind, type) and issubclass(kind, errors.SlackbotError):
                self._errors.labels(name)
        for phase in PHASES:
            self._phase_seconds.labels(phase)
        for moment in get_args(Moment):
            self._shown_seconds.labels(moment)

    def connection(self, name: str, works: bool) -> None:
        """Note whether something that the bot depends on works; there are a handful of names."""
        self._connections.labels(name).set(works)

    def heard(self, decision: str) -> None:
        """Count a message that came in; `decision` is what triage made of it."""
        self._incoming.labels(decision).inc()

    def open_run(self) -> AbstractContextManager[object]:
        """Count a run as open until the block ends."""
        return self._open_runs.track_inprogress()

    def answered(
        self,
        outcome: Ending,
        seconds: float,
        phases: Mapping[Phase, float],
        usage: TokenUsage,
        cost: float,
    ) -> None:
        """Count a run that ended: how, after how many seconds, spent where, for which tokens.

        `cost` is in US dollars.
        """
        self._answers.labels(outcome).inc()
        if outcome not in _NOTHING_TO_ANSWER:
            self._answer_seconds.observe(seconds)
        for phase, spent in phases.items():
            self._phase_seconds.labels(phase).observe(spent)
        self._tokens.labels("input").inc(usage.input_tokens)
        self._tokens.labels("output").inc(usage.output_tokens)
        self._tokens.labels("cache_read").inc(usage.cache_read_tokens)
        self._tokens.labels("cache_write").inc(usage.cache_write_tokens)
        self._cost.inc(cost)

    def shown(self, moment: Moment, seconds: float) -> None:
        """Note how long after a message was heard people saw something of the answer."""
        self._shown_seconds.labels(moment).observe(seconds)

    def slack_called(self, method: str, result: str) -> None:
        """Count a call to Slack, by what came of it."""
        self._slack_calls.labels(method, result).inc()

    def slack_waited(self, tier: str, seconds: float) -> None:
        """Note how long a call waited until it could be made, or was given up."""
        self._slack_wait_seconds.labels(tier).observe(seconds)

    def watch_deliveries(self, waiting: Callable[[], int]) -> None:
        """Read how many calls are still to be made whenever the metrics are read."""
        self._waiting_deliveries.set_function(waiting)

    def audit_lost(self, lines: int) -> None:
        """Count lines that are not in the audit log."""
        self._lost_audit_lines.inc(lines)

    def lagged(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._loop_lag_seconds.observe(seconds)

    def watch_circuit(self, target: str, circuit: Circuit) -> None:
        """Read the state of a circuit breaker whenever the metrics are read."""
        self._circuits[target] = circuit

    def failed(self, error_class: str) -> None:
        """Count an error that a run ended with, by the name of its class."""
        self._errors.labels(error_class).inc()

    def model_failed(self, provider: str, error_class: str) -> None:
        """Count a call that a provider did not answer."""
        self._model_failures.labels(provider, error_class).inc()

    def unreached(self, source: str) -> None:
        """Count an answer that had to do without a source; there are a handful of names."""
        self._unreached.labels(source).inc()

    def render(self) -> str:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry).decode()


def _tasks() -> int:
    """Return how many tasks there are on the running loop; none, where none runs."""
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        return 0


class _Circuits(Collector):
    """The states of circuit breakers, as they are when somebody asks."""

    def __init__(self, circuits: Mapping[str, Circuit]) -> None:
        self._circuits = circuits

    def collect(self) -> Iterator[Metric]:
        """Return 1 for the state that a circuit is in, and 0 for the others."""
        family = GaugeMetricFamily(
            "slackbot_circuit_state",
            "Whether the circuit breaker of a provider or source is in a state, 1 or 0.",
            labels=("target", "state"),
        )
        for target, circuit in self._circuits.items():
            now = circuit.state
            for state in _STATES:
                family.add_metric((target, state), float(state == now))
        yield family
