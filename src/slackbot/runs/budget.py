"""What may be spent: on one answer, and on all of them in one day."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import structlog

from slackbot.errors import AnswerTooDear, BudgetSpent

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)


class Budget:
    """Counts US dollars, and says when there are none left; 0 is no limit.

    A call is admitted as long as something is left, since what it will cost is known when it has
    ended: limits are overrun by what was under way. A day is one of UTC.
    """

    def __init__(
        self, per_day: float = 0.0, per_answer: float = 0.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._per_day = per_day
        self._per_answer = per_answer
        self._clock = clock
        self._day = self.today
        self._spent = 0.0
        self._told = False

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return bool(self._per_day or self._per_answer)

    @property
    def today(self) -> date:
        """The day that is counted now."""
        return datetime.fromtimestamp(self._clock(), UTC).date()

    @property
    def spent_today(self) -> float:
        """US dollars that were spent since midnight."""
        self._turn_page()
        return self._spent

    def spend(self, dollars: float) -> None:
        """Count what was spent."""
        self._turn_page()
        self._spent += dollars

    def admit(self, spent_on_answer: float) -> None:
        """Let a call be made for an answer that has cost so much already.

        Raises:
            BudgetSpent: the day's budget is spent.
            AnswerTooDear: the answer's is.
        """
        if self._per_day and self.spent_today >= self._per_day:
            if not self._told:
                self._told = True
                log.warning("budget.spent", daily_budget=self._per_day)
            raise BudgetSpent("the day's budget is spent")
        if self._per_answer and spent_on_answer >= self._per_answer:
            raise AnswerTooDear("the answer's budget is spent")

    def _turn_page(self) -> None:
        if self._day != self.today:
            self._day, self._spent, self._told = self.today, 0.0, False
