"""How many tool calls a run may make, which, and how many that make no sense. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from slackbot.errors import ModelError

if TYPE_CHECKING:
    from slackbot.messages import ToolCall

REPEATS_ALLOWED = 2
MISTAKES_FORGIVEN = 2

SPENT = "No more tool calls are possible in this answer. Answer now from what you have."
REPEATED = "This very call was made before; its result is above. Use it, or try something else."


class ToolBudget:
    """Counts the calls of one run and refuses those beyond the bound."""

    def __init__(self, max_calls: int) -> None:
        self._left = max_calls
        self._made: Counter[str] = Counter()
        self._overdrawn = False
        self._repeats_told = False
        self._mistakes = 0

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
        self._made[call.request] += 1
        if self._made[call.request] <= REPEATS_ALLOWED:
            return None
        if self._repeats_told:
            self._overdrawn = True
            return SPENT
        self._repeats_told = True
        return REPEATED

    def forgive_mistake(self) -> None:
        """Let the model try again that did what makes no sense.

        Raises:
            ModelError: it was told twice before.
        """
        self._mistakes += 1
        if self._mistakes > MISTAKES_FORGIVEN:
            raise ModelError("the model calls tools in ways that make no sense")
