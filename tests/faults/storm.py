"""Everything that can happen to a bot, as a list of actions, played on the real bot.

A schedule is drawn by Hypothesis, so that a failing one is made smaller and printed as it is. It is
played over real sockets on one event loop; then all trouble ends, and what `checker` wants must
come true.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args
from unittest.mock import patch

from aiohttp import web
from hypothesis import strategies as st
from tenacity import wait_exponential_jitter

from faults.checker import broken
from kit.departures import Departures, departures
from kit.fake_bedrock import last_text
from kit.leaks import nothing_left_behind
from kit.loopback import serving
from kit.scripted_model import MidStreamError, Refusal, Request, Round, ScriptedCall, Step
from kit.world import World, world
from localslack import DeliveryRules
from slackbot.config import load_settings
from slackbot.errors import ConfigurationError
from slackbot.main import create_app
from slackbot.slack import catchup, socket
from slackbot.slack.api import traffic
from slackbot.slack.delivery import final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

CHANNEL, BOT = "general", "slackbot"
SETTLED_WITHIN = 60.0
"""Seconds after the end of all trouble within which the invariant must hold."""

RETRY_AFTER = 1
"""In whole seconds, as Slack counts them."""

NEAR = 20
"""How many of the last questions are still of interest to those who asked them."""

Person = Literal["ana", "ben"]
Place = Literal["channel", "thread", "direct", "edit"]
"""Where somebody asks: `edit` is a message that gets its mention only by an edit."""

Topic = Literal["plain", "tools", "long"]
Kind = Literal[
    "rate_limited", "http_before", "http_after", "reset_before", "reset_after", "internal_error",
    "service_unavailable", "slow",
]  # fmt: skip
Method = Literal[
    "apps.connections.open", "assistant.threads.setStatus", "auth.test", "chat.appendStream",
    "chat.delete", "chat.postMessage", "chat.startStream", "chat.stopStream", "chat.update",
    "conversations.history", "conversations.replies", "reactions.add", "reactions.list",
    "users.conversations", "users.info",
]  # fmt: skip
ModelKind = Literal["throttled", "down", "cut", "cut_in_text", "error", "empty", "bad_call"]
SourceKind = Literal["http_500", "http_429", "no_json", "hangs"]
Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks the bot; `of` chooses among the threads there are."""

    by: Person
    place: Place
    topic: Topic
    of: int = 0


@dataclass(frozen=True, slots=True)
class Redeliver:
    """Slack sends all events about a question once more."""

    of: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody changes a question, which mentions the bot as before."""

    of: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Somebody takes a question back."""

    of: int


@dataclass(frozen=True, slots=True)
class Drop:
    """All sockets go, and the next ones are refused."""

    reason: Reason | None
    refusals: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """The next calls of a method fail."""

    method: Method
    kind: Kind
    times: int


@dataclass(frozen=True, slots=True)
class ModelTrouble:
    """The model fails at its next request."""

    kind: ModelKind


@dataclass(frozen=True, slots=True)
class SourceTrouble:
    """Confluence fails at its next request."""

    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Restart:
    """The bot is stopped, with so many seconds to end; something is asked before it is back."""

    drain: float
    meanwhile: Ask


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens for some seconds."""

    seconds: float


Action: TypeAlias = (
    Ask | Redeliver | Edit | Delete | Drop | Trouble | ModelTrouble | SourceTrouble | Restart | Wait
)

ACTIONS_PER_RESTART = 200
OF = 30


def schedule_by(chance: Random, most: int) -> list[Action]:
    """Draw a schedule of at most so many actions: half questions, a quarter failing calls.

    The bot is restarted at least once.
    """
    actions = [_action(chance) for _ in range(chance.randint(most // 2, most))]
    for _ in range(0, len(actions), ACTIONS_PER_RESTART):
        restart = Restart(chance.choice((0.0, 0.2, 3.0)), _question(chance))
        actions.insert(chance.randrange(len(actions)), restart)
    return actions


def schedules(most: int) -> st.SearchStrategy[list[Action]]:
    """Return what draws such schedules for Hypothesis, which makes failing ones smaller."""
    return st.randoms(use_true_random=False).map(lambda chance: schedule_by(chance, most))


def _action(chance: Random) -> Action:
    kind = chance.choices((_question, _trouble, _incident), weights=(2, 1, 1))[0]
    return kind(chance)


def _question(chance: Random) -> Ask:
    return Ask(
        chance.choice(get_args(Person)),
        chance.choice(get_args(Place)),
        chance.choice(get_args(Topic)),
        chance.randrange(OF),
    )


def _trouble(chance: Random) -> Trouble:
    method, kind = chance.choice(get_args(Method)), chance.choice(get_args(Kind))
    return Trouble(method, kind, chance.randint(1, 3))


def _incident(chance: Random) -> Action:
    of = chance.randrange(OF)
    incidents: tuple[Action, ...] = (
        Redeliver(of),
        Edit(of),
        Delete(of),
        Drop(chance.choice((None, *get_args(Reason))), chance.randint(0, 2)),
        ModelTrouble(chance.choice(get_args(ModelKind))),
        SourceTrouble(chance.choice(get_args(SourceKind))),
        Wait(chance.choice((0.0, 0.05, 0.3, 1.0))),
    )
    return chance.choice(incidents)


@dataclass(slots=True)
class Around:
    """The model and the wiki, and the trouble that waits for their next requests."""

    model: deque[ModelKind] = field(default_factory=deque)
    source: deque[SourceKind] = field(default_factory=deque)

    def answer(self, request: Request) -> Step:
        """Do what the question asks for: search first, or speak for a while."""
        if self.model:
            return _FAILING[self.model.popleft()]
        content = request["messages"][-1]["content"]
        if any("toolResult" in block for block in content):
            return Round(text=["It is here. ", "It is there."], piece_every=0.02)
        asked = last_text(request).splitlines()[-1]
        if "tools" in asked:
            return Round(tool_calls=[ScriptedCall("search_confluence", '{"keywords": "x"}')])
        pieces = 30 if "long" in asked else 3
        return Round(text=[f"Word{number} " for number in range(pieces)], piece_every=0.05)

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Find nothing in Confluence."""
        match self.source.popleft() if self.source else None:
            case "http_500":
                return web.Response(status=500)
            case "http_429":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "no_json":
                return web.Response(text="<html>")
            case "hangs":
                await asyncio.sleep(3)
        return web.json_response({"results": [], "_links": {}})


