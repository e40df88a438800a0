"""F6, F7, F12, F13: Slack's methods refuse for a moment, fail half-way, or want it otherwise."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from tenacity import wait_fixed

from faults.checker import checked
from kit.fake_bedrock import last_text
from kit.scripted_model import Request, Round
from kit.sleeps import Clock
from kit.world import World, bot_in, world
from localslack.methods import streams
from slackbot.slack.api import traffic
from slackbot.slack.delivery import final
from slackbot.slack.gateway import METHOD_SCOPES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from localslack.web_api import ApiCall

Fault = dict[str, Any]

GROWING = Round(text=["It is here. ", *(f"Word{n} " for n in range(10)), "End."])
ENDLESS = Round(text=["It begins. ", "It goes on. "], ending="hang")
LONG = Round(text=[f"## Part {n}\n\n{'Some words and more. ' * 40}\n\n" for n in range(18)])
"""More than one message of Slack's holds: what streams is followed by a post."""

STREAMED = (
    "reactions.add", "assistant.threads.setStatus", "chat.startStream", "chat.appendStream",
    "chat.stopStream", "conversations.replies", "users.info",
)  # fmt: skip
AT_THE_START = ("auth.test", "apps.connections.open")
FOR_CATCHING_UP = ("reactions.list", "users.conversations", "conversations.history")
FOR_MORE = ("chat.postMessage", "chat.update", "chat.delete")
FOR_REFUSING = ("chat.postEphemeral",)
SEARCHES = {"assistant.search.context", "search.messages"}
"""A search that fails is the affair of its source (F24)."""

LASTING = frozenset({"reactions.add", "chat.stopStream", "chat.postMessage"})
"""The end mark and the final text, which outlast two refusals."""

METHODS = (*STREAMED, *AT_THE_START, *FOR_CATCHING_UP, *FOR_MORE, *FOR_REFUSING)


@pytest.fixture
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bot tries again after a second, it tries again at once."""
    monkeypatch.setattr(traffic, "_BACK_OFF", wait_fixed(0.05))
    monkeypatch.setattr(final, "_BACK_OFF", wait_fixed(0.05))


def shown(here: World, root: str) -> str:
    return "".join(reply.body for reply in here.answers(root))


async def stream(here: World) -> None:
    """Have a question in a thread answered by a stream that lasts."""
    root = here.slack.say("ana", "general", "@ben payments is down")
    ts = here.slack.say("ana", "general", "@slackbot why?", thread_ts=root)
    assert await here.ended(ts) == "white_check_mark"
    assert shown(here, root) == "".join(GROWING.text)


async def post(here: World) -> None:
    """Have a question answered at such length that some of it is posted."""
    ts = here.slack.say("ana", "general", "@slackbot tell me all")
    assert await here.ended(ts) == "white_check_mark"
    assert shown(here, ts).split() == "".join(LONG.text).split()


async def delete(here: World) -> None:
    """Take a question back in mid-answer."""
    ts = here.slack.say("ana", "general", "@slackbot endless")
    await here.slack.until(lambda: here.answers(ts), NET)
    here.slack.delete("ana", "general", ts)
    await here.slack.until(lambda: not here.answers(ts), NET)


async def refuse(here: World) -> None:
    """Have one question answered and the next one refused, for it is one too many."""
    await stream(here)
    ts = here.slack.say("ana", "general", "@slackbot once more?")
    assert await here.ended(ts) == "no_entry_sign"
    await here.slack.until(lambda: here.calls("chat.postEphemeral"), NET)


NET = 60.0
"""Seconds after which a test on the slowest machine has gone wrong."""


class Model:
    """Answers at length, endlessly, or as usual; goes on when Slack was told what it has said."""

    def __init__(self) -> None:
        self.here: World

    def __call__(self, request: Request) -> Round:
        asked = last_text(request)
        if "endless" in asked:
            return ENDLESS
        shown = partial(self.shown, len(self.here.slack.calls))
        return replace(LONG if "tell me all" in asked else GROWING, before_piece=shown)

    async def shown(self, known: int, index: int) -> None:
        """Wait until a stream has begun, or has grown, by a call after the first `known` ones."""
        if index in HELD:
            calls = self.here.slack.calls
            there = HELD[index]
            await self.here.slack.until(lambda: any(map(there, islice(calls, known, None))), NET)


def begins(call: ApiCall) -> bool:
    return call.method == "chat.startStream"


def grows(call: ApiCall) -> bool:
    """Whether a call adds to a stream; there is none where it could not begin."""
    return call.method == "chat.appendStream" or (begins(call) and call.outcome != "ok")


HELD = {2: begins, 4: grows}
"""What has to have happened before a piece of an answer is said, by the index of the piece."""


@asynccontextmanager
async def asking(
    clock: Callable[[], float] = time.time, *, catch_up: str = "0", per_person: str = "0"
) -> AsyncIterator[World]:
    """Open a world with such a model; see to it that all holds in the end."""
    opening = world(
        model := Model(), clock=clock, CATCH_UP_MINUTES=catch_up, RATE_LIMIT_PER_USER=per_person
    )
    async with checked(opening) as here:
        model.here = here
        yield here


async def provoke(here: World, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the bot call a method, while a question is answered or taken back."""
    match method:
        case "chat.postMessage":
            await post(here)
        case "chat.delete":
            await delete(here)
        case "chat.postEphemeral":
            await refuse(here)
        case "chat.update":  # what is left to do when Slack has ended a stream
            monkeypatch.setattr(streams, "STREAM_SECONDS", 0.0)
            await stream(here)
        case _:
            await stream(here)


