"""What Slack's events say happened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.conversation import Amended, Incoming, Stopped, ThreadKey
from slackbot.slack.events import BotIdentity, parse, strip_mention

BOT = BotIdentity(team="T1", user_id="UBOT", bot_id="BBOT")
TS = "1700000000.000100"
ROOT = "1699999999.000100"

Event = dict[str, Any]


def message(**fields: object) -> Event:
    return {
        "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": TS,
        "text": "hello", **fields,
    }  # fmt: skip


def mention(text: str = "<@UBOT> hello", **fields: object) -> Event:
    event = message(type="app_mention", text=text, **fields)
    del event["channel_type"]
    return event


def rich_text(*elements: Event, kind: str = "rich_text_section") -> list[Event]:
    return [{"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}]


USER_ELEMENT = {"type": "user", "user_id": "UBOT"}


def happened(event: object) -> tuple[Incoming | Amended | Stopped, ...]:
    return parse({"type": "event_callback", "team_id": "T1", "event": event}, BOT)


def heard(event: Event) -> Incoming:
    [incoming] = happened(event)
    assert isinstance(incoming, Incoming)
    return incoming


def test_a_mention_is_heard_without_the_mention() -> None:
    assert heard(mention()) == Incoming(
        team="T1", channel="C1", thread_ts=TS, ts=TS, asker="U1", text="hello", mentions_bot=True
    )


def test_the_twin_of_a_mention_says_the_same() -> None:
    assert heard(message(text="<@UBOT> hello")) == heard(mention())


def test_a_reply_in_a_thread_knows_its_root() -> None:
    reply = heard(message(thread_ts=ROOT))
    assert (reply.thread_ts, reply.is_reply, reply.mentions_bot) == (ROOT, True, False)


def test_a_direct_message_is_direct() -> None:
    assert heard(message(channel="D1", channel_type="im")).direct
    assert not heard(message(channel_type="mpim")).direct


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_what_people_wrote_is_heard_in_whatever_form(subtype: str) -> None:
    assert heard(message(subtype=subtype)).text == "hello"


@pytest.mark.parametrize(
    "event",
    [
        message(subtype="channel_join"),
        message(subtype="bot_message", bot_id="B2"),
        message(bot_id="B2"),
        message(user="UBOT"),
        mention(bot_id="B2"),
        mention(user="UBOT"),
        {"type": "reaction_added", "user": "U1"},
    ],
)
def test_bots_and_notices_are_not_heard(event: Event) -> None:
    assert happened(event) == ()


@pytest.mark.parametrize(
    "event",
    [
        None, "text", [], {}, {"type": "message"}, {"type": ["message"]},
        message(user=None), message(user=""), message(user=7), message(channel=None),
        message(ts=None), message(ts="soon"), message(thread_ts="soon"), message(thread_ts=5),
        message(subtype=["x"]), message(subtype="message_changed"),
        message(subtype="message_changed", message="x"),
        message(subtype="message_deleted"), message(subtype="message_deleted", deleted_ts=1),
    ],
)  # fmt: skip
def test_malformed_events_are_nothing(event: object) -> None:
    assert happened(event) == ()


def test_a_message_without_text_is_heard_as_empty() -> None:
    assert heard(message(text=None, subtype="file_share")).text == ""


def test_the_team_is_our_own_when_slack_does_not_say() -> None:
    [incoming] = parse({"event": mention()}, BOT)
    assert isinstance(incoming, Incoming)
    assert incoming.team == "T1"


@pytest.mark.parametrize(
    ("text", "blocks", "real"),
    [
        ("<@UBOT> hi", None, True),
        ("<@UBOT|slackbot> hi", None, True),
        ("`<@UBOT>` hi", None, False),
        ("```\n<@UBOT>\n``` hi", None, False),
        ("<@U2> hi", None, False),
        ("<@UBOT> hi", rich_text(USER_ELEMENT), True),
        ("<@UBOT> hi", rich_text({"type": "text", "text": "<@UBOT>"}), False),
        ("<@UBOT> hi", rich_text(USER_ELEMENT, kind="rich_text_preformatted"), False),
        ("<@UBOT> hi", rich_text(USER_ELEMENT | {"style": {"code": True}}), False),
        ("<@UBOT> hi", rich_text(USER_ELEMENT | {"style": {"bold": True}}), True),
        ("<@U2> hi", rich_text({"type": "user", "user_id": "U2"}), False),
        ("<@UBOT> hi", [{"type": "section"}, "odd"], True),
        ("<@UBOT> hi", "odd", True),
    ],
)
def test_only_a_real_mention_counts(text: str, blocks: object, real: bool) -> None:
    fields = {} if blocks is None else {"blocks": blocks}
    assert heard(message(text=text, **fields)).mentions_bot is real
    assert len(happened(mention(text, **fields))) == real


def test_a_mention_deep_in_a_list_counts() -> None:
    section = {"type": "rich_text_section", "elements": [USER_ELEMENT]}
    blocks = rich_text(section, kind="rich_text_list")
    assert heard(message(text="• <@UBOT>", blocks=blocks)).mentions_bot


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("<@UBOT> what is it?", "what is it?"),
        ("<@UBOT>: what is it?", "what is it?"),
        ("<@UBOT>, <@UBOT> what?", "what?"),
        ("what is it <@UBOT>", "what is it"),
        ("what is it, <@UBOT>?", "what is it,?"),
        ("ask <@UBOT> about it", "ask about it"),
        ("one\n<@UBOT> two", "one\ntwo"),
        ("one <@UBOT>\ntwo", "one\ntwo"),
        ("<@UBOT|slackbot> hi", "hi"),
        ("<@UBOT>", ""),
        ("tell <@U2> and <@UBOT>", "tell <@U2> and"),
        ("what does `<@UBOT>` mean, <@UBOT>", "what does `<@UBOT>` mean,"),
    ],
)
def test_the_mention_is_stripped_wherever_it_stands(text: str, stripped: str) -> None:
    assert strip_mention(text, "UBOT") == stripped


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("<@U2> can you?", True),
        ("  <@U2|ann> can you?", True),
        ("*<@U2>* can you?", True),
        ("_<@U2>_ can you?", True),
        ("&gt; <@U2> can you?", True),
        ("~<@U2>~ can you?", True),
        ("&gt; _*<@U2>*_ can you?", True),
        ("<!subteam^S1|@oncall> can you?", True),
        ("<!subteam^S1> can you?", True),
        ("*<!subteam^S1|@oncall>* can you?", True),
        ("<!here> can you?", True),
        ("<!here|here> can you?", True),
        ("&gt; <!channel> can you?", True),
        ("<!everyone> can you?", True),
        ("*<@UBOT>* ask <@U2>", False),
        ("<@UBOT> ask <@U2>", False),
        ("ask <@U2>", False),
        ("ask <!here>", False),
        ("<!herewith> it is", False),
        ("<!date^1700000000^{date}|today> it is", False),
    ],
)
def test_a_text_that_begins_with_somebody_else_is_for_them(text: str, other: bool) -> None:
    assert heard(message(text=text)).addresses_other is other


def changed(after: Event, before: Event | None = None, **fields: object) -> Event:
    event = message(subtype="message_changed", message=after, **fields)
    del event["user"], event["text"]
    return event if before is None else event | {"previous_message": before}


def inner(text: str, **fields: object) -> Event:
    return {"type": "message", "user": "U1", "ts": TS, "text": text, **fields}


def test_an_edit_amends() -> None:
    event = changed(inner("new &amp; <@UBOT>", edited={}), inner("old <@UBOT>"))
    assert happened(event) == (Amended(ThreadKey("T1", "C1", TS), TS, "new &"),)


def test_an_edit_in_a_thread_names_the_thread() -> None:
    event = changed(inner("new", thread_ts=ROOT), inner("old", thread_ts=ROOT))
    assert happened(event) == (Amended(ThreadKey("T1", "C1", ROOT), TS, "new"),)


def test_an_edit_that_adds_a_mention_is_something_to_answer_too() -> None:
    event = changed(inner("<@UBOT> help", edited={"user": "U1"}), inner("help"))
    amended, incoming = happened(event)
    assert amended == Amended(ThreadKey("T1", "C1", TS), TS, "help")
    assert incoming == Incoming(
        team="T1", channel="C1", thread_ts=TS, ts=TS, asker="U1", text="help",
        mentions_bot=True, edited=True,
    )  # fmt: skip


def test_the_mention_that_an_edit_added_arrives_as_edited() -> None:
    assert heard(mention(edited={"user": "U1", "ts": TS})).edited


def test_an_edit_in_a_direct_channel_stays_direct() -> None:
    event = changed(inner("<@UBOT> a"), inner("a"), channel_type="im")
    assert [one.direct for one in happened(event) if isinstance(one, Incoming)] == [True]


@pytest.mark.parametrize(
    "event",
    [
        changed(inner("same", attachments=[{}]), inner("same")),
        changed(inner("new", bot_id="B2"), inner("old", bot_id="B2")),
        changed(inner("new", user="UBOT"), inner("old", user="UBOT")),
        changed(inner("new", subtype="channel_topic"), inner("old")),
        changed(inner("x", user="USLACKBOT", subtype="tombstone"), inner("old", bot_id="B2")),
    ],
)
def test_unfurls_and_what_bots_change_are_nothing(event: Event) -> None:
    assert happened(event) == ()


def test_a_deleted_message_is_gone() -> None:
    event = message(subtype="message_deleted", deleted_ts=TS, previous_message=inner("x"))
    assert happened(event) == (Amended(ThreadKey("T1", "C1", TS), TS, None),)


def test_a_deleted_reply_names_its_thread() -> None:
    before = inner("x", thread_ts=ROOT)
    event = message(subtype="message_deleted", deleted_ts=TS, previous_message=before)
    assert happened(event) == (Amended(ThreadKey("T1", "C1", ROOT), TS, None),)


def test_a_bots_deleted_message_is_nothing() -> None:
    before = inner("x", bot_id="B2")
    event = message(subtype="message_deleted", deleted_ts=TS, previous_message=before)
    assert happened(event) == ()


def test_a_deleted_root_of_a_thread_is_gone_though_a_tombstone_stands_for_it() -> None:
    tombstone = inner("This message was deleted.", user="USLACKBOT", subtype="tombstone")
    event = changed(tombstone, inner("x"))
    assert happened(event) == (Amended(ThreadKey("T1", "C1", TS), TS, None),)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([TS, "UBOT"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["message", "app_mention"]),
        "subtype": st.sampled_from([None, "message_changed", "message_deleted", "file_share"]),
    },
    optional=dict.fromkeys(
        ("ts", "user", "channel", "text", "blocks", "thread_ts", "message", "deleted_ts"), JSON
    ),
)


def test_a_stop_is_for_the_thread_that_it_names() -> None:
    stopped = {"type": "agent_session_stopped", "channel": "C1", "thread_ts": "1.000001"}
    thread = ThreadKey("T1", "C1", "1.000001")
    assert happened({**stopped, "user": "U1", "streaming_message_ts": []}) == (Stopped(thread),)
    assert happened({**stopped, "thread_ts": None}) == ()


@given(FIELDS)
def test_no_event_raises(event: Event) -> None:
    happened(event)


@pytest.mark.parametrize(
    "unit",
    [
        "<@UBOT>",
        "`",
        "```",
        " ",
        "<@UBOT> ",
        "<@",
        "<@UBOT|",
        "*_~",
        "&gt; ",
        "<!subteam^",
        "<!here|",
    ],
)
def test_hostile_text_costs_little(unit: str) -> None:
    assert_linear(lambda text: happened(message(text=text)), repeated(unit), 40_000)


@pytest.mark.parametrize(
    ("fields", "token"),
    [
        ({}, None),
        ({"action_token": "new"}, "new"),
        ({"assistant_thread": {"action_token": "old"}}, "old"),
        ({"action_token": "new", "assistant_thread": {"action_token": "old"}}, "new"),
        ({"action_token": ["odd"], "assistant_thread": "odd"}, None),
    ],
)
def test_the_token_to_search_with_is_taken_along_and_never_shown(
    fields: Event, token: str | None
) -> None:
    for event in (message(**fields), mention(**fields)):
        incoming = heard(event)
        assert incoming.action_token == token
        assert "token" not in repr(incoming)
