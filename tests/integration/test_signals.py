"""The process ends as it should, however bad the moment, and its log keeps every secret."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from kit.full_pipe import full_pipe
from kit.loopback import serving
from kit.process import log_lines, slackbot
from kit.scripted_model import Refusal, Round, ScriptedCall, says
from kit.world import world

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

pytestmark = pytest.mark.usefixtures("unmeasured")

NET = 60.0
"""Seconds after which a process hangs for certain."""


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("never reached")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_ends_the_process_at_once(
    number: signal.Signals, tmp_path: Path
) -> None:
    endless = Round(text=["One. ", "Two. "], ending="hang")
    async with (
        world([endless]) as here,
        slackbot(cwd=tmp_path, settings=here.settings) as process,
        asyncio.timeout(NET),
    ):
        await here.slack.until(lambda: here.slack.connections)
        ts = here.slack.say("ana", "general", "@slackbot hi")
        await here.slack.until(lambda: here.answers(ts))
        process.send_signal(number)
        await here.slack.until(lambda: not here.slack.connections)
        process.send_signal(number)
        await process.communicate()
        assert process.returncode == -number


async def test_a_start_that_hangs_can_be_stopped(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        asked.set()
        return await hang(request)

    async with world([]) as here, serving(never) as silent:
        settings = {**here.settings, "SLACK_API_URL": f"{silent}/api"}
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(NET):
            await asked.wait()
            process.terminate()
            _, output = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in output


async def test_a_refused_app_token_ends_the_start_with_the_reason(tmp_path: Path) -> None:
    async with world([]) as here:
        settings = {**here.settings, "SLACK_APP_TOKEN": "xapp-of-somebody-else"}
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(NET):
            _, shown = await process.communicate()
    assert process.returncode == 2
    assert b"SLACK_APP_TOKEN (invalid_auth)" in shown
    assert b"Traceback" not in shown
    assert b"somebody-else" not in shown


async def test_a_model_that_never_answers_does_not_hold_the_process_up(tmp_path: Path) -> None:
    async with (
        world(
            [Refusal(code="ThrottlingException", after=10 * NET)], RUN_DEADLINE_SECONDS="0.5"
        ) as here,
        slackbot(cwd=tmp_path, settings=here.settings) as process,
        asyncio.timeout(NET),
    ):
        await here.slack.until(lambda: here.slack.connections)
        assert (await here.ask("@slackbot how do we roll back?")).mark == "x"
        process.terminate()
        await process.communicate()
        assert process.returncode == 0


async def test_an_audit_log_that_hangs_does_not_hold_the_process_up(tmp_path: Path) -> None:
    with full_pipe(tmp_path / "pipe"):
        async with (
            world([says("Like this.")], AUDIT_LOG=str(tmp_path / "pipe")) as here,
            slackbot(cwd=tmp_path, settings=here.settings) as process,
            asyncio.timeout(NET),
        ):
            await here.slack.until(lambda: here.slack.connections)
            assert (await here.ask("@slackbot how?")).mark == "white_check_mark"
            process.terminate()
            _, output = await process.communicate()
    assert process.returncode == 0
    assert [line["lost"] for line in log_lines(output) if line["event"] == "audit.given_up"] == [1]


async def test_no_secret_is_logged_at_debug(tmp_path: Path) -> None:
    call = ScriptedCall("search_confluence", '{"keywords": "rollback"}')
    script = [Round(tool_calls=[call]), says("Found it."), *[Round(ending="reset")] * 4]
    async with (
        world(script, LOG_LEVEL="DEBUG") as here,
        slackbot(cwd=tmp_path, settings=here.settings) as process,
        asyncio.timeout(NET),
    ):
        log = asyncio.create_task(process.communicate())
        await here.slack.until(lambda: here.slack.connections)
        assert (await here.ask("@slackbot how do we roll back?")).mark == "white_check_mark"
        assert (await here.ask("@slackbot how do we roll back?")).mark == "x"
        here.slack.drop_sockets("refresh_requested")
        await here.slack.until(lambda: here.slack.connections == 0)
        await here.slack.until(lambda: here.slack.connections)
        process.terminate()
        _, output = await log
    lines = log_lines(output)
    assert any(line["level"] == "debug" and line["logger"] != "slackbot" for line in lines)
    secrets = [
        value for name, value in here.settings.items() if name.endswith(("TOKEN", "SECRET", "KEY"))
    ]
    assert len(secrets) >= 4
    text = output.decode()
    for secret in (*secrets, *(f"{value}"[5:] for value in secrets)):
        assert secret not in text
    assert all(part.startswith("***") for part in text.split("ticket=")[1:])
