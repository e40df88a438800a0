"""What each call to Slack is for: how much it matters, how long it may wait, when it is repeated.

Slack's limits are spent in this order: the final text and the end mark always go through, then
streams begin, then progress shows, then 👀; what nobody waits for comes last. The
marks of refusals take at most a quarter, so that who asks too much holds up nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from slackbot.slack.api.failures import SlackFailure

FINAL_TEXT_SECONDS = 15 * 60.0
"""How long the delivery of a final text may take in all."""


class Importance(IntEnum):
    """In which order the calls of a method go; the lower goes first."""

    FINAL = 1
    START = 2
    PROGRESS = 3
    SIGN = 4
    BACKGROUND = 5
    SPARING = 6


def never(_: SlackFailure) -> bool:
    """A second time could do harm, or is not worth it."""
    return False


def if_unclear(failure: SlackFailure) -> bool:
    """A second time does no harm."""
    return failure.ambiguous


def if_reached(failure: SlackFailure) -> bool:
    """Whoever asks wants to know soon that Slack is out of reach."""
    return failure.ambiguous and not failure.out_of_reach


@dataclass(frozen=True, slots=True)
class Priority:
    """`patience` is how many seconds a call may wait in all, repetitions included.

    `repeats` says after which failures that may have taken effect it is made again; what Slack
    refused for the moment and did not do is always tried again.
    """

    importance: Importance
    patience: float
    repeats: Callable[[SlackFailure], bool] = if_unclear


IDENTITY = Priority(Importance.START, 5.0, if_reached)
FINAL_TEXT = Priority(Importance.FINAL, FINAL_TEXT_SECONDS)
FINAL_POST = Priority(Importance.FINAL, FINAL_TEXT_SECONDS, never)
"""A post is made again by whoever has looked whether it was made: it would stand there twice."""
FINAL_READ = Priority(Importance.FINAL, FINAL_TEXT_SECONDS)
"""A look whether a message stands there that may have been posted."""
END_MARK = Priority(Importance.FINAL, 60 * 60.0)
STATUS_END = Priority(Importance.FINAL, 120.0)
"""After two minutes Slack takes a status away itself."""
RESUMPTION = Priority(Importance.START, FINAL_TEXT_SECONDS)
"""The mark without which no other attempt begins, and what the one before has left."""
STREAM_START = Priority(Importance.START, 2.0, never)
ANSWER_READ = Priority(Importance.START, 60.0)
"""What an answer cannot do without: the thread."""
PROFILE_READ = Priority(Importance.START, 2.0)
SEARCH = Priority(Importance.START, 0.5, never)
PROGRESS = Priority(Importance.PROGRESS, 1.0, never)
TAKEN_SIGN = Priority(Importance.SIGN, 30.0)
REFUSAL = Priority(Importance.SIGN, 60.0, never)
"""After a minute there is room again, and nothing left to be told."""
REFUSED_SIGN = Priority(Importance.SPARING, 15 * 60.0)
"""As long as catch-up reaches back by default."""
CATCH_UP = Priority(Importance.BACKGROUND, 10 * 60.0)
