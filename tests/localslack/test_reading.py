"""conversations.*, reactions.*, users.info and statuses: what apps can read, mark and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localslack.changes import Change, StatusSet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack, Workspace

    ClientFor: TypeAlias = Callable[[str], AsyncWebClient]
    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]

METADATA = {"event_type": "answer", "event_payload": {"source_ts": "1.0"}}


def stamps(messages: list[dict[str, Any]]) -> list[str]:
    return [message["ts"] for message in messages]


async def test_history_shows_roots_the_newest_first_and_tells_of_their_replies(
    client: AsyncWebClient, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    slack.say("ben", general, "one", thread_ts=root)
    last = slack.say("ana", general, "two", thread_ts=root)
    newer = slack.say("ben", general, "newer")
    messages = (await client.conversations_history(channel=general.id))["messages"]
    assert stamps(messages) == [newer, root]
    assert messages[1]["latest_reply"] == last
    assert messages[1]["reply_count"] == 2
    assert messages[1]["reply_users"] == [workspace.user("ben").id, workspace.user("ana").id]
    assert "reply_count" not in messages[0]


async def test_history_is_read_page_by_page(
    client: AsyncWebClient, slack: LocalSlack, general: Channel
) -> None:
    said = [slack.say("ana", general, str(number)) for number in range(5)]
    pages = [
        stamps(page["messages"])
        async for page in await client.conversations_history(channel=general.id, limit=2)
    ]
    assert pages == [[said[4], said[3]], [said[2], said[1]], [said[0]]]


async def test_history_is_bounded_by_time(
    client: AsyncWebClient, slack: LocalSlack, general: Channel
) -> None:
    said = [slack.say("ana", general, str(number)) for number in range(5)]
    bounds: dict[str, Any] = {"channel": general.id, "oldest": said[1], "latest": said[3]}
    exclusive = await client.conversations_history(**bounds)
    assert stamps(exclusive["messages"]) == [said[2]]
    inclusive = await client.conversations_history(**bounds, inclusive=True)
    assert stamps(inclusive["messages"]) == [said[3], said[2], said[1]]


async def test_replies_come_with_their_root_page_by_page(
    client: AsyncWebClient, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    said = [root, *(slack.say("ben", general, str(n), thread_ts=root) for n in range(4))]
    pages = [
        page["messages"]
        async for page in await client.conversations_replies(channel=general.id, ts=root, limit=2)
    ]
    assert [stamps(page) for page in pages] == [said[:2], said[2:4], said[4:]]
    assert pages[0][1]["parent_user_id"] == workspace.user("ana").id
    assert pages[0][1]["thread_ts"] == root


async def test_a_message_without_replies_is_its_own_thread(
    client: AsyncWebClient, slack: LocalSlack, general: Channel
) -> None:
    alone = slack.say("ana", general, "alone")
    answer = await client.conversations_replies(channel=general.id, ts=alone)
    assert stamps(answer["messages"]) == [alone]
    assert answer["has_more"] is False


async def test_metadata_is_shown_only_when_it_is_asked_for(
    client: AsyncWebClient, general: Channel
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="x", metadata=METADATA)
    at: dict[str, Any] = {"channel": general.id, "ts": posted["ts"]}
    plain = await client.conversations_replies(**at)
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_replies(**at, include_all_metadata=True)
    assert full["messages"][0]["metadata"] == METADATA


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"ts": "1.0"}, "thread_not_found"),
        ({"oldest": "soon"}, "invalid_ts_oldest"),
        ({"latest": "soon"}, "invalid_ts_latest"),
        ({"cursor": "rubbish"}, "invalid_cursor"),
        ({"cursor": "bmV4dDp4"}, "invalid_cursor"),
        ({"channel": "random"}, "not_in_channel"),
        ({"channel": "board"}, "channel_not_found"),
    ],
)
async def test_reading_that_is_refused(
    client: AsyncWebClient,
    slack: LocalSlack,
    workspace: Workspace,
    refusal: Refusal,
    arguments: dict[str, Any],
    code: str,
) -> None:
    workspace.add_channel("random", ["ana"])
    workspace.add_channel("board", ["ana"], private=True)
    root = slack.say("ana", "general", "root")
    call = client.conversations_replies(**({"channel": "general", "ts": root} | arguments))
    assert await refusal(call) == code


async def test_a_channel_says_what_it_is(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    private = workspace.add_channel("board", ["ana", "slackbot"], private=True)
    direct = workspace.open_direct("ana", "slackbot")
    shown = (await client.conversations_info(channel=general.id))["channel"]
    assert (shown["name"], shown["is_private"], shown["is_member"]) == ("general", False, True)
    shown = (await client.conversations_info(channel=private.id))["channel"]
    assert (shown["is_private"], shown["is_im"]) == (True, False)
    shown = (await client.conversations_info(channel=direct.id))["channel"]
    assert (shown["is_im"], shown["user"]) == (True, workspace.user("ana").id)


async def test_members_are_listed_page_by_page(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    members: list[str] = []
    async for page in await client.conversations_members(channel=general.id, limit=2):
        members += page["members"]
    assert members == [workspace.user(name).id for name in ("ana", "ben", "slackbot")]


async def test_a_direct_channel_can_be_opened_with_one_user(
    client: AsyncWebClient, workspace: Workspace, refusal: Refusal
) -> None:
    ana, ben = workspace.user("ana").id, workspace.user("ben").id
    opened = await client.conversations_open(users=ana)
    assert opened["channel"]["id"] == workspace.open_direct("slackbot", "ana").id
    several = client.conversations_open(users=[ana, ben])
    assert await refusal(several) == "method_not_supported_for_channel_type"


async def test_users_say_what_kind_of_user_they_are(
    client: AsyncWebClient, workspace: Workspace, app: App, refusal: Refusal
) -> None:
    guest = workspace.add_person("guest", ultra_restricted=True)
    stranger = workspace.add_person("stranger", team="T0OTHER0001")
    shown = (await client.users_info(user=workspace.user("ana").id))["user"]
    assert (shown["real_name"], shown["is_bot"], shown["is_stranger"]) == ("Ana Ruiz", False, False)
    shown = (await client.users_info(user=guest.id))["user"]
    assert (shown["is_restricted"], shown["is_ultra_restricted"]) == (True, True)
    shown = (await client.users_info(user=stranger.id))["user"]
    assert (shown["is_stranger"], shown["team_id"]) == (True, "T0OTHER0001")
    shown = (await client.users_info(user=app.user_id))["user"]
    assert (shown["is_bot"], shown["profile"]["bot_id"]) == (True, app.bot_id)
    assert await refusal(client.users_info(user="U404")) == "user_not_found"


async def test_reactions_are_added_shown_and_taken_back(
    client: AsyncWebClient, slack: LocalSlack, app: App, general: Channel, refusal: Refusal
) -> None:
    ts = slack.say("ana", general, "x")
    slack.react("ben", general, ts, "eyes")
    eyes: dict[str, Any] = {"channel": general.id, "timestamp": ts, "name": "eyes"}
    await client.reactions_add(**eyes)
    assert await refusal(client.reactions_add(**eyes)) == "already_reacted"
    shown = (await client.reactions_get(channel=general.id, timestamp=ts))["message"]
    ben = slack.workspace.user("ben").id
    assert shown["reactions"] == [{"name": "eyes", "users": [ben, app.user_id], "count": 2}]
    await client.reactions_remove(**eyes)
    assert await refusal(client.reactions_remove(**eyes)) == "no_reaction"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"name": "👀"}, "invalid_name"),
        ({"name": "eyez"}, "invalid_name"),
        ({"timestamp": None}, "no_item_specified"),
        ({"timestamp": "soon"}, "bad_timestamp"),
        ({"timestamp": "1.0"}, "message_not_found"),
        ({"channel": "C404"}, "channel_not_found"),
    ],
)
async def test_reactions_that_are_refused(
    client: AsyncWebClient,
    slack: LocalSlack,
    general: Channel,
    refusal: Refusal,
    arguments: dict[str, Any],
    code: str,
) -> None:
    ts = slack.say("ana", general, "x")
    given = {"channel": general.id, "timestamp": ts, "name": "eyes"} | arguments
    assert await refusal(client.api_call("reactions.add", params=given)) == code


async def test_a_bot_finds_what_it_has_marked_where_it_still_is(
    client: AsyncWebClient, slack: LocalSlack, workspace: Workspace, app: App, general: Channel
) -> None:
    workspace.add_channel("left", ["ana", "slackbot"])
    said = [slack.say("ana", channel, "x") for channel in ("left", "general", "general")]
    for channel, ts in zip(("left", "general", "general"), said, strict=True):
        await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    workspace.leave("left", "slackbot")
    found = []
    async for page in await client.reactions_list(user=app.user_id, limit=1):
        found += [item["message"]["ts"] for item in page["items"]]
    assert found == [said[2], said[1]]
    assert not (await client.reactions_list(user=workspace.user("ben").id))["items"]


async def test_a_status_shows_until_the_bot_speaks(
    client: AsyncWebClient, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    root = slack.say("ana", general, "x")
    changes: list[Change] = []
    workspace.listen(changes.append)
    at: dict[str, Any] = {"channel_id": general.id, "thread_ts": root}
    await client.assistant_threads_setStatus(
        **at, status="is looking", loading_messages=["one", "two"]
    )
    assert workspace.status("general", root, slack.clock()) == "is looking"
    [change] = changes
    assert isinstance(change, StatusSet)
    assert change.status.loading_messages == ("one", "two")
    await client.chat_postMessage(channel=general.id, text="found", thread_ts=root)
    assert workspace.status("general", root, slack.clock()) == ""


async def test_a_status_is_cleared_by_an_empty_one_or_by_time(
    client: AsyncWebClient,
    slack: LocalSlack,
    workspace: Workspace,
    pass_time: Callable[[float], None],
    general: Channel,
) -> None:
    root = slack.say("ana", general, "x")
    at: dict[str, Any] = {"channel_id": general.id, "thread_ts": root}
    await client.assistant_threads_setStatus(**at, status="is looking")
    await client.assistant_threads_setStatus(**at, status="")
    assert workspace.status("general", root, slack.clock()) == ""
    await client.assistant_threads_setStatus(**at, status="is looking")
    pass_time(120)
    assert workspace.status("general", root, slack.clock()) == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"thread_ts": "1.0"}, "invalid_thread_ts"),
        ({"thread_ts": "reply"}, "invalid_thread_ts"),
        ({"channel_id": "C404"}, "channel_not_found"),
        ({"loading_messages": ["x"] * 11}, "invalid_arguments"),
        ({"loading_messages": "7"}, "invalid_arguments"),
        ({"status": None}, "invalid_arguments"),
    ],
)
async def test_statuses_that_are_refused(
    client: AsyncWebClient,
    slack: LocalSlack,
    general: Channel,
    refusal: Refusal,
    arguments: dict[str, Any],
    code: str,
) -> None:
    root = slack.say("ana", general, "x")
    reply = slack.say("ana", general, "x", thread_ts=root)
    given = {"channel_id": general.id, "thread_ts": root, "status": "is"} | arguments
    if given["thread_ts"] == "reply":
        given["thread_ts"] = reply
    assert await refusal(client.api_call("assistant.threads.setStatus", json=given)) == code
