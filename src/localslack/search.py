"""Finds messages in a workspace, as Slack's search does for one person. No index: it looks at all.

Slack's documentation of search.messages and assistant.search.context: people find what they could
read. Everybody can read public channels but guests, and people from other workspaces: they see the
channels that they are in (Slack's help page about guest roles).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from localslack.model import SLACKBOT
from localslack.search_query import has_phrase, stems
from localslack.timestamps import micros, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from localslack.model import Message, Person
    from localslack.room import Room
    from localslack.search_query import Query
    from localslack.workspace import Workspace

Order = Literal["score", "timestamp"]


@dataclass(frozen=True, slots=True)
class Match:
    """A message that was found. `score` is higher for what has more of the rare words."""

    message: Message
    score: float


def readable_rooms(workspace: Workspace, person: Person) -> list[Room]:
    """Return the rooms that someone could open."""
    confined = person.restricted or person.ultra_restricted or person.team != workspace.team_id
    return [
        room
        for room in workspace.rooms
        if person.id in room.members or (room.channel.kind == "channel" and not confined)
    ]


def find(
    workspace: Workspace,
    rooms: Iterable[Room],
    query: Query,
    *,
    share: float = 1.0,
    order: Order = "score",
    ascending: bool = False,
) -> list[Match]:
    """Return the messages that match, the best or the newest first.

    `share` is the part of the query's words that a message must have.
    """
    messages = [
        message
        for room in rooms
        if _is_in(room, query)
        for message in room.messages()
        if _may_match(message, query, workspace)
    ]
    texts = [stems(message.text) for message in messages]
    wanted = frozenset(query.words)
    shared = [wanted.intersection(text) for text in texts]
    rarity = _rarity(shared)
    found = [
        Match(message, sum(rarity[word] for word in words))
        for message, text, words in zip(messages, texts, shared, strict=True)
        if len(words) >= share * len(wanted) and _says(text, query)
    ]
    found.sort(key=lambda match: micros(match.message.ts), reverse=not ascending)
    if order == "score":
        found.sort(key=lambda match: match.score, reverse=not ascending)
    return found


def _is_in(room: Room, query: Query) -> bool:
    names = (room.channel.id, room.channel.name)
    return not query.channels or any(name in query.channels for name in names if name)


def _may_match(message: Message, query: Query, workspace: Workspace) -> bool:
    if message.user == SLACKBOT or not query.since <= seconds(message.ts) < query.until:
        return False
    author = workspace.user(message.user)
    return not query.authors or author.id in query.authors or author.name in query.authors


def _says(said: Sequence[str], query: Query) -> bool:
    """Whether a message has every phrase, and no word that is to be left out."""
    if query.excluded.intersection(said):
        return False
    return all(has_phrase(said, phrase) for phrase in query.phrases)


def _rarity(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return for each word how much its presence tells (inverse document frequency)."""
    texts_with = Counter(word for text in texts for word in text)
    return {word: math.log(1 + len(texts) / count) for word, count in texts_with.items()}
