"""What an app hears of what happens, in the words of the Events API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from inline_snapshot import snapshot

from localslack.events import callback, events_for

if TYPE_CHECKING:
    from localslack import App, Channel, LocalSlack, Workspace


@pytest.fixture
def heard(slack: LocalSlack, workspace: Workspace, app: App) -> list[dict[str, Any]]:
    """The events for the bot, as they happen."""
    events: list[dict[str, Any]] = []
    workspace.listen(lambda change: events.extend(events_for(change, app, workspace)))
    return events


def without_ids(event: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is random."""
    return {name: value for name, value in event.items() if name != "client_msg_id"}


async def test_a_mention_in_a_channel_is_told_twice(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    slack.say("ana", general, "hi @slackbot")
    assert [without_ids(event) for event in heard] == snapshot(
        [
            {
                "type": "app_mention",
                "user": "U0LOCAL0001",
                "text": "hi <@U0LOCAL0003>",
                "ts": "1700000000.000000",
                "team": "T0LOCAL0001",
                "blocks": [
                    {
                        "type": "rich_text",
                        "block_id": "typed",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "text", "text": "hi "},
                                    {"type": "user", "user_id": "U0LOCAL0003"},
                                ],
                            }
                        ],
                    }
                ],
                "action_token": "C0LOCAL0001.1700000000.000000.f5b10ef773e4",
                "channel": "C0LOCAL0001",
                "event_ts": "1700000000.000000",
            },
            {
                "type": "message",
                "user": "U0LOCAL0001",
                "text": "hi <@U0LOCAL0003>",
                "ts": "1700000000.000000",
                "team": "T0LOCAL0001",
                "blocks": [
                    {
                        "type": "rich_text",
                        "block_id": "typed",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "text", "text": "hi "},
                                    {"type": "user", "user_id": "U0LOCAL0003"},
                                ],
                            }
                        ],
                    }
                ],
                "action_token": "C0LOCAL0001.1700000000.000000.f5b10ef773e4",
                "channel": "C0LOCAL0001",
                "channel_type": "channel",
                "event_ts": "1700000000.000000",
            },
        ]
    )


async def test_a_callback_carries_the_event_and_who_it_is_for(
    slack: LocalSlack, workspace: Workspace, app: App, heard: list[dict[str, Any]]
) -> None:
    slack.say("ana", "general", "x")
    payload = callback(heard[0], "Ev1", app, workspace)
    assert payload.pop("event") == heard[0]
    assert payload == snapshot(
        {
            "token": "local-verification-token",
            "team_id": "T0LOCAL0001",
            "context_team_id": "T0LOCAL0001",
            "context_enterprise_id": None,
            "api_app_id": "A0LOCAL0001",
            "type": "event_callback",
            "event_id": "Ev1",
            "event_time": 1700000000,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": "T0LOCAL0001",
                    "user_id": "U0LOCAL0003",
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-Ev1",
        }
    )


