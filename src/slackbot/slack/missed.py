"""What in Slack's record was said to the bot, with an end and without one; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slackbot.conversation import Incoming, Late
from slackbot.slack.delivery.answer import answered
from slackbot.slack.delivery.marks import attempts, has_ended, own_marks, was_answered
from slackbot.slack.events import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slackbot.slack.events import BotIdentity

_Message = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Missed:
    """What a part of the record tells: whom to answer, and who talked with the bot when.

    `answered` is what was taken and has its end. `contacts` are the people to whom the bot answers
    in a thread, and when they and the bot last talked with each other there (seconds since the
    epoch).
    """

    messages: tuple[Incoming, ...]
    answered: tuple[Incoming, ...]
    contacts: Mapping[str, float]


def missed_in(messages: Iterable[_Message], channel: str, bot: BotIdentity, since: float) -> Missed:
    """Read a thread, in order of time; what has no end counts if it was said after `since`."""
    found: list[Incoming] = []
    done: list[Incoming] = []
    contacts: dict[str, float] = {}
    speakers: dict[object, str] = {}
    for message in messages:
        source, state = answered(message)
        if state is not None and source in speakers:
            contacts[speakers[source]] = float(str(message["ts"]))
            continue
        incoming = as_late(message, channel, bot)
        if incoming is None:
            continue
        marks = own_marks(message, bot)
        begun = attempts(marks) > 0
        contact = contacts.get(incoming.asker)
        speakers[incoming.ts] = incoming.asker
        if was_answered(marks):
            done.append(replace(incoming, late=Late(begun=True)))
        if begun or incoming.mentions_bot or incoming.direct:
            contacts[incoming.asker] = float(incoming.ts)
        elif contact is None:
            continue
        if not has_ended(marks) and said_at(message) >= since:
            found.append(replace(incoming, late=Late(begun, contact)))
    return Missed(tuple(found), tuple(done), contacts)


def as_late(message: _Message, channel: str, bot: BotIdentity) -> Incoming | None:
    """Return what a person said, as an event would have told it; nothing for all else."""
    # In the record a message says neither where it stands nor of what kind that place is.
    kind = "im" if channel.startswith("D") else "channel"
    event = {**message, "type": "message", "channel": channel, "channel_type": kind}
    for happened in parse({"event": event}, bot):
        if isinstance(happened, Incoming):
            return happened
    return None


def said_at(message: _Message) -> float:
    """Return when a message was last changed by who said it (seconds since the epoch)."""
    edited = message.get("edited")
    times = (message.get("ts"), edited.get("ts") if isinstance(edited, Mapping) else None)
    return max((float(time) for time in times if isinstance(time, str)), default=0.0)


def last_reply_at(message: _Message) -> float:
    """Return when the newest reply in a message's thread was written, 0 where there is none."""
    latest = message.get("latest_reply")
    return float(latest) if isinstance(latest, str) else 0.0


def thread_of(message: _Message) -> str:
    """Return the id of the thread that a message stands in or would begin."""
    return str(message.get("thread_ts") or message.get("ts"))
