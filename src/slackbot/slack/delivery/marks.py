"""The bot's reactions, by which Slack itself keeps where each message stands; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slackbot.conversation import OutcomeState
    from slackbot.slack.events import BotIdentity

TAKEN = "eyes"
AGAIN = "repeat"
"""Put on a message before it is attempted a second time."""

END_MARKS: Mapping[OutcomeState, str] = {
    "answered": "white_check_mark",
    "partial": "white_check_mark",
    "failed": "x",
    "cancelled": "octagonal_sign",
}
REFUSED = "no_entry_sign"
_ENDED = frozenset((*END_MARKS.values(), REFUSED))


def own_marks(message: Mapping[str, object], bot: BotIdentity) -> frozenset[str]:
    """Return the names of the bot's own reactions to a message, as Slack lists it."""
    reactions = message.get("reactions")
    return frozenset(
        str(reaction.get("name"))
        for reaction in (reactions if isinstance(reactions, list) else ())
        if isinstance(reaction, Mapping) and _is_by(reaction.get("users"), bot)
    )


def has_ended(marks: frozenset[str]) -> bool:
    """Whether one of the marks says that the message was dealt with."""
    return not _ENDED.isdisjoint(marks)


def was_answered(marks: frozenset[str]) -> bool:
    """Whether one of the marks says that the message was taken, and how that ended."""
    return not marks.isdisjoint(END_MARKS.values())


def attempts(marks: frozenset[str]) -> int:
    """Return how often the bot began to answer, as far as its marks tell: at most 2."""
    if AGAIN in marks:
        return 2
    return 1 if TAKEN in marks else 0


def _is_by(users: object, bot: BotIdentity) -> bool:
    return isinstance(users, list) and bot.user_id in users
