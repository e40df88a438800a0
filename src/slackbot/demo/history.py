"""Puts what the sample company said into a local Slack workspace, each line at its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack import Message
from localslack.composer import compose
from slackbot.demo.company.discussions import ROOMS, discussions
from slackbot.demo.company.people import EMPLOYEES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localslack import Workspace
    from slackbot.demo.company.discussions import Discussion, Line


def seed(workspace: Workspace, bot_name: str) -> None:
    """Add the company's people, channels and discussions. The app `bot_name` must be there.

    The bot is in every channel, the closed one too: what keeps that closed is the operator's list.
    Do it before anybody listens to the workspace: nobody is to hear the past as news.
    """
    for employee in EMPLOYEES:
        workspace.add_person(
            employee.name,
            real_name=employee.real_name,
            title=employee.title,
            restricted=employee.guest,
        )
    said = discussions()
    founded = min(discussion.lines[0].at for discussion in said).timestamp()
    for room in ROOMS:
        workspace.add_channel(
            room.name,
            [*room.members, bot_name],
            topic=room.purpose,
            private=room.closed,
            now=founded,
        )
    tell(workspace, said)


def tell(workspace: Workspace, said: Iterable[Discussion]) -> None:
    """Let people say the lines of discussions, each at its time, in order of time."""
    lines = [
        (line, discussion.room.name, number)
        for number, discussion in enumerate(said)
        for line in discussion.lines
    ]
    roots: dict[int, str] = {}
    for line, room, discussion in sorted(lines, key=lambda entry: entry[0].at):
        ts = _say(workspace, line, room, roots.get(discussion))
        roots.setdefault(discussion, ts)


def _say(workspace: Workspace, line: Line, room: str, thread_ts: str | None) -> str:
    now = line.at.timestamp()
    typed = compose(line.text, workspace.user_id, workspace.channel_id)
    message = workspace.post(
        Message(
            channel=workspace.channel(room).id,
            ts=workspace.next_ts(now),
            user=workspace.user(line.author).id,
            body=typed.text,
            own_blocks=typed.blocks,
            thread_ts=thread_ts,
        ),
        now,
    )
    for reaction in line.reactions:
        for name in reaction.by:
            workspace.react(message, workspace.user(name).id, reaction.name, now)
    return message.ts
