"""Whether a model has begun to speak: what was passed on cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slackbot.llm.base import OnText


@dataclass(slots=True)
class Passing:
    """Passes text on to `listener`, behind an opening, and knows whether there was any."""

    listener: OnText | None
    opening: str = ""
    begun: bool = field(default=False, init=False)

    async def __call__(self, text: str) -> None:
        """Take a piece of text."""
        lead = "" if self.begun else self.opening
        self.begun = True
        if self.listener is not None:
            await self.listener(lead + text)
