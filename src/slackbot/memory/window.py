"""From a thread to the messages that a model reads, trimmed to a budget. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from slackbot.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slackbot.conversation import Said

CHARACTERS_PER_TOKEN = 3
"""A cautious estimate: no exact counter is free, and it errs on the side of too many tokens."""

BOT_SPOKE_FIRST = "(The thread begins with a message of yours.)"
NO_TEXT = "(no text)"

_USER = re.compile(r"<@([A-Z0-9]{1,32})>")


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How much of a thread is kept: messages and estimated tokens."""

    max_messages: int
    max_tokens: int


def estimated_tokens(text: str) -> int:
    """Estimate how many tokens a text costs, never less than one."""
    return len(text) // CHARACTERS_PER_TOKEN + 1


def newest_within(said: Sequence[Said], size: WindowSize) -> tuple[Said, ...]:
    """Keep the newest messages that fit; the newest of all is always kept."""
    kept: list[Said] = []
    tokens = 0
    for line in reversed(said[-size.max_messages :]):
        tokens += estimated_tokens(line.text)
        if kept and tokens > size.max_tokens:
            break
        kept.append(line)
    return tuple(reversed(kept))


def said_before(said: Iterable[Said], question: Said) -> tuple[Said, ...]:
    """Leave out what people said after the question: it was not known then, and has its own turn.

    What the bot said stays: an answer to an earlier question may come after this one.
    """
    return tuple(line for line in said if line.by_bot or float(line.ts) < float(question.ts))


def people_in(said: Iterable[Said]) -> frozenset[str]:
    """Return the ids that need a name: people mentioned, and speakers when there are several."""
    lines = list(said)
    speakers = {line.speaker for line in lines if not line.by_bot}
    mentioned = {user for line in lines for user in _USER.findall(line.text)}
    return frozenset(mentioned | (speakers if len(speakers) > 1 else set()))


def to_messages(
    history: Iterable[Said], question: Said, names: Mapping[str, str]
) -> tuple[Message, ...]:
    """Lay out a thread for a model: what was said, and last the message that is to be answered.

    Roles alternate and begin with the user, as every provider wants it. Speakers are named when
    `names` knows them. What came in after the question stands before it: the question is last.
    """
    lines = [line for line in history if line.ts != question.ts]
    messages = [
        Message("assistant" if by_bot else "user", "\n".join(_line(said, names) for said in group))
        for by_bot, group in groupby(lines, key=lambda line: line.by_bot)
    ]
    if messages and messages[0].role == "assistant":
        messages.insert(0, Message("user", BOT_SPOKE_FIRST))
    asked = _line(question, names)
    if messages and messages[-1].role == "user":
        earlier = messages.pop()
        return (*messages, replace(earlier, content=f"{earlier.content}\n{asked}"))
    return (*messages, Message("user", asked))


def links_in(said: Iterable[Said]) -> frozenset[str]:
    """Return the addresses that are live in what the bot said."""
    return frozenset(link for line in said for link in line.links)


def _line(said: Said, names: Mapping[str, str]) -> str:
    text = _USER.sub(lambda user: f"@{names.get(user[1], user[1])}", said.text) or NO_TEXT
    if said.by_bot or said.speaker not in names:
        return text
    return f"{names[said.speaker]}: {text}"
