"""Charges a model's calls to the run that they are made for, and makes none that costs too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from slackbot.errors import BudgetSpent
from slackbot.runs.ledger import current_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.runs.budget import Budget
    from slackbot.runs.cost import Price
    from slackbot.runs.ledger import RunRecord
    from slackbot.tools import ToolSpec

log = structlog.get_logger(__name__)


class PricedProvider:
    """An `LLMProvider` that costs `price`, where that is known, out of `budget`.

    What is free may be asked whatever was spent. A call that ends without its usage (cancelled, or
    cut) is not charged.
    """

    def __init__(self, model: LLMProvider, price: Price | None, budget: Budget) -> None:
        self._model = model
        self._price = price
        self._budget = budget

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the model's next message; see `LLMProvider`.

        Raises:
            BudgetSpent: the model was not asked.
        """
        record = current_record()
        if self._price is None or not self._price.is_free:
            self._admit(record)
        response = await self._model.complete(messages, system=system, tools=tools, on_text=on_text)
        cost = self._price.cost(response.usage) if self._price else None
        record.charge(cost)
        self._budget.spend(cost or 0.0)
        return response

    def _admit(self, record: RunRecord) -> None:
        """Let the run spend more, or note for people why it may not."""
        try:
            self._budget.admit(record.known_cost)
        except BudgetSpent as error:
            if not record.remark:
                log.info("budget.refused", reason=str(error), cost_usd=round(record.known_cost, 6))
            record.remark = error.remark
            raise