_FAILING: dict[ModelKind, Step] = {
    "throttled": Refusal(code="ThrottlingException"),
    "down": Refusal(code="ServiceUnavailableException"),
    "cut": Round(ending="cut"),
    "cut_in_text": Round(text=["It begins. ", "It "], ending="reset"),
    "error": Round(text=["It begins. "], ending=MidStreamError("modelStreamErrorException")),
    "empty": Round(),
    "bad_call": Round(tool_calls=[ScriptedCall("search_confluence", "{")]),
}


@dataclass(slots=True)
class Storm:
    """A world in which a schedule is played."""

    here: World
    around: Around
    departures: Departures
    asked: list[Asked] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    out_of_reach: set[str] = field(default_factory=set)
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def play(self, schedule: Sequence[Action]) -> list[str]:
        """Play all actions, let trouble end, and return what is still wrong after a while."""
        await self._start()
        try:
            for action in schedule:
                await self._perform(action)
                await asyncio.sleep(0.005)
            self.here.slack.faults.clear()
            self.around.model.clear()
            self.around.source.clear()
            await self._settled()
        finally:
            await self._bot.aclose()
        return self.wrong()

    def wrong(self) -> list[str]:
        """Say where the invariant does not hold now."""
        early = self.here.slack.tiers.violations
        for violation in [one for one in early if self.departures.excuse(one)]:
            early.remove(violation)
        return [
            *(f"left too soon: {call}" for call in self.departures.hasty),
            *(line for line in broken(self.here, self.deleted) if not self._is_out_of_reach(line)),
        ]

    def _is_out_of_reach(self, line: str) -> bool:
        """Whether it is about what a bot has written for a question that was deleted as it left."""
        unfinished = line.startswith(("stream left open", "neither an answer"))
        return unfinished and any(f"thread_ts='{root}'" in line for root in self.out_of_reach)

    async def _settled(self) -> None:
        clock = asyncio.get_running_loop().time
        deadline = clock() + SETTLED_WITHIN
        # To look after each of the many changes would take longer than all else.
        while self.wrong() and clock() < deadline:  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.1)

    async def _start(self, drain: float = 3.0) -> None:
        settings = load_settings(self.here.settings, env_file=None)
        self._bot = AsyncExitStack()
        while True:
            try:
                await self._bot.enter_async_context(create_app(settings, drain_seconds=drain))
            except ConfigurationError:  # Slack was out of reach for too long
                await asyncio.sleep(RETRY_AFTER)  # until whoever runs the bot starts it again
            else:
                return

    async def _perform(self, action: Action) -> None:
        match action:
            case Ask():
                self._ask(action)
            case Redeliver(of) | Edit(of) | Delete(of):
                if one := self._chosen(of):
                    self._touch(one, action)
            case Drop(reason, refusals):
                self.here.slack.refuse_sockets(refusals)
                self.here.slack.drop_sockets(reason)
            case Trouble(method, kind, times):
                self._trouble(method, kind, times)
            case ModelTrouble(model_kind):
                self.around.model.append(model_kind)
            case SourceTrouble(source_kind):
                self.around.source.append(source_kind)
            case Restart(drain, meanwhile):
                await self._restart(drain, meanwhile)
            case Wait(seconds):
                await asyncio.sleep(seconds)

    def _touch(self, one: Asked, action: Redeliver | Edit | Delete) -> None:
        slack = self.here.slack
        match action:
            case Redeliver():
                slack.redeliver(one.ts)
            case Edit():
                slack.edit(one.by, one.channel, one.ts, f"{one.text}?")
            case Delete():
                slack.delete(one.by, one.channel, one.ts)
                self.deleted.add(one.ts)

    async def _restart(self, drain: float, meanwhile: Ask) -> None:
        # What a bot could not take back any more, the next one does not know of.
        self.out_of_reach |= {one.root for one in self.asked if one.ts in self.deleted}
        # A bot that starts knows nothing of a Retry-After that the one before was told.
        await self._bot.aclose()
        await asyncio.sleep(RETRY_AFTER)
        self._ask(meanwhile)
        await self._start(drain)

    def _trouble(self, method: Method, kind: Kind, times: int) -> None:
        faults = self.here.slack.faults
        match kind:
            case "rate_limited":
                faults.next(method, rate_limited=RETRY_AFTER, times=times)
            case "http_before":
                faults.next(method, http_status=503, times=times)
            case "http_after":
                faults.next(method, http_status=500, after_effect=True, times=times)
            case "reset_before":
                faults.next(method, reset_before_effect=True, times=times)
            case "reset_after":
                faults.next(method, reset_after_effect=True, times=times)
            case "slow":
                faults.next(method, delay=0.3, times=times)
            case code:
                faults.next(method, error=code, times=times)

    def _ask(self, ask: Ask) -> None:
        slack = self.here.slack
        words = f"q{len(self.asked)} {ask.topic}"
        channel, text, thread_ts = CHANNEL, f"@{BOT} {words}", None
        if ask.place == "direct":
            channel, text = slack.open_dm(ask.by, BOT).id, words
        elif ask.place == "thread" and (other := self._chosen(ask.of, CHANNEL)):
            thread_ts = other.root
        first = words if ask.place == "edit" else text
        ts = slack.say(ask.by, channel, first, thread_ts=thread_ts)
        if ask.place == "edit":
            slack.edit(ask.by, channel, ts, text)
        self.asked.append(Asked(ask.by, channel, thread_ts or ts, ts, text))

    def _chosen(self, of: int, channel: str | None = None) -> Asked | None:
        """Return one of the last questions whose thread still stands."""
        workspace = self.here.slack.workspace
        there = [
            one
            for one in self.asked[-NEAR:]
            if one.ts not in self.deleted
            and channel in (None, one.channel)
            and workspace.thread(one.channel, one.root)
        ]
        return there[of % len(there)] if there else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put to the bot: by whom, where, and in which words."""

    by: Person
    channel: str
    root: str
    ts: str
    text: str


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Let what takes the bot seconds take tenths of them."""
    soon = wait_exponential_jitter(multiplier=0.05, max=0.5, jitter=0.05)
    with ExitStack() as stack:
        for module, name, value in (
            (catchup, "SETTLE_SECONDS", 0.1),
            (socket, "PING_SECONDS", 1.0),
            (socket, "FIRST_PAUSE", 0.1),
            (socket, "LONGEST_PAUSE", 1.0),
            (traffic, "_BACK_OFF", soon),
            (final, "_BACK_OFF", soon),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a schedule: how much was asked and failed, and what is wrong in the end."""

    mentions: int
    failed_calls: int
    wrong: Sequence[str]


async def play(*schedules: Sequence[Action]) -> list[Outcome]:
    """Play schedules side by side, each in a world of its own; fail if anything is left open."""
    with in_a_hurry(), departures() as left:
        async with nothing_left_behind():
            return await asyncio.gather(*(_play(schedule, left) for schedule in schedules))


async def _play(schedule: Sequence[Action], left: Mapping[str, Departures]) -> Outcome:
    around = Around()
    rules = DeliveryRules(mention_order="random", ack_within=1.0, retries=(0.0, 1.0, 2.0))
    async with (
        serving(around.search) as wiki,
        world(
            around.answer,
            rules=rules,
            wiki=wiki,
            CATCH_UP_MINUTES="15",
            TOOL_TIMEOUT_SECONDS="1",
            RUN_DEADLINE_SECONDS="20",
        ) as here,
    ):
        storm = Storm(here, around, left[here.slack.api_url])
        wrong = await storm.play(schedule)
        failed = sum(call.outcome != "ok" for call in here.slack.calls)
        return Outcome(len(storm.asked), failed, wrong)
