"""What earlier attempts to answer a message have left in its thread; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.conversation import OutcomeState, Said

MOST_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Attempts:
    """The record's word on one message.

    `begun` counts the attempts. `ended` is how the last one ended, if its final text is there.
    `leftovers` are the ids of the bot's messages that never became a final text.
    """

    begun: int = 0
    ended: OutcomeState | None = None
    leftovers: tuple[str, ...] = ()

    @property
    def are_spent(self) -> bool:
        """Whether there is to be no other attempt."""
        return self.begun >= MOST_ATTEMPTS


def earlier_attempts(said: Sequence[Said], ts: str) -> Attempts:
    """Read a thread for what became of the message `ts`.

    One run at a time goes on in a thread, so that whatever the bot said behind the message, and did
    not say for another one, was broken off.
    """
    final = next((line for line in said if line.is_final and line.answers == ts), None)
    if final is not None:
        return Attempts(ended=final.state)
    unfinished = (
        line.ts
        for line in said
        if line.by_bot and float(line.ts) > float(ts) and not line.is_final
        if line.answers in (None, ts)
    )
    begun = next((line.attempts for line in said if line.ts == ts), 0)
    return Attempts(begun, leftovers=tuple(unfinished))
