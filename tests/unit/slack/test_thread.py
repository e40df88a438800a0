"""A thread as the record has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from slackbot.conversation import Outcome, Said
from slackbot.errors import DeliveryError
from slackbot.slack.gateway import Page
from slackbot.slack.reply import SlackReply
from slackbot.slack.thread import PAGES, SlackThreads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localslack import LocalSlack, Workspace
    from slackbot.conversation import Incoming
    from slackbot.slack.delivery.deliveries import Deliveries
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway


@pytest.fixture
def threads(gateway: SlackGateway, bot: BotIdentity) -> SlackThreads:
    return SlackThreads(gateway, bot)


async def test_a_thread_tells_who_said_what_and_what_was_answered(
    threads: SlackThreads,
    gateway: SlackGateway,
    slack: LocalSlack,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    reply = SlackReply(gateway, question, bot, deliveries)
    await reply.resume((), again=True)
    said = await reply.end(Outcome("answered", "So: `a < b`."))
    later = slack.say("ana", "general", "thanks @slackbot & bye", thread_ts=question.ts)
    assert await threads.read(question.thread) == (
        Said(question.ts, question.asker, "how?", attempts=2),
        Said(said.ts, bot.user_id, "So: `a < b`.", True, question.ts, "answered"),
        Said(later, question.asker, "thanks & bye"),
    )


async def test_only_the_newest_are_kept(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming, bot: BotIdentity
) -> None:
    for number in range(5):
        slack.say("ana", "general", f"n{number}", thread_ts=question.ts)
    said = await SlackThreads(gateway, bot, newest=2).read(question.thread)
    assert [one.text for one in said] == ["n3", "n4"]


async def test_long_threads_are_read_page_by_page(
    threads: SlackThreads, slack: LocalSlack, question: Incoming
) -> None:
    for number in range(250):
        slack.say("ana", "general", f"n{number}", thread_ts=question.ts)
    said = await threads.read(question.thread)
    assert (len(said), said[-1].text) == (200, "n249")
    assert len(slack.calls) == 2


async def test_endless_threads_are_cut(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming, bot: BotIdentity
) -> None:
    for number in range(200 * PAGES):
        slack.say("ana", "general", f"n{number}", thread_ts=question.ts)
    said = await SlackThreads(gateway, bot, newest=1).read(question.thread)
    assert [one.text for one in said] == [f"n{200 * PAGES - 2}"]
    assert len(slack.calls) == PAGES


async def test_notices_and_empty_messages_are_left_out(
    threads: SlackThreads, slack: LocalSlack, question: Incoming
) -> None:
    slack.say("ana", "general", "@slackbot", thread_ts=question.ts)
    slack.say("ana", "general", "x", thread_ts=question.ts)
    slack.delete("ana", "general", question.ts)  # a tombstone stays in its place
    assert [one.text for one in await threads.read(question.thread)] == ["x"]


async def test_another_bot_is_heard_but_is_not_ours(
    threads: SlackThreads, workspace: Workspace, slack: LocalSlack, question: Incoming
) -> None:
    other = workspace.add_app("alerts")
    workspace.join(question.channel, "alerts")
    slack.say("alerts", "general", "disk full", thread_ts=question.ts)
    [_, alert] = await threads.read(question.thread)
    assert alert == Said(alert.ts, other.user_id, "disk full")


async def test_a_thread_that_cannot_be_read_is_a_delivery_error(
    threads: SlackThreads, slack: LocalSlack, question: Incoming
) -> None:
    slack.faults.next("conversations.replies", error="thread_not_found")
    with pytest.raises(DeliveryError, match="thread_not_found"):
        await threads.read(question.thread)


@dataclass
class OnePage:
    """The one method of the gateway that is used here, over messages as Slack might send them."""

    messages: Sequence[Mapping[str, object]]

    async def replies(self, channel: str, thread_ts: str, *, cursor: str = "") -> Page:
        return Page(self.messages, "")


@pytest.mark.parametrize(
    "message",
    [
        {"ts": "1.0", "text": "x"},
        {"ts": "1.0", "user": "U1"},
        {"user": "U1", "text": "x"},
        {"ts": "1.0", "user": "U1", "text": "x", "subtype": "channel_join"},
    ],
)
async def test_messages_without_what_a_message_has_are_left_out(
    bot: BotIdentity, question: Incoming, message: Mapping[str, object]
) -> None:
    threads = SlackThreads(cast("SlackGateway", OnePage([message])), bot)
    assert await threads.read(question.thread) == ()
