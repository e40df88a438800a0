"""F34, F35: all ask at once, or one asks far too much."""

from __future__ import annotations

import asyncio
import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from faults.checker import checked
from faults.test_restart import bot_that_looked_back
from kit.scripted_model import says
from kit.strict_slack import StrictSlack
from kit.surface import Directory, KeptReply, Record
from kit.virtual_time import in_virtual_time, virtual_clock
from kit.world import bot_in, world
from slackbot.agent.prompt import Prompt
from slackbot.assistant import WAITING, Assistant
from slackbot.config import load_settings
from slackbot.conversation import Incoming
from slackbot.main import create_app
from slackbot.memory.recall import Recall
from slackbot.memory.store import InMemoryThreads
from slackbot.memory.window import WindowSize
from slackbot.messages import LLMResponse
from slackbot.ops.metrics import Metrics
from slackbot.runs.ledger import Ledger
from slackbot.runs.limits import RateLimits
from slackbot.runs.turns import WAIT_TOLD_AFTER, Turns
from slackbot.slack.api.rates import Limit
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.delivery.deliveries import Deliveries
from slackbot.slack.events import BotIdentity
from slackbot.slack.gateway import SlackGateway
from slackbot.slack.reply import SlackReply
from slackbot.thinking import Equipment, Limits, Thinker
from slackbot.triage import FollowRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from slackbot.llm import OnText
    from slackbot.messages import Message
    from slackbot.tools import ToolSpec

PLACES = 128
PER_PERSON, IN_ALL = 6, 120
"""The defaults of MAX_CONCURRENT_RUNS, RATE_LIMIT_PER_USER and RATE_LIMIT_GLOBAL."""

MENTIONS = 1_000
FLOOD_SECONDS = 10.0
BOT = BotIdentity("T1", "UBOT", "BBOT")
WORDS = [f"word{number} " for number in range(20)]
THINKING_SECONDS = 2.0
WORD_EVERY = 0.1


@dataclass(slots=True)
class Writer:
    """A model that thinks for a while and then writes word by word; counts whom it writes for."""

    asked: int = 0
    busy: int = 0
    most_busy: int = 0

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        assert on_text is not None
        self.asked += 1
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await asyncio.sleep(THINKING_SECONDS)
        for word in WORDS:
            await on_text(word)
            await asyncio.sleep(WORD_EVERY)
        self.busy -= 1
        return LLMResponse("".join(WORDS), "writer")


@dataclass
class Office:
    """An assistant in virtual time, and all that it was asked."""

    per_person: int = 0
    in_all: int = 0
    model: Writer = field(default_factory=Writer)
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        memory = InMemoryThreads(
            max_threads=5_000, ttl_seconds=3_600, window=WindowSize(40, 16_000), clock=virtual_clock
        )
        thinker = Thinker(
            equipment=self._equipment,
            people=Directory(),
            prompt=Prompt(),
            limits=Limits(run_seconds=180, tool_seconds=20, tool_calls=12, context_tokens=100_000),
            clock=virtual_clock,
        )
        self.assistant = Assistant(
            thinker=thinker,
            memory=memory,
            recall=Recall(memory, Record(), virtual_clock),
            turns=Turns(PLACES, virtual_clock),
            limits=RateLimits(self.per_person, self.in_all, clock=virtual_clock),
            follow=FollowRules(enabled=True, seconds=1_800),
            metrics=self.metrics,
            ledger=Ledger(self.metrics, clock=virtual_clock),
            resumes=False,
            clock=virtual_clock,
        )

    async def _equipment(self) -> Equipment:
        return Equipment(self.model, {})


@dataclass(slots=True)
class TimedReply(KeptReply):
    """A reply that knows for how long its asker heard nothing of the model."""

    asked_at: float = field(default_factory=virtual_clock)
    begun_after: float = math.inf

    async def status(self, text: str) -> None:
        await KeptReply.status(self, text)
        if text != WAITING:
            self.begun_after = min(self.begun_after, virtual_clock() - self.asked_at)


def mention(ts: str, asker: str) -> Incoming:
    return Incoming(
        team="T1", channel=f"C{asker}", thread_ts=ts, ts=ts, asker=asker, text="how?",
        mentions_bot=True,
    )  # fmt: skip