async def test_a_reply_names_its_thread_and_who_began_it(
    slack: LocalSlack, workspace: Workspace, heard: list[dict[str, Any]], general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    slack.say("ben", general, "reply @slackbot", thread_ts=root)
    mention, message = heard[1:]
    assert mention["thread_ts"] == message["thread_ts"] == root
    assert message["parent_user_id"] == workspace.user("ana").id


@pytest.mark.parametrize(("private", "channel_type"), [(False, "channel"), (True, "group")])
async def test_the_kind_of_channel_is_told(
    slack: LocalSlack,
    workspace: Workspace,
    heard: list[dict[str, Any]],
    private: bool,
    channel_type: str,
) -> None:
    channel = workspace.add_channel("room", ["ana", "slackbot"], private=private)
    slack.say("ana", channel, "x")
    assert [event["channel_type"] for event in heard] == [channel_type]


async def test_a_direct_message_is_no_mention(
    slack: LocalSlack, heard: list[dict[str, Any]]
) -> None:
    slack.say("ana", slack.open_dm("ana", "slackbot"), "hi @slackbot")
    assert [(event["type"], event["channel_type"]) for event in heard] == [("message", "im")]


async def test_where_it_is_no_member_an_app_hears_nothing(
    slack: LocalSlack, workspace: Workspace, heard: list[dict[str, Any]]
) -> None:
    workspace.add_channel("random", ["ana", "ben"])
    slack.say("ana", "random", "hi @slackbot")
    slack.say("ana", slack.open_dm("ana", "ben"), "psst")
    assert not heard


async def test_an_app_hears_what_it_subscribed_to(
    slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    picky = workspace.add_app("picky", events=["app_mention", "message.im"])
    workspace.join("general", "picky")
    heard: list[dict[str, Any]] = []
    workspace.listen(lambda change: heard.extend(events_for(change, picky, workspace)))
    ts = slack.say("ana", general, "hi @picky")
    slack.react("ben", general, ts, "eyes")
    slack.say("ana", slack.open_dm("ana", "picky"), "psst")
    assert [event["type"] for event in heard] == ["app_mention", "message"]


async def test_an_edit_is_told_with_before_and_after(
    slack: LocalSlack, workspace: Workspace, heard: list[dict[str, Any]], general: Channel
) -> None:
    ts = slack.say("ana", general, "old")
    slack.edit("ana", general, ts, "new")
    event = heard[-1]
    assert (event["type"], event["subtype"], event["hidden"]) == (
        "message",
        "message_changed",
        True,
    )
    assert (event["previous_message"]["text"], event["message"]["text"]) == ("old", "new")
    assert event["message"]["ts"] == ts
    assert event["message"]["edited"]["user"] == workspace.user("ana").id
    assert event["ts"] == event["event_ts"] != ts
    assert event["channel_type"] == "channel"
    assert "app_mention" not in [event["type"] for event in heard]


async def test_an_edit_with_a_mention_is_told_as_a_mention_too(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    """People add a forgotten mention by editing."""
    ts = slack.say("ana", general, "what is it?")
    slack.edit("ana", general, ts, "@slackbot what is it?")
    mention = heard[1]
    assert (mention["type"], mention["ts"]) == ("app_mention", ts)
    assert mention["edited"]["ts"]
    assert mention["event_ts"] != ts


async def test_a_mention_in_code_is_told_as_a_mention(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    slack.say("ana", general, "run `@slackbot`")
    assert heard[0]["type"] == "app_mention"
    [section] = heard[0]["blocks"][0]["elements"]
    assert "user" not in [element["type"] for element in section["elements"]]


async def test_a_deletion_names_what_is_gone(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    ts = slack.say("ana", general, "x")
    slack.delete("ana", general, ts)
    event = heard[-1]
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", ts)
    assert event["previous_message"]["text"] == "x"


async def test_the_deletion_of_a_root_with_replies_is_a_change_into_a_tombstone(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    root = slack.say("ana", general, "x")
    slack.say("ben", general, "y", thread_ts=root)
    slack.delete("ana", general, root)
    event = heard[-1]
    assert event["subtype"] == "message_changed"
    assert event["message"]["subtype"] == "tombstone"
    assert (event["message"]["ts"], event["message"]["user"]) == (root, "USLACKBOT")
    assert event["previous_message"]["text"] == "x"


async def test_reactions_are_told_with_their_message(
    slack: LocalSlack, workspace: Workspace, heard: list[dict[str, Any]], general: Channel
) -> None:
    ts = slack.say("ana", general, "x")
    slack.react("ben", general, ts, "eyes")
    ana, ben = workspace.user("ana").id, workspace.user("ben").id
    workspace.unreact(workspace.message("general", ts), ben, "eyes", slack.clock())
    added, removed = heard[1:]
    assert (added["type"], added["reaction"], added["user"]) == ("reaction_added", "eyes", ben)
    assert added["item"] == {"type": "message", "channel": general.id, "ts": ts}
    assert added["item_user"] == ana
    assert removed["type"] == "reaction_removed"


async def test_what_people_share_and_broadcast_has_a_subtype(
    slack: LocalSlack, heard: list[dict[str, Any]], general: Channel
) -> None:
    root = slack.say("ana", general, "plan", files=["plan.pdf"])
    slack.say("ana", general, "told", thread_ts=root, broadcast=True)
    assert [event["subtype"] for event in heard] == ["file_share", "thread_broadcast"]
    assert heard[0]["files"][0]["name"] == "plan.pdf"


async def test_someone_from_another_workspace_is_told_by_their_team(
    slack: LocalSlack, workspace: Workspace, heard: list[dict[str, Any]], general: Channel
) -> None:
    workspace.add_person("stranger", team="T0OTHER0001")
    workspace.join("general", "stranger")
    slack.say("stranger", general, "hi @slackbot")
    assert {event["team"] for event in heard} == {"T0OTHER0001"}
    assert {event["user_team"] for event in heard} == {"T0OTHER0001"}
