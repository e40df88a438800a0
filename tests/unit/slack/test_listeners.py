"""From Slack's socket to the assistant, with the unmodified slack_bolt in between."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from localslack import DeliveryRules, LocalSlack
from slackbot.conversation import Incoming, Outcome
from slackbot.slack.connection import bolt_app, socket_mode
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.listeners import Listeners, register
from slackbot.slack.reply import SlackReply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from localslack import App, Workspace
    from slackbot.conversation import Amended, Reply, ThreadKey
    from slackbot.slack.delivery.deliveries import Deliveries
    from slackbot.slack.events import BotIdentity


@dataclass
class Ears:
    """Keeps what it hears, and does with it what a test says."""

    then: Callable[[Incoming, Reply], Awaitable[None]] | None = None
    heard: list[Incoming] = field(default_factory=list)
    amended: list[Amended] = field(default_factory=list)
    cancelled: list[ThreadKey] = field(default_factory=list)
    followed: list[tuple[ThreadKey, str, float]] = field(default_factory=list)
    charged: list[Incoming] = field(default_factory=list)
    doubts: int = 0
    done: int = 0
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, incoming: Incoming, reply: Reply) -> None:
        self.heard.append(incoming)
        if self.then is not None:
            await self.then(incoming, reply)
        self.done += 1

    def amend(self, amended: Amended) -> None:
        self.amended.append(amended)

    def cancel(self, thread: ThreadKey) -> None:
        self.cancelled.append(thread)

    def interrupt(self) -> None:
        self.interrupted.set()

    def charge(self, incoming: Incoming) -> None:
        self.charged.append(incoming)

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        self.followed.append((thread, asker, at))

    def doubt(self) -> None:
        self.doubts += 1

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.heard]


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
async def slack(workspace: Workspace) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(workspace, rules=DeliveryRules()) as server:
        yield server


@pytest.fixture
async def listeners(
    slack: LocalSlack, app: App, bot: BotIdentity, ears: Ears, deliveries: Deliveries
) -> AsyncIterator[Listeners]:
    async with (
        web_client(app.bot_token, slack.api_url) as client,
        web_client(None, slack.api_url) as bolt_client,
    ):
        gateway = SlackGateway(client)
        bolt = bolt_app(bolt_client, app.signing_secret, bot)
        listeners = register(
            bolt, ears, bot, lambda incoming: SlackReply(gateway, incoming, bot, deliveries)
        )
        async with socket_mode(bolt, app.app_token):
            await slack.until(lambda: slack.connections)
            yield listeners
        await listeners.drain(1, 1)


def all_acked(slack: LocalSlack) -> bool:
    return bool(slack.deliveries) and all(sent.acked for sent in slack.deliveries)


@pytest.mark.usefixtures("listeners")
async def test_what_people_say_and_change_is_heard(slack: LocalSlack, ears: Ears) -> None:
    ts = slack.say("ana", "general", "@slackbot one")
    await slack.until(lambda: len(ears.heard) == 2)
    assert ears.texts == ["one", "one"]  # a mention and its twin
    slack.edit("ana", "general", ts, "@slackbot two")
    slack.delete("ana", "general", ts)
    await slack.until(lambda: len(ears.amended) == 2 and all_acked(slack))
    assert [amended.text for amended in ears.amended] == ["two", None]


@pytest.mark.usefixtures("listeners")
async def test_messages_are_heard_in_the_order_of_their_arrival(
    slack: LocalSlack, ears: Ears
) -> None:
    said = [f"n{number}" for number in range(30)]
    for text in said:
        slack.say("ana", "general", text)
    await slack.until(lambda: len(ears.heard) == len(said))
    assert ears.texts == said


@pytest.mark.usefixtures("listeners")
async def test_events_of_no_interest_are_acknowledged(slack: LocalSlack, ears: Ears) -> None:
    ts = slack.say("ana", "general", "hi")
    slack.react("ana", "general", ts, "eyes")
    await slack.until(lambda: len(slack.deliveries) >= 2 and all_acked(slack))
    assert ears.texts == ["hi"]


async def test_a_crash_is_logged_and_harms_nobody_else(
    listeners: Listeners, slack: LocalSlack, ears: Ears
) -> None:
    async def crash(incoming: Incoming, _: Reply) -> None:
        if incoming.text == "bad":
            raise RuntimeError("broken")

    ears.then = crash
    with capture_logs() as logs:
        slack.say("ana", "general", "bad")
        slack.say("ana", "general", "good")
        await slack.until(lambda: len(ears.heard) == 2)
        await listeners.drain(5, 1)
    assert (ears.texts, ears.done) == (["bad", "good"], 1)
    assert [log["event"] for log in logs] == ["mention.crashed"]


async def test_what_was_found_elsewhere_goes_the_way_of_events(
    listeners: Listeners, ears: Ears
) -> None:
    found = Incoming(team="T", channel="C", thread_ts="1.0", ts="1.0", asker="U", text="hi")
    listeners.take_in(found)
    listeners.charge(found)
    listeners.follow(found.thread, found.asker, 7.0)
    listeners.doubt()
    await listeners.drain(5, 1)
    assert ears.heard == ears.charged == [found]
    assert (ears.followed, ears.doubts) == ([(found.thread, found.asker, 7.0)], 1)


async def test_draining_waits_for_what_was_begun(
    listeners: Listeners, slack: LocalSlack, ears: Ears
) -> None:
    async def think(_: Incoming, reply: Reply) -> None:
        await asyncio.sleep(0.05)
        await reply.end(Outcome("answered", "done"))

    ears.then = think
    slack.say("ana", "general", "slow")
    await slack.until(lambda: ears.heard)
    await listeners.drain(5, 1)
    assert (ears.done, listeners.active) == (1, 0)


async def test_draining_cancels_what_takes_too_long(
    listeners: Listeners, slack: LocalSlack, ears: Ears
) -> None:
    async def hang(_: Incoming, reply: Reply) -> None:
        await reply.status("is thinking…")
        await asyncio.sleep(60)

    ears.then = hang
    slack.say("ana", "general", "slow")
    await slack.until(lambda: ears.heard)
    await listeners.drain(0.01, 0.01)
    assert (ears.done, listeners.active) == (0, 0)


async def test_what_is_interrupted_may_still_say_farewell(
    listeners: Listeners, slack: LocalSlack, ears: Ears
) -> None:
    async def last_words(_: Incoming, reply: Reply) -> None:
        await ears.interrupted.wait()
        await reply.end(Outcome("partial", "So far."))

    ears.then = last_words
    ts = slack.say("ana", "general", "slow")
    await slack.until(lambda: ears.heard)
    await listeners.drain(0.01, 5)
    assert (ears.done, listeners.active) == (1, 0)
    assert slack.workspace.thread("general", ts)[-1].text == "So far."


async def test_there_may_be_nothing_to_drain(listeners: Listeners) -> None:
    await listeners.drain(5, 1)
