"""The bot's own reactions say where a message stands; other people's say nothing."""

from __future__ import annotations

import pytest

from slackbot.slack.delivery.marks import attempts, has_ended, own_marks
from slackbot.slack.events import BotIdentity

BOT = BotIdentity("T1", "UBOT", "BBOT")


def test_only_the_bots_own_marks_count() -> None:
    reactions = [
        {"name": "eyes", "users": ["U1", "UBOT"], "count": 2},
        {"name": "x", "users": ["U1"], "count": 1},
        {"name": "repeat"},
        "nonsense",
    ]
    assert own_marks({"reactions": reactions}, BOT) == {"eyes"}
    assert own_marks({}, BOT) == own_marks({"reactions": "?"}, BOT) == frozenset()


@pytest.mark.parametrize(
    ("marks", "begun", "ended"),
    [
        ([], 0, False),
        (["eyes"], 1, False),
        (["eyes", "repeat"], 2, False),
        (["repeat"], 2, False),
        (["eyes", "white_check_mark"], 1, True),
        (["x"], 0, True),
        (["no_entry_sign"], 0, True),
        (["eyes", "octagonal_sign"], 1, True),
        (["tada"], 0, False),
    ],
)
def test_marks_tell_what_was_begun_and_what_ended(
    marks: list[str], begun: int, ended: bool
) -> None:
    assert (attempts(frozenset(marks)), has_ended(frozenset(marks))) == (begun, ended)
