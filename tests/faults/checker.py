"""What must hold after every fault: each message ends once, and all that was used is free.

It reads the workspace itself, and knows the bot's marks and metadata by their names only.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kit.leaks import nothing_left_behind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator
    from contextlib import AbstractAsyncContextManager

    from kit.world import World
    from localslack import Message
    from localslack.room import Room

SECONDS = 60.0
"""How long the bot has for its last marks on the slowest machine."""

TAKEN = "eyes"
MARK_OF = {
    "answered": "white_check_mark",
    "partial": "white_check_mark",
    "failed": "x",
    "refused": "no_entry_sign",
    "cancelled": "octagonal_sign",
}
FINAL, PART = "slackbot_answer", "slackbot_answer_part"


@asynccontextmanager
async def checked(opening: AbstractAsyncContextManager[World]) -> AsyncIterator[World]:
    """Open a world; fail unless all holds at the end of the block, and after the world's end."""
    async with nothing_left_behind():
        async with opening as here:
            yield here
            await all_holds(here)
        assert not (wrong := broken(here)), wrong


async def all_holds(here: World) -> None:
    """Wait until everything has come to its end; fail with what has not."""
    try:
        await here.slack.until(lambda: not broken(here), SECONDS)
    except TimeoutError:
        assert not (wrong := broken(here)), wrong


def broken(here: World, gone: Collection[str] = ()) -> list[str]:
    """Say what does not hold now, one line for each.

    `gone` are questions that were deleted, perhaps after they were answered.
    """
    slack = here.slack
    return [
        *(line for room in slack.workspace.rooms for line in _broken_in(room, here, gone)),
        *(f"status left: {status}" for status in slack.workspace.statuses(slack.clock())),
        *(f"called too soon: {violation}" for violation in slack.tiers.violations),
    ]


def _broken_in(room: Room, here: World, gone: Collection[str]) -> Iterator[str]:
    """In a room where the bot can do nothing any more, what it has begun cannot be ended."""
    in_reach = here.app.user_id in room.members and not room.channel.archived
    for message in room.messages():
        if message.user == here.app.user_id:
            yield from _broken_of_bot(message, room, here, gone) if in_reach else ()
        elif message.subtype != "tombstone":
            yield from _broken_of_person(message, room, here, in_reach=in_reach)


def _broken_of_bot(
    message: Message, room: Room, here: World, gone: Collection[str]
) -> Iterator[str]:
    kind, source = _kind(message), _payload(message, "source_ts")
    if message.is_streaming(here.slack.clock()):
        yield f"stream left open: {message}"
    if kind not in (FINAL, PART):
        yield f"neither an answer nor a part of one: {message}"
    elif room.find(source) is None and source not in gone:
        yield f"an answer to what is not there: {message}"


def _broken_of_person(
    message: Message, room: Room, here: World, *, in_reach: bool
) -> Iterator[str]:
    bot = here.app.user_id
    marks = {name for name, users in room.reactions(message.ts).items() if bot in users}
    ends = sorted(marks.intersection(MARK_OF.values()))
    states = [
        _payload(other, "state")
        for other in room.messages()
        if _kind(other) == FINAL and _payload(other, "source_ts") == message.ts
    ]
    is_refused = ends == [MARK_OF["refused"]] and not states and TAKEN not in marks
    was_told = f"<@{bot}>" in message.body or room.channel.kind == "im" or TAKEN in marks
    if in_reach and was_told:
        if is_refused:
            return
        if len(states) != 1 or ends != [MARK_OF[state] for state in states]:
            yield f"ended {states}, marked {ends}: {message}"
    elif len(states) > 1 or len(ends) > 1 or (states and not was_told):
        yield f"not to be ended {states}, marked {ends}: {message}"


def _kind(message: Message) -> str:
    return str((message.metadata or {}).get("event_type", ""))


def _payload(message: Message, key: str) -> str:
    return str((message.metadata or {}).get("event_payload", {}).get(key, ""))
