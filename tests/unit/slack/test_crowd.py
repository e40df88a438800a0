"""Many answers at once under Slack's limits, in virtual time: everybody gets theirs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from slack_sdk.errors import SlackApiError

from kit.virtual_time import in_virtual_time, virtual_clock
from localslack.rates import SLACK_LIMITS as ENFORCED
from localslack.tiers import Lane, Tiers
from slackbot.conversation import Incoming, Outcome
from slackbot.slack.deliveries import Deliveries
from slackbot.slack.events import BotIdentity
from slackbot.slack.gateway import SlackGateway
from slackbot.slack.priorities import FINAL_TEXT_SECONDS
from slackbot.slack.rates import SLACK_LIMITS
from slackbot.slack.reply import SlackReply
from slackbot.slack.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.slack.rates import Limit

BOT = BotIdentity("T1", "UBOT", "BBOT")
PEOPLE = 200
WORDS = [f"word{number} " for number in range(40)]
WORD_EVERY = 0.1
LATENCY = 0.08


@dataclass
class StrictSlack:
    """The methods of slack_sdk's client that a reply needs, counted by localslack's own rules."""

    texts: dict[str, str] = field(default_factory=dict)
    """By ts: what each message says."""
    finals: dict[str, list[str]] = field(default_factory=dict)
    """By the ts of a question: the messages that claim to be its final text."""
    ended_at: dict[str, float] = field(default_factory=dict)
    open_streams: set[str] = field(default_factory=set)
    marks: dict[str, set[str]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tiers = Tiers(ENFORCED, virtual_clock)

    async def reactions_add(self, *, channel: str, name: str, timestamp: str) -> dict[str, str]:
        await self._count("reactions.add", channel)
        self.marks.setdefault(timestamp, set()).add(name)
        return {}

    async def assistant_threads_setStatus(  # noqa: N802 # the SDK's name
        self, *, channel_id: str, thread_ts: str, status: str
    ) -> dict[str, str]:
        await self._count("assistant.threads.setStatus", channel_id)
        self.statuses[thread_ts] = status
        return {}

    async def chat_startStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, markdown_text: str, **_: Any
    ) -> dict[str, str]:
        await self._count("chat.startStream", channel)
        ts = f"stream{len(self.texts)}"
        self.texts[ts] = markdown_text
        self.open_streams.add(ts)
        return {"ts": ts}

    async def chat_appendStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, ts: str, markdown_text: str
    ) -> dict[str, str]:
        await self._count("chat.appendStream", channel)
        self.texts[ts] += markdown_text
        return {}

    async def chat_stopStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, ts: str, markdown_text: str | None, metadata: Any
    ) -> dict[str, str]:
        await self._count("chat.stopStream", channel)
        self.texts[ts] += markdown_text or ""
        self.open_streams.remove(ts)
        self._ended(ts, metadata)
        return {}

    async def chat_postMessage(  # noqa: N802 # the SDK's name
        self, *, channel: str, markdown_text: str, metadata: Any, **_: Any
    ) -> dict[str, str]:
        await self._count("chat.postMessage", channel)
        ts = f"post{len(self.texts)}"
        self.texts[ts] = markdown_text
        self._ended(ts, metadata)
        return {"ts": ts}

    async def _count(self, method: str, channel: str) -> None:
        self.calls.append(method)
        await asyncio.sleep(LATENCY / 2)
        wait = self.tiers.enter(Lane(app="bot", method=method, channel=channel))
        await asyncio.sleep(LATENCY / 2)
        if wait is not None:
            self.refused.append(method)
            response = SimpleNamespace(
                data={"error": "ratelimited"}, status_code=429, headers={"Retry-After": str(wait)}
            )
            raise SlackApiError("ratelimited", response)  # type: ignore[no-untyped-call] # the SDK

    def _ended(self, ts: str, metadata: Any) -> None:
        if metadata["event_type"] == "slackbot_answer":
            question = metadata["event_payload"]["source_ts"]
            self.finals.setdefault(question, []).append(self.texts[ts])
            self.ended_at[question] = virtual_clock()


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