def test_f06_each_method_has_its_turn() -> None:
    assert set(METHODS) == METHOD_SCOPES.keys() - SEARCHES | {"apps.connections.open"}


@pytest.mark.parametrize("method", METHODS)
async def test_f06_what_slack_has_no_room_for_comes_later_and_the_final_text_always(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = "15" if method in FOR_CATCHING_UP else "0"  # whose reading is not among the others'
    limit = "1" if method in FOR_REFUSING else "0"
    async with asking(catch_up=minutes, per_person=limit) as here:
        here.slack.faults.next(method, rate_limited=1, times=2 if method in LASTING else 1)
        async with bot_in(here):
            await provoke(here, method, monkeypatch)
            # Looking back for what was missed goes on beside the answer, and may come after it.
            await here.slack.until(lambda: outcomes(here, method))
        assert outcomes(here, method)[0] == "ratelimited"


def outcomes(here: World, method: str) -> list[str]:
    return [call.outcome for call in here.slack.calls if call.method == method]


async def test_f06_where_slack_takes_no_stream_the_answer_is_posted_whole() -> None:
    async with asking() as here:
        for method in ("chat.startStream", "assistant.threads.setStatus"):
            here.slack.faults.next(method, rate_limited=30)
        async with bot_in(here):
            await stream(here)
        assert len(here.calls("chat.startStream")) == 1
        assert len(here.calls("chat.postMessage")) == 1


BROKEN: Mapping[str, Fault] = {
    "500 before": {"http_status": 500},
    "500 after": {"http_status": 500, "after_effect": True},
    "502 before": {"http_status": 502},
    "503 after": {"http_status": 503, "after_effect": True},
    "504 after": {"http_status": 504, "after_effect": True},
    "reset before": {"reset_before_effect": True},
    "reset after": {"reset_after_effect": True},
}


@pytest.mark.usefixtures("_soon_again")
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
async def test_f07_a_call_of_which_nobody_knows_whether_it_was_made_is_not_made_twice(
    fault: Fault,
) -> None:
    async with asking() as here, bot_in(here):
        for method in STREAMED:
            here.slack.faults.next(method, **fault)
        await stream(here)
        here.slack.faults.next("chat.postMessage", **fault)
        await post(here)
        here.slack.faults.next("chat.delete", **fault)
        await delete(here)


@pytest.mark.usefixtures("_soon_again")
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
async def test_f07_an_answer_that_is_posted_whole_stands_there_once(fault: Fault) -> None:
    async with asking() as here, bot_in(here):
        here.slack.faults.next("chat.startStream", rate_limited=30)
        here.slack.faults.next("chat.postMessage", **fault, times=2)
        ts = here.slack.say("ana", "general", "@slackbot why?")
        assert await here.ended(ts) == "white_check_mark"
        assert [reply.body for reply in here.answers(ts)] == ["".join(GROWING.text)]


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("chat.startStream", "msg_too_long"),
        ("chat.appendStream", "invalid_blocks"),
        ("chat.stopStream", "msg_too_long"),
        ("chat.stopStream", "invalid_blocks"),
        ("chat.stopStream", "msg_blocks_too_long"),
    ],
)
async def test_f12_what_slack_cannot_show_is_divided_or_plain_and_nothing_is_lost(
    method: str, code: str
) -> None:
    async with asking() as here, bot_in(here):
        here.slack.faults.next(method, error=code)
        here.slack.faults.next("chat.postMessage", error=code, times=2)
        await post(here)
        assert here.calls("chat.postMessage")[2:]


@pytest.mark.parametrize("code", ["msg_too_long", "invalid_blocks", "msg_blocks_too_long"])
async def test_f12_a_short_text_that_slack_cannot_show_is_shown_plain(code: str) -> None:
    async with asking() as here, bot_in(here):
        here.slack.faults.next("chat.startStream", error=code)
        here.slack.faults.next("chat.postMessage", error=code)
        await stream(here)
        refused, taken = here.calls("chat.postMessage")
        assert refused["markdown_text"] == taken["text"] == "".join(GROWING.text)


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream"])
async def test_f13_a_stream_that_slack_ends_is_brought_to_its_end_all_the_same(method: str) -> None:
    """Slack ends a stream after five minutes: before the text of a call was added, or after."""
    clock = Clock()
    async with asking(clock) as here, bot_in(here), asyncio.TaskGroup() as meanwhile:
        meanwhile.create_task(stream(here))
        await here.slack.until(lambda: here.calls(method), NET)
        clock.ahead = streams.STREAM_SECONDS
    assert outcomes(here, "chat.stopStream")[0] == "message_not_in_streaming_state"
    refused = "message_not_in_streaming_state" in outcomes(here, "chat.appendStream")
    assert refused == (method == "chat.startStream")


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_f13_where_a_stream_cannot_be_continued_the_rest_follows_in_one_message(
    method: str,
) -> None:
    async with asking() as here, bot_in(here):
        here.slack.faults.next(method, error="streaming_state_conflict")
        await stream(here)
        if method == "chat.stopStream":
            assert len(here.calls("chat.postMessage")) == 1