async def flood(office: Office, people: int) -> list[TimedReply]:
    """Have people ask in turn, a thousand times within ten seconds; return the replies."""
    replies: list[TimedReply] = []
    async with asyncio.TaskGroup() as mentions:
        for number in range(MENTIONS):
            asked = mention(f"{virtual_clock():.6f}", f"U{number % people}")
            replies.append(TimedReply(asked))
            mentions.create_task(office.assistant.hear(asked, replies[-1]))
            await asyncio.sleep(FLOOD_SECONDS / MENTIONS)
    return replies


def test_f34_a_thousand_mentions_in_ten_seconds_are_answered_so_many_at_once() -> None:
    async def scenario() -> None:
        office = Office()
        replies = await flood(office, people=MENTIONS)
        assert {reply.log[-1] for reply in replies} == {"answered"}
        assert (office.model.asked, office.model.most_busy) == (MENTIONS, PLACES)
        waited = [reply for reply in replies if f"status: {WAITING}" in reply.log]
        assert waited == [one for one in replies if one.begun_after > WAIT_TOLD_AFTER]
        assert 0 < len(waited) < MENTIONS

    in_virtual_time(scenario())


def test_f34_with_limits_each_of_them_ends_and_each_person_is_told_once() -> None:
    async def scenario() -> None:
        office, people = Office(PER_PERSON, IN_ALL), 50
        replies = await flood(office, people)
        answered = [reply for reply in replies if reply.log[-1] == "answered"]
        refused = [reply for reply in replies if reply.log[-1].startswith("refused")]
        assert (len(answered), len(refused)) == (IN_ALL, MENTIONS - IN_ALL)
        told = [reply.incoming.asker for reply in refused if reply.log != ["refused"]]
        assert sorted(told) == sorted({f"U{number}" for number in range(people)})
        assert office.model.asked == IN_ALL

    in_virtual_time(scenario())


CROWD = 300


def test_f34_who_has_to_wait_for_a_notice_reads_what_holds_by_then() -> None:
    """A hundred notices may leave in a minute: the others leave in the next."""

    async def scenario() -> StrictSlack:
        slack, office, deliveries = StrictSlack(), Office(PER_PERSON, IN_ALL), Deliveries()
        gateway = SlackGateway(cast("AsyncWebClient", slack), Traffic(clock=virtual_clock))
        async with asyncio.TaskGroup() as mentions:
            for number in range(CROWD):
                asked = mention(f"{virtual_clock() + number / 1e5:.6f}", f"U{number}")
                reply = SlackReply(gateway, asked, BOT, deliveries)
                mentions.create_task(office.assistant.hear(asked, reply))
                await asyncio.sleep(FLOOD_SECONDS / MENTIONS)
        await deliveries.drain(3_600)
        return slack

    with capture_logs() as logs:
        slack = in_virtual_time(scenario())
    told = [words for said in slack.whispers.values() for words in said]
    assert len(slack.whispers) == len(told) == CROWD - IN_ALL
    assert sum("Please try again in" in words for words in told) == 100
    assert sum("Please ask again." in words for words in told) == CROWD - IN_ALL - 100
    assert not [line for line in logs if line.get("what") == "refusal"]


OTHERS = 12
EVERY = 5.0
"""A dozen people ask one after the other, for a minute."""


@dataclass(slots=True)
class Waits:
    """How long the others waited for each, in seconds."""

    taken: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    marked: list[float] = field(default_factory=list)


async def others_beside(slack: StrictSlack, flood_a_second: int) -> Waits:
    """Let the others ask, under Slack's limits, while one person asks so often."""
    office = Office(PER_PERSON, IN_ALL)
    gateway = SlackGateway(cast("AsyncWebClient", slack), Traffic(clock=virtual_clock))
    deliveries = Deliveries()
    asked_at: dict[str, float] = {}
    numbers = itertools.count(1)

    async def ask(asker: str) -> None:
        # No two messages have one ts; and a bot that is a moment old has not missed them.
        asked = mention(f"{virtual_clock() + next(numbers) / 1e5:.6f}", asker)
        if asker != "UFLOOD":
            asked_at[asked.ts] = virtual_clock()
        reply = SlackReply(gateway, asked, BOT, deliveries)
        await office.assistant.hear(asked, reply)
        await reply.close()

    async with asyncio.TaskGroup() as mentions:
        for moment in range(int(OTHERS * EVERY)):
            for _ in range(flood_a_second):
                mentions.create_task(ask("UFLOOD"))
            if moment % EVERY == 0:
                mentions.create_task(ask(f"U{moment}"))
            await asyncio.sleep(1)
    await deliveries.drain(3_600)
    assert slack.refused == []
    return Waits(
        [slack.marks[ts].get("eyes", math.inf) - at for ts, at in asked_at.items()],
        [slack.ended_at[ts] - at for ts, at in asked_at.items()],
        [slack.marks[ts]["white_check_mark"] - at for ts, at in asked_at.items()],
    )


