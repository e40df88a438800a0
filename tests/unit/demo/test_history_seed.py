"""The company's discussions in a local workspace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localslack import Workspace
from localslack.emoji import glyphs
from slackbot.demo.company.discussions import (
    OPEN_ROOMS,
    ROOMS,
    Discussion,
    Line,
    Reaction,
    discussions,
)
from slackbot.demo.company.people import EMPLOYEES
from slackbot.demo.history import seed, tell

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOT = "slackbot"


@pytest.fixture(scope="module")
def company() -> Workspace:
    workspace = Workspace("Parcelwick")
    workspace.add_app(BOT)
    seed(workspace, BOT)
    return workspace


def test_everybody_is_there_and_the_guest_is_one(company: Workspace) -> None:
    for employee in EMPLOYEES:
        person = company.user(employee.name)
        assert (person.real_name, person.restricted) == (employee.real_name, employee.guest)


def test_every_room_has_its_members_and_the_bot(company: Workspace) -> None:
    bot = company.user(BOT).id
    for room in ROOMS:
        found = company.room(room.name)
        members = [company.user(name).id for name in room.members]
        assert list(found.members) == [*members, bot]
        assert found.channel.kind == ("group" if room.closed else "channel")
    assert {room.name for room in ROOMS} - set(OPEN_ROOMS) == {"leads"}


def test_every_line_is_said_once_at_its_time(company: Workspace) -> None:
    said = {
        (room.channel.name, company.user(message.user).name, message.ts.partition(".")[0])
        for room in company.rooms
        for message in room.messages()
    }
    wanted = {
        (discussion.room.name, line.author, str(int(line.at.timestamp())))
        for discussion in discussions()
        for line in discussion.lines
    }
    assert said == wanted


def test_a_discussion_is_one_thread_with_its_reactions_and_mentions() -> None:
    workspace = Workspace()
    for name in ("ana", "ben"):
        workspace.add_person(name)
    workspace.add_channel("general", ["ana", "ben"])
    room = ROOMS[0]

    def line(author: str, minutes: int, text: str, *reactions: Reaction) -> Line:
        return Line(author, NOON + timedelta(minutes=minutes), text, reactions)

    first = Discussion(
        room,
        "look",
        (line("ana", 0, "@ben look", Reaction("eyes", ("ben",))), line("ben", 5, "done")),
    )
    second = Discussion(room, "lunch", (line("ben", 2, "lunch?"), line("ana", 3, "yes")))
    tell(workspace, [first, second])
    root, lunch = (
        message for message in workspace.room("general").messages() if not message.is_reply
    )
    assert root.text == f"<@{workspace.user('ben').id}> look"
    assert root.ts == f"{NOON.timestamp():.6f}"
    texts = [message.text for message in workspace.thread("general", root.ts)]
    assert texts == [root.text, "done"]
    assert [message.text for message in workspace.thread("general", lunch.ts)] == ["lunch?", "yes"]
    marks = workspace.room("general").reactions(root.ts)
    assert {name: list(users) for name, users in marks.items()} == {
        "eyes": [workspace.user("ben").id]
    }


def test_the_reactions_are_ones_that_the_workspace_can_show() -> None:
    used = {
        reaction.name
        for discussion in discussions()
        for line in discussion.lines
        for reaction in line.reactions
    }
    assert used - set(glyphs()) == set()
