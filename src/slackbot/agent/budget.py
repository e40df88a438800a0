"""How many tool calls a run may make, and which. Pure."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slackbot.messages import ToolCall

REPEATS_ALLOWED = 2

SPENT = "No more tool calls are possible in this answer. Answer now from what you have."
REPEATED = "This very call was made before; its result is above. Use it, or try something else."


class ToolBudget:
    """Counts the calls of one run and refuses those beyond the bound."""

    def __init__(self, max_calls: int) -> None:
        self._left = max_calls
        self._made: Counter[str] = Counter()
        self._overdrawn = False

    @property
    def overdrawn(self) -> bool:
        """Whether more was asked for than there was: the model has been told that it must stop."""
        return self._overdrawn

    def refusal(self, call: ToolCall) -> str | None:
        """Admit a call and count it, or say why it is refused."""
        if self._left <= 0:
            self._overdrawn = True
            return SPENT
        self._left -= 1
        made = f"{call.name}{json.dumps(dict(call.arguments), sort_keys=True, default=str)}"
        self._made[made] += 1
        return REPEATED if self._made[made] > REPEATS_ALLOWED else None
