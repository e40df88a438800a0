"""What is known of the runs of this process: open or ended, asked by whom, and how they went."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from slackbot.messages import TokenUsage
from slackbot.ops.metrics import PHASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slackbot.errors import ModelError
    from slackbot.ops.metrics import Ending, Metrics, Phase

log = structlog.get_logger(__name__)

KEPT = 1_000
"""How many runs that have ended are remembered."""


@dataclass(slots=True)
class RunRecord:
    """The account of one run, written while it goes on.

    `seconds` adds up what the run waited for in each phase: its turn and the start-up; the model,
    which streams while Slack is told; tools, those that run at once counted once; and Slack where
    nothing else could go on. `known_cost` is in US dollars. `objects` are the addresses of what
    tools gave to the model, `unreached` the sources that could not be asked. `model_failures` names
    each provider that did not answer, and the error's class. `remark` is a sentence that people
    find under the answer. `error_class` names what the run failed with. `attempt` counts from 1.
    """

    run_id: str
    timer: Callable[[], float] = time.perf_counter
    seconds: dict[Phase, float] = field(default_factory=dict)
    usage: TokenUsage = field(default_factory=TokenUsage)
    known_cost: float = 0.0
    cost_is_known: bool = True
    model: str = ""
    tools: list[str] = field(default_factory=list)
    objects: dict[str, None] = field(default_factory=dict)
    unreached: tuple[str, ...] = ()
    model_failures: list[tuple[str, str]] = field(default_factory=list)
    remark: str = ""
    error_class: str | None = None
    attempt: int = 1
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.timer()

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return self.timer() - self._started

    @property
    def cost(self) -> float | None:
        """US dollars that the run has cost, or nothing where a part of that is not known."""
        return self.known_cost if self.cost_is_known else None

    def charge(self, cost: float | None) -> None:
        """Add US dollars to what the run costs, or note that it is not known what to add."""
        self.known_cost += cost or 0.0
        self.cost_is_known = self.cost_is_known and cost is not None

    @contextmanager
    def spending(self, phase: Phase) -> Iterator[None]:
        """Add the time until the block ends to the phase."""
        began = self.timer()
        try:
            yield
        finally:
            self.add(phase, self.timer() - began)

    def add(self, phase: Phase, seconds: float) -> None:
        """Add seconds to the phase."""
        self.seconds[phase] = self.seconds.get(phase, 0.0) + seconds

    def fields(self) -> dict[str, object]:
        """Return the account as fields of a log line; times are whole milliseconds."""
        return {
            "attempt": self.attempt,
            "error_class": self.error_class,
            "model": self.model,
            "tools": self.tools,
            "unreached": list(self.unreached),
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            "cache_read_tokens": self.usage.cache_read_tokens,
            "cache_write_tokens": self.usage.cache_write_tokens,
            "cost_usd": None if self.cost is None else round(self.cost, 6),
            **{f"{phase}_ms": round(self.seconds.get(phase, 0.0) * 1000) for phase in PHASES},
            "total_ms": round(self.total * 1000),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, where, and by what it is known that it was for the bot (`trigger`).

    `ts` is the id of the message, `thread_ts` that of the thread that it is answered in.
    """

    team: str
    channel: str
    thread_ts: str
    ts: str
    asker: str
    trigger: str


@dataclass(slots=True, eq=False)
class Run:
    """A run: open as long as it has no `outcome`. `began` is in seconds since the epoch.

    `total` is in seconds, from its beginning to its end.
    """

    asked: Asked
    record: RunRecord
    began: float
    outcome: Ending | None = None
    total: float = 0.0


class Ledger:
    """The runs of this process: all that are open, and the last that have ended.

    `clock` is in seconds since the epoch.
    """

    def __init__(self, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._metrics = metrics
        self._clock = clock
        self._open: dict[Run, None] = {}
        self._ended: deque[Run] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Run], None]] = []

    @property
    def open(self) -> tuple[Run, ...]:
        """The runs that have begun and not ended, the oldest first."""
        return tuple(self._open)

    @property
    def ended(self) -> tuple[Run, ...]:
        """The runs that ended last, the latest of them at the end."""
        return tuple(self._ended)

    def tell(self, listener: Callable[[Run], None]) -> None:
        """Have `listener` told of each run that ends."""
        self._listeners.append(listener)

    @contextmanager
    def run(self, asked: Asked, record: RunRecord) -> Iterator[Run]:
        """Keep a run open until the block ends, which sets its outcome; account for it then."""
        run = Run(asked, record, self._clock())
        self._open[run] = None
        token = _current.set(record)
        try:
            with self._metrics.open_run():
                yield run
        except asyncio.CancelledError:
            run.outcome = "cancelled"
            raise
        except Exception as error:
            record.error_class = record.error_class or type(error).__name__
            raise
        finally:
            _current.reset(token)
            del self._open[run]
            self._end(run)

    def _end(self, run: Run) -> None:
        outcome = run.outcome = run.outcome or "crashed"
        record, run.total = run.record, run.record.total
        self._ended.append(run)
        self._metrics.answered(outcome, run.total, record.seconds, record.usage, record.known_cost)
        if record.error_class:
            self._metrics.failed(record.error_class)
        for provider, error_class in record.model_failures:
            self._metrics.model_failed(provider, error_class)
        for source in record.unreached:
            self._metrics.unreached(source)
        log.info(
            "mention.answered",
            outcome=outcome,
            channel=run.asked.channel,
            thread=run.asked.thread_ts,
            user=run.asked.asker,
            trigger=run.asked.trigger,
            **record.fields(),
        )
        for listener in self._listeners:
            listener(run)


_current: ContextVar[RunRecord] = ContextVar("record")


def current_record() -> RunRecord:
    """Return the account of the run that goes on here; where there is none, one for nobody."""
    return _current.get(None) or RunRecord("")


def note_model_failure(provider: str, error: ModelError) -> None:
    """Note in the account of the run that goes on here that a provider did not answer."""
    current_record().model_failures.append((provider, type(error).__name__))