def p95(seconds: Iterable[float]) -> float:
    ordered = sorted(seconds)
    return ordered[math.ceil(len(ordered) * 0.95) - 1]


def test_f35_who_floods_is_told_once_a_minute_and_holds_up_nobody() -> None:
    """Ten messages a second, under Slack's own limits: even the others' marks come in time."""

    async def alone() -> Waits:
        return await others_beside(StrictSlack(), 0)

    async def beside_a_flood() -> tuple[StrictSlack, Waits]:
        slack = StrictSlack()
        return slack, await others_beside(slack, 10)

    calm = in_virtual_time(alone())
    slack, waits = in_virtual_time(beside_a_flood())
    assert p95(waits.final) <= 2 * p95(calm.final)
    assert p95(waits.taken) <= 2 * p95(calm.taken)
    assert p95(waits.marked) <= 2 * p95(calm.marked)
    assert slack.whispers == {
        "UFLOOD": ["You've asked me a lot within a minute. Please try again in 60 seconds."]
    }
    refused = [ts for ts, marks in slack.marks.items() if "no_entry_sign" in marks]
    assert len(refused) > 150  # a quarter of 50 a minute, for 15 minutes
    assert not set(refused) & slack.finals.keys()


async def test_f35_what_is_refused_is_marked_and_stays_refused_after_a_restart() -> None:
    script = [says("Like this.")] * 4
    async with checked(world(script, RATE_LIMIT_PER_USER="3", CATCH_UP_MINUTES="15")) as here:
        async with bot_in(here):
            flood = [here.slack.say("ana", "general", "@slackbot how?") for _ in range(20)]
            other = here.slack.say("ben", "general", "@slackbot and me?")
            marks = [await here.ended(ts) for ts in flood]
            assert await here.ended(other) == "white_check_mark"
        assert marks == ["white_check_mark"] * 3 + ["no_entry_sign"] * 17
        (told,) = here.calls("chat.postEphemeral")
        assert told["user"] == here.slack.workspace.user("ana").id
        assert "Please try again in" in str(told["text"])
        async with bot_that_looked_back(here):
            pass
        assert len(here.bedrock.requests) == 4


async def test_f35_what_is_refused_without_a_mark_stays_refused_after_a_restart() -> None:
    """Slack has no time for all marks: what quota is spent is read off the answers."""
    few_marks = {"reactions.add": (Limit(12),)}
    script = [says("Like this.")] * 4
    async with checked(world(script, RATE_LIMIT_PER_USER="3", CATCH_UP_MINUTES="15")) as here:
        async with create_app(load_settings(here.settings, env_file=None), limits=few_marks):
            flood = [here.slack.say("ana", "general", "@slackbot how?") for _ in range(20)]
            answered = [await here.ended(ts) for ts in flood[:3]]
        assert answered == ["white_check_mark"] * 3
        assert len([ts for ts in flood if not here.reactions(ts)]) > 10
        async with bot_that_looked_back(here):
            marks = [await here.ended(ts) for ts in flood]
            other = await here.ask("@slackbot and me?", by="ben")
        assert marks == ["white_check_mark"] * 3 + ["no_entry_sign"] * 17
        assert other.mark == "white_check_mark"
        assert len(here.bedrock.requests) == 4


async def test_f35_a_flood_that_was_missed_is_refused_as_well() -> None:
    script = [says("Like this.")] * 3
    async with checked(world(script, RATE_LIMIT_PER_USER="3", CATCH_UP_MINUTES="15")) as here:
        flood = [here.slack.say("ana", "general", "@slackbot how?") for _ in range(20)]
        async with bot_in(here):
            marks = [await here.ended(ts) for ts in flood]
        assert sorted(marks) == ["no_entry_sign"] * 17 + ["white_check_mark"] * 3
        assert len(here.calls("chat.postEphemeral")) == 1
