"""The unmodified slack_bolt app over Socket Mode: what a bot of today lives through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from localslack import DeliveryRules, SlackError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import Channel, LocalSlack, Workspace


async def test_a_mention_is_answered_end_to_end(
    bolt: AsyncApp, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    @bolt.event("app_mention")
    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        place: dict[str, Any] = {"channel": event["channel"], "timestamp": event["ts"]}
        await client.reactions_add(**place, name="eyes")
        stream = await client.chat_stream(
            channel=event["channel"],
            thread_ts=event["ts"],
            recipient_user_id=event["user"],
            recipient_team_id=event["team"],
        )
        await stream.append(markdown_text="**42**")
        await stream.stop()
        await client.reactions_add(**place, name="white_check_mark")

    ts = slack.say("ana", general, "@slackbot what is it?")
    reactions = workspace.room(general.id).reactions
    await slack.until(lambda: "white_check_mark" in reactions(ts))
    question, reply = workspace.thread("general", ts)
    assert question.text.endswith("what is it?")
    assert reply.text == "*42*"
    assert list(reactions(ts)) == ["eyes", "white_check_mark"]


async def test_bolt_drops_the_apps_own_events_but_acks_them(
    bolt: AsyncApp, slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    heard: list[str] = []

    @bolt.event(re.compile(".*"))
    async def hear(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    await client.chat_postMessage(channel=general.id, text="mine")
    slack.say("ana", general, "theirs")
    await slack.until(
        lambda: len(slack.deliveries) == 2 and all(each.acked for each in slack.deliveries)
    )
    assert [delivery.event["text"] for delivery in slack.deliveries] == ["mine", "theirs"]
    await slack.until(lambda: heard)
    assert heard == ["theirs"]


class TestUnacked:
    """What no listener takes is delivered again."""

    @pytest.fixture
    def rules(self) -> DeliveryRules:
        return DeliveryRules(ack_within=0.05, retries=(0.0,))

    async def test_an_event_without_a_listener_is_not_acked(
        self, bolt: AsyncApp, slack: LocalSlack, general: Channel
    ) -> None:
        slack.say("ana", general, "x")
        [delivery] = slack.deliveries
        await slack.until(lambda: delivery.attempts == 2)
        assert not delivery.acked


async def test_bolt_reconnects_after_a_refresh(
    bolt: AsyncApp, slack: LocalSlack, general: Channel
) -> None:
    heard: list[str] = []

    @bolt.event("message")
    async def hear(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    slack.drop_sockets("refresh_requested")
    opened = "apps.connections.open"
    await slack.until(lambda: [call.method for call in slack.calls].count(opened) == 2)
    await slack.until(lambda: slack.connections == 1)
    slack.say("ana", general, "after")
    await slack.until(lambda: slack.deliveries[-1].acked)
    await slack.until(lambda: heard)
    assert heard == ["after"]


async def test_people_act_only_where_they_are_and_on_what_is_theirs(
    slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    workspace.add_channel("random", ["ben"])
    with pytest.raises(SlackError, match="not_in_channel"):
        slack.say("ana", "random", "x")
    ts = slack.say("ben", general, "x")
    with pytest.raises(SlackError, match="cant_update_message"):
        slack.edit("ana", general, ts, "y")
