"""What the record shows to be without an answer: the same rules as for events."""

from __future__ import annotations

from typing import Any

import pytest

from slackbot.conversation import Late
from slackbot.slack.delivery.answer import answer_metadata, part_metadata
from slackbot.slack.events import BotIdentity
from slackbot.slack.missed import last_reply_at, missed_in, said_at, thread_of

BOT = BotIdentity("T1", "UBOT", "BBOT")
HERE = "C1"


def said(ts: str, text: str = "hm", user: str = "U1", **fields: Any) -> dict[str, Any]:
    return {"type": "message", "ts": ts, "user": user, "text": text, **fields}


def marked(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "users": ["UBOT"], "count": 1} for name in names]


def reply(ts: str, text: str = "hm", user: str = "U1", **fields: Any) -> dict[str, Any]:
    return said(ts, text, user, thread_ts="1.0", **fields)


def final(ts: str, of: str) -> dict[str, Any]:
    metadata = answer_metadata(of, "answered")
    return reply(ts, "So.", "UBOT", bot_id="BBOT", metadata=metadata)


def found(*messages: dict[str, Any], channel: str = HERE, since: float = 0.0) -> list[str]:
    return [missed.ts for missed in missed_in(messages, channel, BOT, since).messages]


def test_a_mention_without_an_end_mark_is_found_and_other_talk_is_not() -> None:
    assert found(said("1.0"), said("2.0", "<@UBOT> hi"), said("3.0", user="U2")) == ["2.0"]
    assert found(said("1.0", "`<@UBOT>` hi")) == []
    assert found(said("1.0", "<@UBOT> hi", reactions=marked("eyes", "x"))) == []


def test_a_direct_message_needs_no_mention() -> None:
    (one,) = missed_in([said("1.0")], "D1", BOT, 0.0).messages
    assert (one.direct, one.late) == (True, Late(begun=False))


def test_what_bots_and_slack_itself_say_is_left_out() -> None:
    assert found(
        said("1.0", "<@UBOT> hi", bot_id="B9"),
        said("2.0", "<@UBOT> joined", subtype="channel_join"),
        {"ts": "3.0"},
    ) == []  # fmt: skip


def test_what_was_begun_is_found_whatever_it_says() -> None:
    (one,) = missed_in([said("1.0", reactions=marked("eyes"))], HERE, BOT, 0.0).messages
    assert one.late == Late(begun=True)


def test_a_reply_is_found_if_its_author_talked_with_the_bot_before() -> None:
    thread = (
        reply("1.0", "<@UBOT> who?", reactions=marked("eyes", "white_check_mark")),
        reply("2.0", "me?", "U2"),
        final("3.0", "1.0"),
        reply("4.0", "and then?"),
    )
    missed = missed_in(thread, HERE, BOT, 0.0)
    assert [(one.ts, one.late) for one in missed.messages] == [("4.0", Late(False, 3.0))]
    assert missed.contacts == {"U1": 3.0}


def test_a_reply_behind_a_mention_that_was_missed_too_is_found() -> None:
    assert found(reply("1.0", "<@UBOT> who?"), reply("2.0", "and when?")) == ["1.0", "2.0"]


@pytest.mark.parametrize("mark", ["white_check_mark", "x", "octagonal_sign"])
def test_what_was_answered_is_told_of_and_no_longer_missed(mark: str) -> None:
    missed = missed_in([said("1.0", reactions=marked(mark))], HERE, BOT, 0.0)
    assert [(one.ts, one.late) for one in missed.answered] == [("1.0", Late(begun=True))]
    assert missed.messages == ()


@pytest.mark.parametrize("marks", [("no_entry_sign",), ("eyes",), ()])
def test_what_was_refused_or_has_no_end_was_not_answered(marks: tuple[str, ...]) -> None:
    question = said("1.0", "<@UBOT> hi", reactions=marked(*marks))
    assert missed_in([question], HERE, BOT, 0.0).answered == ()


def test_talk_before_the_bot_came_in_stays_talk() -> None:
    assert found(reply("1.0"), reply("2.0"), reply("3.0", "<@UBOT> who?")) == ["3.0"]


def test_a_part_of_an_answer_is_no_contact() -> None:
    part = reply("2.0", "First", "UBOT", bot_id="BBOT", metadata=part_metadata("1.0", 1))
    assert missed_in([reply("1.0"), part, final("3.0", "0.5")], HERE, BOT, 0.0).contacts == {}


def test_what_is_too_old_is_left_alone_but_an_edit_makes_it_new() -> None:
    old = said("1.0", "<@UBOT> hi")
    assert found(old, since=2.0) == []
    assert found(old | {"edited": {"user": "U1", "ts": "3.0"}}, since=2.0) == ["1.0"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [({}, 0.0), ({"ts": "2.5"}, 2.5), ({"ts": "2.5", "edited": {"ts": "7.0"}}, 7.0)],
)
def test_when_it_was_said(message: dict[str, Any], expected: float) -> None:
    assert said_at(message) == expected


def test_where_it_stands() -> None:
    assert thread_of({"ts": "2.0", "thread_ts": "1.0"}) == "1.0"
    assert thread_of({"ts": "2.0"}) == "2.0"
    assert last_reply_at({"latest_reply": "9.5"}) == 9.5
    assert last_reply_at({"ts": "2.0"}) == 0.0
