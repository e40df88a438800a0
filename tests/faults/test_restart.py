"""F27, F29, F38: the bot is stopped, is killed, or was not there."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from faults.checker import checked
from kit.process import slackbot
from kit.scripted_model import Round, says
from kit.world import World, bot_in, world
from slackbot.assistant import LATE, SUSPENDED
from slackbot.config import load_settings
from slackbot.errors import Interrupted
from slackbot.main import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ENDLESS = Round(text=["It begins. ", "It goes on. "], ending="hang")
PACED = Round(text=["One. ", "Two. ", "Three."], piece_every=0.3)
ON = "15"

NET = 60.0
"""Seconds after which a test on the slowest machine has gone wrong."""


def bot_marks(here: World, ts: str) -> list[str]:
    """Return the names of the bot's marks on a message, the first first."""
    return [name for name, users in here.reactions(ts).items() if here.app.user_id in users]


@asynccontextmanager
async def bot_that_looked_back(here: World) -> AsyncIterator[None]:
    """Run a bot; enter when it has read the record, and all that it took from it has begun."""
    with capture_logs() as logs:
        async with bot_in(here):
            async with asyncio.timeout(NET):
                # A log rings no bell.
                while "catch_up.done" not in {line["event"] for line in logs}:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            yield


async def test_f27_a_stop_takes_nothing_new_and_ends_what_was_begun(tmp_path: Path) -> None:
    async with checked(world([PACED, says("Ben is.")], CATCH_UP_MINUTES=ON)) as here:
        async with slackbot(cwd=tmp_path, settings=here.settings) as process, asyncio.timeout(NET):
            await here.slack.until(lambda: here.slack.connections, timeout=NET)
            ts = here.slack.say("ana", "general", "@slackbot hi")
            await here.slack.until(lambda: here.answers(ts))
            process.terminate()
            await here.slack.until(lambda: not here.slack.connections)
            late = here.slack.say("ben", "general", "@slackbot who is on call?")
            await process.communicate()
            assert process.returncode == 0
        assert bot_marks(here, ts) == ["eyes", "white_check_mark"]
        assert [reply.text for reply in here.answers(ts)] == ["One. Two. Three."]
        assert bot_marks(here, late) == []
        async with bot_in(here):
            assert await here.ended(late) == "white_check_mark"


@asynccontextmanager
async def hasty_bot_in(here: World) -> AsyncIterator[None]:
    """Run a bot whose runs have a moment to end, and not 25 seconds."""
    async with create_app(load_settings(here.settings, env_file=None), drain_seconds=0.1):
        yield


async def test_f27_what_the_drain_does_not_end_says_so_and_is_answered_by_the_next_start() -> None:
    async with checked(world([ENDLESS, says("Ben is.")], CATCH_UP_MINUTES=ON)) as here:
        async with hasty_bot_in(here):
            ts = here.slack.say("ana", "general", "@slackbot who is on call?")
            await here.slack.until(lambda: here.answers(ts))
        (left,) = here.answers(ts)
        assert left.text.endswith(SUSPENDED)
        assert bot_marks(here, ts) == ["eyes"]
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
        assert [reply.text for reply in here.answers(ts)] == [f"{LATE}\n\nBen is."]
        assert bot_marks(here, ts) == ["eyes", "repeat", "white_check_mark"]


async def test_f27_a_second_ctrl_c_ends_the_process_at_once(tmp_path: Path) -> None:
    async with checked(world([ENDLESS, says("Ben is.")], CATCH_UP_MINUTES=ON)) as here:
        async with slackbot(cwd=tmp_path, settings=here.settings) as process, asyncio.timeout(NET):
            await here.slack.until(lambda: here.slack.connections, timeout=NET)
            ts = here.slack.say("ana", "general", "@slackbot who is on call?")
            await here.slack.until(lambda: here.answers(ts))
            process.send_signal(signal.SIGINT)
            await here.slack.until(lambda: not here.slack.connections)
            process.send_signal(signal.SIGINT)
            await process.communicate()
            assert process.returncode == -signal.SIGINT  # to end what was begun would give 0
        async with bot_in(here):
            assert await here.ended(ts) == "white_check_mark"
        assert [reply.text for reply in here.answers(ts)] == [f"{LATE}\n\nBen is."]


@asynccontextmanager
async def killed_in_mid_answer(here: World, cwd: Path, ts: str) -> AsyncIterator[None]:
    """Run a process until the thread of a message holds another piece of an answer; kill it."""
    known = {reply.ts for reply in here.answers(ts)}
    async with slackbot(cwd=cwd, settings=here.settings) as process:
        yield
        await here.slack.until(lambda: {one.ts for one in here.answers(ts)} - known, timeout=NET)
        process.kill()
        await process.communicate()


async def test_f29_a_mention_that_kills_the_process_twice_fails_once(tmp_path: Path) -> None:
    never = says("Never.")
    async with (
        checked(world([ENDLESS, ENDLESS, never], CATCH_UP_MINUTES=ON)) as here,
        asyncio.timeout(2 * NET),
    ):
        ts = here.slack.say("ana", "general", "@slackbot who is on call?")
        for marks in (["eyes"], ["eyes", "repeat"]):
            async with killed_in_mid_answer(here, tmp_path, ts):
                pass
            assert bot_marks(here, ts) == marks
        for _ in range(2):
            async with bot_that_looked_back(here):
                assert await here.ended(ts) == "x"
        (reply,) = here.answers(ts)
        assert Interrupted.sentence in reply.text
        assert len(here.bedrock.requests) == 2


async def test_f38_what_was_said_while_the_bot_was_down_is_answered_and_says_that_it_is_late() -> (
    None
):
    async with checked(world(lambda _: says("Ben is."), CATCH_UP_MINUTES=ON)) as here:
        root = here.slack.say("ben", "general", "payments is down")
        direct = here.slack.open_dm("ana", "slackbot").id
        missed = {
            here.slack.say("ana", "general", "@slackbot who is on call?"): "general",
            here.slack.say("ana", "general", "@slackbot who helps?", thread_ts=root): "general",
            here.slack.say("ana", direct, "who is on call?"): direct,
        }
        async with bot_in(here):
            for ts, channel in missed.items():
                assert await here.ended(ts, channel) == "white_check_mark"
                thread = here.slack.workspace.message(channel, ts).root_ts
                assert [o.text for o in here.answers(thread, channel)] == [f"{LATE}\n\nBen is."]
            now = await here.ask("@slackbot and now?")
            assert now.answer == "Ben is."
        async with bot_that_looked_back(here):
            pass
        assert len(here.bedrock.requests) == 4
