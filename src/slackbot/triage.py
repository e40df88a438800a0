"""Whether a message is answered: what was said, and what is known of it, to a decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slackbot.conversation import Incoming
    from slackbot.runs.limits import Excess

Trigger = Literal["mention", "direct_message", "follow_up", "resumed"]

IgnoreReason = Literal["already_taken", "edited", "not_addressed", "addresses_other", "follow_over"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The message is for the bot; `trigger` says how that is known."""

    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Refuse:
    """The message is for the bot, and one too many."""

    excess: Excess


@dataclass(frozen=True, slots=True)
class Ignore:
    """The message is for somebody else, or was dealt with before."""

    reason: IgnoreReason


Decision: TypeAlias = Answer | Refuse | Ignore


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a message comes in.

    `taken` says that this very message was taken before. `askers` are the people whom the bot
    talked with in this thread, and when each last asked or was answered (seconds since the epoch).
    `excess` is the limit that an answer would exceed.
    """

    taken: bool
    askers: Mapping[str, float]
    excess: Excess | None = None


@dataclass(frozen=True, slots=True)
class FollowRules:
    """Whether replies without a mention are answered, and for how many seconds."""

    enabled: bool
    seconds: float


def triage(incoming: Incoming, known: Known, rules: FollowRules, now: float) -> Decision:
    """Decide what becomes of a message; `now` is in seconds since the epoch.

    What was missed is judged by when it was said, and what was begun is not judged again.
    """
    if known.taken:
        return Ignore("already_taken")
    if incoming.late and incoming.late.begun:
        return Answer("resumed")
    decision = _addressed(incoming, known, rules, now)
    if isinstance(decision, Answer) and known.excess is not None:
        return Refuse(known.excess)
    return decision


def _addressed(incoming: Incoming, known: Known, rules: FollowRules, now: float) -> Answer | Ignore:
    """Tell what is for the bot from all else."""
    if incoming.direct:
        return Answer("direct_message")
    if incoming.mentions_bot:
        return Answer("mention")
    if incoming.edited:
        return Ignore("edited")
    return _follow_up(incoming, known, rules, now)


def _follow_up(incoming: Incoming, known: Known, rules: FollowRules, now: float) -> Answer | Ignore:
    """Answer a reply only to the person who asked, for a while, and not when they turn away."""
    if incoming.late:
        last, now = incoming.late.contact, float(incoming.ts)
    else:
        last = known.askers.get(incoming.asker)
    if not rules.enabled or not incoming.is_reply or last is None:
        return Ignore("not_addressed")
    if incoming.addresses_other:
        return Ignore("addresses_other")
    if now - last > rules.seconds:
        return Ignore("follow_over")
    return Answer("follow_up")
