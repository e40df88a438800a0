"""Many answers at once under Slack's limits, in virtual time: everybody gets theirs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from kit.strict_slack import StrictSlack
from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.conversation import Incoming, Outcome
from slackbot.slack.api.priorities import FINAL_TEXT_SECONDS
from slackbot.slack.api.rates import SLACK_LIMITS
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.delivery.deliveries import Deliveries
from slackbot.slack.events import BotIdentity
from slackbot.slack.gateway import SlackGateway
from slackbot.slack.reply import SlackReply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.slack.api.rates import Limit

pytestmark = pytest.mark.usefixtures("unmeasured")

BOT = BotIdentity("T1", "UBOT", "BBOT")
PEOPLE = 200
WORDS = [f"word{number} " for number in range(40)]
WORD_EVERY = 0.1


async def crowd(
    slack: StrictSlack, channels: int, limits: Mapping[str, Sequence[Limit]] = SLACK_LIMITS
) -> None:
    """Let everybody ask at once, and be answered as a model writes: word by word."""
    gateway = SlackGateway(cast("AsyncWebClient", slack), Traffic(limits, clock=virtual_clock))
    deliveries = Deliveries()

    async def answer(number: int) -> None:
        ts = f"{number}.0"
        incoming = Incoming(
            team="T1", channel=f"C{number % channels}", thread_ts=ts, ts=ts, asker="U1", text="?"
        )
        reply = SlackReply(gateway, incoming, BOT, deliveries)
        await reply.acknowledge()
        await reply.status("is thinking…")
        await asyncio.sleep(1 + number % 7)
        for word in WORDS:
            await reply.write(word, ())
            await asyncio.sleep(WORD_EVERY)
        await reply.end(Outcome("answered", "".join(WORDS)))
        await reply.close()

    await asyncio.gather(*(answer(number) for number in range(PEOPLE)))
    await deliveries.drain(3_600)


@pytest.mark.parametrize(("channels", "seconds"), [(PEOPLE, 75), (10, 90), (1, 240)])
def test_everybody_gets_their_answer_once_and_slack_never_has_to_refuse(
    channels: int, seconds: float
) -> None:
    async def scenario() -> None:
        slack = StrictSlack()
        await crowd(slack, channels)
        assert slack.finals == {f"{number}.0": ["".join(WORDS)] for number in range(PEOPLE)}
        assert len(slack.texts) == PEOPLE
        assert slack.refused == []
        assert list(slack.tiers.violations) == []
        assert not slack.open_streams
        assert all("white_check_mark" in slack.marks[question] for question in slack.finals)
        assert set(slack.statuses.values()) == {""}
        assert max(slack.ended_at.values()) < seconds
        assert 20 <= slack.calls.count("chat.startStream") < PEOPLE

    in_virtual_time(scenario())


def test_everybody_gets_their_answer_even_if_the_limits_are_not_known() -> None:
    """What Slack then refuses is found out by few calls, and not by all that wait."""

    async def scenario() -> None:
        slack = StrictSlack()
        await crowd(slack, 10, limits={})
        assert slack.finals == {f"{number}.0": ["".join(WORDS)] for number in range(PEOPLE)}
        assert 0 < len(slack.refused) < len(slack.calls) / 2
        assert not slack.open_streams
        assert all("white_check_mark" in slack.marks[question] for question in slack.finals)
        assert max(slack.ended_at.values()) < FINAL_TEXT_SECONDS

    in_virtual_time(scenario())
