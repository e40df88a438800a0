"""What nobody told the bot, and what a crash cut off, is found in the record and answered once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from kit.process import slackbot
from kit.scripted_model import Round, says
from kit.world import World, bot_in, living_world, world
from slackbot.assistant import LATE, SUSPENDED
from slackbot.config import load_settings
from slackbot.errors import Interrupted
from slackbot.main import create_app
from slackbot.slack import catchup, socket
from slackbot.slack.delivery.answer import answer_metadata, answered
from slackbot.slack.delivery.unfinished import BROKEN_OFF

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from localslack import Message
    from slackbot.conversation import OutcomeState

ENDLESS = Round(text=["It begins. ", "It goes on. "], ending="hang")
ON = "15"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes seconds take tenths of them."""
    monkeypatch.setattr(catchup, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(socket, "PING_SECONDS", 0.3)
    monkeypatch.setattr(socket, "FIRST_PAUSE", 0.1)


def finals(here: World, ts: str, channel: str = "general") -> list[Message]:
    """Return the bot's messages in a thread that are the end of an answer."""
    return [one for one in here.answers(ts, channel) if state_of(one)]


def state_of(message: Message) -> str | None:
    return answered({"metadata": message.metadata})[1]


def bot_marks(here: World, ts: str, channel: str = "general") -> list[str]:
    """Return the names of the bot's marks on a message, the first first."""
    marks = here.reactions(ts, channel)
    return [name for name, users in marks.items() if here.app.user_id in users]


async def looked(here: World) -> None:
    """Wait until the bot has looked back and has nothing more to say."""
    await here.slack.until(lambda: here.calls("users.conversations")[1:])
    await asyncio.sleep(0.5)


@asynccontextmanager
async def socket_down(here: World) -> AsyncIterator[None]:
    """Keep the bot's socket down while the context is open."""
    here.slack.refuse_sockets(1000)
    here.slack.drop_sockets()
    await here.slack.until(lambda: not here.slack.connections)
    yield
    here.slack.refuse_sockets(0)


@asynccontextmanager
async def killed_in_mid_answer(here: World, cwd: Path, ts: str) -> AsyncIterator[None]:
    """Run a process until the thread of a message holds a piece of an answer, and kill it."""
    known = len(here.answers(ts))
    async with slackbot(cwd=cwd, settings=here.settings) as process:
        yield
        await here.slack.until(lambda: len(here.answers(ts)) > known)
        process.kill()
        await process.communicate()


async def test_a_mention_while_the_bot_is_down_is_answered_and_says_that_it_is_late() -> None:
    async with world([says("Ben is.")], CATCH_UP_MINUTES=ON) as here:
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
            (reply,) = here.answers(ts)
            assert reply.text == f"{LATE}\n\nBen is."
            assert bot_marks(here, ts) == ["eyes", "white_check_mark"]


async def test_direct_messages_and_replies_are_found_too() -> None:
    async with world(lambda _: says("Here."), CATCH_UP_MINUTES=ON) as here:
        direct = here.slack.open_dm("ana", "slackbot").id
        first = here.slack.say("ana", direct, "hello?")
        old = here.slack.say("ben", "general", "payments is down")
        second = here.slack.say("ana", "general", "@slackbot what now?", thread_ts=old)
        aside = here.slack.say("ben", "general", "I am on it", thread_ts=old)
        async with bot_in(here):
            assert await here.ended(first, direct) == "white_check_mark"
            assert await here.ended(second) == "white_check_mark"
            await looked(here)
        assert len(here.answers(first, direct)) == 1
        assert len(here.answers(old)) == 1
        assert here.reactions(aside) == here.reactions(old) == {}


async def test_a_mention_while_the_socket_is_down_is_answered_once() -> None:
    async with living_world(lambda _: says("Here."), CATCH_UP_MINUTES=ON) as here:
        await looked(here)
        async with socket_down(here):
            ts = here.slack.say("ana", "general", "@slackbot are you there?")
        assert await here.ended(ts) == "white_check_mark"
        assert here.slack.redeliver(ts) >= 2
        await here.slack.until(lambda: all(event.acked for event in here.slack.deliveries))
        assert len(here.answers(ts)) == 1


async def test_an_event_and_the_record_tell_of_a_message_at_once_and_it_is_answered_once() -> None:
    async with world(lambda _: says("Here."), CATCH_UP_MINUTES=ON) as here:
        ts = here.slack.say("ana", "general", "@slackbot are you there?")
        async with bot_in(here):
            await here.slack.until(lambda: here.slack.connections)
            here.slack.redeliver(ts)
            assert await here.ended(ts) == "white_check_mark"
            await looked(here)
        assert len(here.answers(ts)) == 1
        assert len(here.bedrock.requests) == 1


async def test_a_thread_goes_on_without_a_mention_after_a_restart() -> None:
    async with world(lambda _: says("Ben is."), CATCH_UP_MINUTES=ON) as here:
        async with bot_in(here):
            first = await here.ask("@slackbot who is on call?")
        missed = here.slack.say("ana", "general", "and on Friday?", thread_ts=first.ts)
        aside = here.slack.say("ben", "general", "ask me", thread_ts=first.ts)
        async with bot_in(here):
            assert await here.ended(missed) == "white_check_mark"
            told = await here.ask("and on Saturday?", thread_ts=first.ts)
            assert (told.mark, told.answer) == ("white_check_mark", "Ben is.")
            assert here.reactions(aside) == {}


async def test_talk_before_the_bot_came_in_is_not_answered_later() -> None:
    async with world(lambda _: says("Ben is."), CATCH_UP_MINUTES=ON) as here:
        root = here.slack.say("ben", "general", "payments is down")
        aside = here.slack.say("ana", "general", "who is on call?", thread_ts=root)
        async with bot_in(here):
            await here.ask("@slackbot do you know?", thread_ts=root)
        async with bot_in(here):
            await looked(here)
        assert here.reactions(aside) == {}


async def test_what_is_answered_or_old_is_left_alone_and_so_is_all_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with world(lambda _: says("Ben is."), CATCH_UP_MINUTES="1") as here:
        now = here.slack.clock
        monkeypatch.setattr(here.slack, "clock", lambda: now() - 61)
        old = here.slack.say("ana", "general", "@slackbot are you there?")
        monkeypatch.setattr(here.slack, "clock", now)
        async with bot_in(here):
            done = await here.ask("@slackbot who is on call?")
        talk = here.slack.say("ana", "general", "lunch?")
        quoted = here.slack.say("ana", "general", "write `@slackbot help` to ask")
        async with bot_in(here):
            await looked(here)
        assert len(here.answers(done.ts)) == 1
        assert here.reactions(old) == here.reactions(talk) == here.reactions(quoted) == {}


async def test_without_catching_up_nothing_is_read_and_nothing_left() -> None:
    async with world(lambda _: says("Ben is.")) as here:
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        async with bot_in(here):
            await here.ask("@slackbot are you there?")
        assert here.reactions(ts) == {}
        assert here.calls("conversations.history", "reactions.list", "users.conversations") == []


async def test_a_killed_answer_is_given_whole_and_once(tmp_path: Path) -> None:
    async with world([ENDLESS, says("Ben is.")], CATCH_UP_MINUTES=ON) as here, asyncio.timeout(120):
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        async with killed_in_mid_answer(here, tmp_path, ts):
            pass
        assert bot_marks(here, ts) == ["eyes"]
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
            await looked(here)
        (reply,) = here.answers(ts)
        assert reply.text == f"{LATE}\n\nBen is."
        assert bot_marks(here, ts) == ["eyes", "repeat", "white_check_mark"]
        assert "It begins" not in str(here.bedrock.requests[-1])


async def test_a_message_that_kills_twice_fails_once(tmp_path: Path) -> None:
    async with (
        world([ENDLESS, ENDLESS, says("Never.")], CATCH_UP_MINUTES=ON) as here,
        asyncio.timeout(180),
    ):
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        async with killed_in_mid_answer(here, tmp_path, ts):
            pass
        known = here.answers(ts)[0].ts
        async with slackbot(cwd=tmp_path, settings=here.settings) as process:
            await here.slack.until(lambda: [one for one in here.answers(ts) if one.ts != known])
            process.kill()
            await process.communicate()
        for _ in range(2):
            async with bot_in(here):
                assert await here.ended(ts) == "x"
                await looked(here)
        (reply,) = here.answers(ts)
        assert Interrupted.sentence in reply.text
        assert state_of(reply) == "failed"
        assert bot_marks(here, ts) == ["eyes", "repeat", "x"]
        assert len(here.bedrock.requests) == 2


@pytest.mark.parametrize(
    ("state", "mark"),
    [("answered", "white_check_mark"), ("failed", "x"), ("cancelled", "octagonal_sign")],
)
@pytest.mark.parametrize("taken", [True, False])
async def test_a_final_text_without_its_mark_only_gets_the_mark(
    state: OutcomeState, mark: str, taken: bool
) -> None:
    async with world([says("Never.")], CATCH_UP_MINUTES=ON) as here:
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        said = {"channel": "general", "thread_ts": ts, "markdown_text": "Ben is."}
        metadata = answer_metadata(ts, state)
        await speak(here, "chat.postMessage", {**said, "metadata": metadata})
        if taken:
            sign = {"channel": "general", "timestamp": ts, "name": "eyes"}
            await speak(here, "reactions.add", sign)
        async with bot_in(here):
            assert await here.ended(ts) == mark
            await looked(here)
        assert len(here.answers(ts)) == 1
        assert here.bedrock.requests == []
        assert "repeat" not in here.reactions(ts)


async def test_what_cannot_be_deleted_says_that_it_is_no_answer(tmp_path: Path) -> None:
    async with world([ENDLESS, says("Ben is.")], CATCH_UP_MINUTES=ON) as here, asyncio.timeout(120):
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        async with killed_in_mid_answer(here, tmp_path, ts):
            pass
        here.slack.faults.next("chat.delete", error="cant_delete_message", times=None)
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
        leftover, reply = here.answers(ts)
        assert leftover.text == BROKEN_OFF
        assert leftover.stream is not None
        assert not leftover.stream.open
        assert state_of(reply) == "answered"


async def test_a_drain_that_takes_too_long_leaves_the_rest_to_the_next_start() -> None:
    async with world([ENDLESS, says("Ben is."), says("Ana.")], CATCH_UP_MINUTES=ON) as here:
        ts = ""
        async with here_for_a_moment(here):
            ts = here.slack.say("ana", "general", "@slackbot who is on call?")
            waiting = here.slack.say("ana", "general", "@slackbot and Friday?", thread_ts=ts)
            await here.slack.until(lambda: here.answers(ts))
        (left,) = here.answers(ts)
        assert left.text.startswith("It begins.")
        assert left.text.endswith(f"\n\n{SUSPENDED}")
        assert left.stream is not None
        assert not left.stream.open
        assert bot_marks(here, ts) == bot_marks(here, waiting) == ["eyes"]
        assert here.slack.workspace.status("general", ts, here.slack.clock()) == ""
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
            assert await here.ended(waiting) == "white_check_mark"
        assert left.ts not in [one.ts for one in here.answers(ts)]
        assert len(finals(here, ts)) == 2


async def test_a_second_attempt_is_not_left_to_a_third() -> None:
    async with world([ENDLESS, ENDLESS], CATCH_UP_MINUTES=ON) as here:
        async with here_for_a_moment(here):
            ts = here.slack.say("ana", "general", "@slackbot who is on call?")
            await here.slack.until(lambda: here.answers(ts))
        async with here_for_a_moment(here):
            await here.slack.until(lambda: len(here.bedrock.requests) == 2)
            await here.slack.until(lambda: [o for o in here.answers(ts) if LATE[1:-1] in o.text])
        assert await here.ended(ts) in ("x", "white_check_mark")
        (reply,) = here.answers(ts)
        assert Interrupted.sentence in reply.text


async def test_a_scope_that_is_missing_hides_only_what_it_opens() -> None:
    async with world(lambda _: says("Here."), CATCH_UP_MINUTES=ON) as here:
        ts = here.slack.say("ana", "general", "@slackbot are you there?")
        here.slack.faults.next("reactions.list", error="missing_scope", times=None)
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"


async def test_a_question_that_is_deleted_is_answered_no_more() -> None:
    async with living_world([ENDLESS]) as here:
        root = here.slack.say("ben", "general", "payments is down")
        ts = here.slack.say("ana", "general", "@slackbot what now?", thread_ts=root)
        await here.slack.until(lambda: here.answers(root))
        here.slack.delete("ana", "general", ts)
        await here.slack.until(lambda: not here.answers(root))
        assert here.slack.workspace.status("general", root, here.slack.clock()) == ""


async def test_a_question_that_is_edited_in_mid_answer_is_answered_once_as_it_was() -> None:
    slow = Round(text=["One. ", "Two."], first_piece_after=0.3)
    async with living_world([slow, says("Never.")]) as here:
        ts = here.slack.say("ana", "general", "@slackbot first")
        await here.slack.until(lambda: here.bedrock.requests)
        here.slack.edit("ana", "general", ts, "@slackbot second")
        assert await here.ended(ts) == "white_check_mark"
        assert [reply.text for reply in here.answers(ts)] == ["One. Two."]
        assert here.model_texts(0) == ["first"]
        assert len(here.bedrock.requests) == 1


@asynccontextmanager
async def here_for_a_moment(here: World) -> AsyncIterator[None]:
    """Run a bot that leaves at once what it has begun when the context ends."""
    async with create_app(load_settings(here.settings, env_file=None), drain_seconds=0.1):
        yield


async def speak(here: World, method: str, arguments: Mapping[str, object]) -> None:
    """Call a method of Slack as the bot."""
    headers = {"Authorization": f"Bearer {here.app.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{here.slack.api_url}/{method}", json=arguments) as answer,
    ):
        assert (await answer.json())["ok"]
