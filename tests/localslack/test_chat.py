"""chat.*: what may be posted, changed and deleted, where and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localslack.changes import Change, EphemeralPosted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack, Workspace

    ClientFor: TypeAlias = Callable[[str], AsyncWebClient]
    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]

METADATA = {"event_type": "answer", "event_payload": {"source_ts": "1.0"}}


async def test_a_post_is_the_bots_message(
    client: AsyncWebClient, workspace: Workspace, app: App, general: Channel
) -> None:
    answer = await client.chat_postMessage(channel=general.id, text="*hi* &amp; <@U1> a & b")
    message = workspace.message("general", answer["ts"])
    assert answer["channel"] == general.id
    assert answer["message"]["bot_id"] == message.bot_id == app.bot_id
    assert answer["message"]["bot_profile"]["name"] == "slackbot"
    assert message.user == app.user_id
    assert message.text == "*hi* &amp; <@U1> a &amp; b"


async def test_a_channel_may_be_named_and_a_user_means_the_direct_one(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    assert (await client.chat_postMessage(channel="#general", text="hi"))["channel"] == general.id
    answer = await client.chat_postMessage(channel=workspace.user("ana").id, text="psst")
    assert answer["channel"] == workspace.open_direct("ana", "slackbot").id


async def test_markdown_is_shown_as_mrkdwn_and_kept_as_a_block(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    answer = await client.chat_postMessage(channel=general.id, markdown_text="**hi** <!here>")
    message = workspace.message("general", answer["ts"])
    assert message.text == "*hi* <!here>"
    assert message.blocks[0]["type"] == "markdown"
    assert message.blocks[0]["text"] == "**hi** <!here>"


async def test_only_a_post_that_declines_both_cannot_unfurl(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    careless = await client.chat_postMessage(channel=general.id, text="x", unfurl_links=False)
    careful = await client.chat_postMessage(
        channel=general.id, text="x", unfurl_links=False, unfurl_media=False
    )
    assert workspace.message("general", careless["ts"]).may_unfurl
    assert not workspace.message("general", careful["ts"]).may_unfurl


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("C404", "channel_not_found"),
        ("board", "channel_not_found"),
        ("random", "not_in_channel"),
        ("old", "is_archived"),
        ("U404", "channel_not_found"),
    ],
)
async def test_posting_where_the_bot_cannot_speak(
    client: AsyncWebClient, workspace: Workspace, refusal: Refusal, where: str, code: str
) -> None:
    """A private channel that the bot is not in does not exist for it."""
    workspace.add_channel("random", ["ana"])
    workspace.add_channel("board", ["ana"], private=True)
    workspace.add_channel("old", ["ana", "slackbot"])
    workspace.archive("old")
    assert await refusal(client.chat_postMessage(channel=where, text="hi")) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
        (
            {"markdown_text": "x", "blocks": [{"type": "divider"}]},
            "markdown_text_conflict",
        ),
        ({"text": "x", "attachments": "{}"}, "invalid_attachments"),
        ({"text": "x", "metadata": "[]"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_payload": {}}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "x", "event_payload": {"a": "x" * 8000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "thread_ts": "1.0"}, "thread_not_found"),
    ],
)
async def test_content_that_is_refused(
    client: AsyncWebClient,
    general: Channel,
    refusal: Refusal,
    content: dict[str, Any],
    code: str,
) -> None:
    call = client.api_call("chat.postMessage", json={"channel": general.id, **content})
    assert await refusal(call) == code


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([{"text": "x"}], "invalid_blocks"),
        ([section("x" * 3_001)], "invalid_blocks"),
        ([section("")], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        (
            [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
            "invalid_blocks",
        ),
        ([{"type": "context_actions", "elements": [{}] * 6}], "invalid_blocks"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "markdown", "text": "x" * 6_001}] * 2, "msg_blocks_too_long"),
        ([section("x" * 3_000)] * 5, "msg_blocks_too_long"),
    ],
)
async def test_blocks_beyond_the_limits_are_refused(
    client: AsyncWebClient,
    general: Channel,
    refusal: Refusal,
    blocks: list[dict[str, Any]],
    code: str,
) -> None:
    call = client.chat_postMessage(channel=general.id, text="x", blocks=blocks)
    assert await refusal(call) == code


async def test_blocks_within_the_limits_are_kept(
    client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    blocks = [section("x" * 3_000), {"type": "section", "fields": []}, {"type": "divider"}]
    answer = await client.chat_postMessage(channel=general.id, text="x", blocks=blocks)
    assert workspace.message("general", answer["ts"]).own_blocks == tuple(blocks)


async def test_attachments_are_content_enough(client: AsyncWebClient, general: Channel) -> None:
    attachments = [{"fallback": "a card", "text": "a card"}]
    answer = await client.chat_postMessage(channel=general.id, attachments=attachments)
    assert answer["message"]["attachments"] == attachments


async def test_a_reply_may_be_sent_to_the_channel_too(
    client: AsyncWebClient, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    answer = await client.chat_postMessage(
        channel=general.id, text="x", thread_ts=root, reply_broadcast=True
    )
    assert workspace.message("general", answer["ts"]).subtype == "thread_broadcast"
    history = await client.conversations_history(channel=general.id)
    assert [message["ts"] for message in history["messages"]] == [answer["ts"], root]


async def test_an_update_replaces_the_text_and_keeps_the_metadata(
    client: AsyncWebClient, workspace: Workspace, app: App, general: Channel
) -> None:
    posted = await client.chat_postMessage(
        channel=general.id, text="old", blocks=[section("old")], metadata=METADATA
    )
    answer = await client.chat_update(channel=general.id, ts=posted["ts"], text="new")
    message = workspace.message("general", posted["ts"])
    assert (answer["text"], message.text, message.blocks) == ("new", "new", ())
    assert message.metadata == METADATA
    assert message.edited is not None
    assert message.edited.user == app.user_id
    await client.chat_update(channel=general.id, ts=posted["ts"], text="new", metadata={})
    assert workspace.message("general", posted["ts"]).metadata is None


async def test_only_ones_own_messages_can_be_changed_and_deleted(
    client: AsyncWebClient,
    client_for: ClientFor,
    workspace: Workspace,
    slack: LocalSlack,
    general: Channel,
    refusal: Refusal,
) -> None:
    other = workspace.add_app("otherbot")
    workspace.join("general", "otherbot")
    theirs = await client_for(other.bot_token).chat_postMessage(channel=general.id, text="x")
    for ts in (slack.say("ana", general, "x"), theirs["ts"]):
        update = client.chat_update(channel=general.id, ts=ts, text="y")
        assert await refusal(update) == "cant_update_message"
        delete = client.chat_delete(channel=general.id, ts=ts)
        assert await refusal(delete) == "cant_delete_message"


async def test_an_update_is_bounded_more_tightly_than_a_post(
    client: AsyncWebClient, general: Channel, refusal: Refusal
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="x" * 4_001)
    ts = posted["ts"]
    too_long = client.chat_update(channel=general.id, ts=ts, text="x" * 4_001)
    assert await refusal(too_long) == "msg_too_long"
    assert (await client.chat_update(channel=general.id, ts=ts, markdown_text="x" * 12_000))["ok"]


async def test_a_deleted_message_cannot_be_found(
    client: AsyncWebClient, general: Channel, refusal: Refusal
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="x")
    assert (await client.chat_delete(channel=general.id, ts=posted["ts"]))["ok"]
    again = client.chat_delete(channel=general.id, ts=posted["ts"])
    assert await refusal(again) == "message_not_found"


async def test_an_ephemeral_message_reaches_one_member_and_no_history(
    client: AsyncWebClient, workspace: Workspace, general: Channel, refusal: Refusal
) -> None:
    changes: list[Change] = []
    ana, cleo = workspace.user("ana").id, workspace.add_person("cleo").id
    workspace.listen(changes.append)
    answer = await client.chat_postEphemeral(channel=general.id, user=ana, text="only you")
    assert answer["message_ts"]
    [change] = changes
    assert isinstance(change, EphemeralPosted)
    assert (change.ephemeral.to, change.ephemeral.text) == (ana, "only you")
    assert not (await client.conversations_history(channel=general.id))["messages"]
    stranger = client.chat_postEphemeral(channel=general.id, user=cleo, text="x")
    assert await refusal(stranger) == "user_not_in_channel"


async def test_a_permalink_names_the_thread_of_a_reply(
    client: AsyncWebClient, slack: LocalSlack, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    reply = slack.say("ben", general, "reply", thread_ts=root)
    link = (await client.chat_getPermalink(channel=general.id, message_ts=root))["permalink"]
    site = slack.api_url.removesuffix("/api")
    assert link == f"{site}/archives/{general.id}/p{root.replace('.', '')}"
    link = (await client.chat_getPermalink(channel=general.id, message_ts=reply))["permalink"]
    assert link.endswith(f"?thread_ts={root}&cid={general.id}")
