"""What happened to one run: where its time went, what it cost, how it ended."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slackbot.messages import TokenUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from slackbot.ops.metrics import Phase

PHASES: tuple[Phase, ...] = ("queue", "model", "tools", "slack")


@dataclass(slots=True)
class RunRecord:
    """The account of one run, written while it goes on.

    `seconds` adds up what the run waited for in each phase: its turn and the start-up; the model,
    which streams while Slack is told; tools, those that run at once counted once; and Slack where
    nothing else could go on. `error_class` names what it failed with. `attempt` counts from 1.
    """

    run_id: str
    timer: Callable[[], float] = time.perf_counter
    seconds: dict[Phase, float] = field(default_factory=dict)
    usage: TokenUsage = field(default_factory=TokenUsage)
    model: str = ""
    tools: list[str] = field(default_factory=list)
    error_class: str | None = None
    attempt: int = 1
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.timer()

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return self.timer() - self._started

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
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            **{f"{phase}_ms": round(self.seconds.get(phase, 0.0) * 1000) for phase in PHASES},
            "total_ms": round(self.total * 1000),
        }
