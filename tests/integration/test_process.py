"""The bot as its operator meets it: a process with settings, a log, signals and an exit code."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest

from kit.process import log_lines, slackbot
from kit.scripted_model import Round, says
from kit.world import world
from slackbot.cli import main

if TYPE_CHECKING:
    from pathlib import Path

NET = 60.0
DEMO_LINES = b"@slackbot how do we roll back payments?\nand who approves it?\n"


async def test_missing_settings_are_named_on_one_screen(tmp_path: Path) -> None:
    async with slackbot(cwd=tmp_path) as process, asyncio.timeout(NET):
        _, shown = await process.communicate()
    text = shown.decode()
    assert process.returncode == 2
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "AWS_REGION"):
        assert name in text
    assert "make demo" in text
    assert "Traceback" not in text
    assert len(text.splitlines()) <= 24


async def test_a_refused_token_ends_the_start_with_the_reason(tmp_path: Path) -> None:
    async with world([]) as here:
        settings = {**here.settings, "SLACK_BOT_TOKEN": "xoxb-of-somebody-else"}
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(NET):
            _, shown = await process.communicate()
    assert process.returncode == 2
    assert b"SLACK_BOT_TOKEN (invalid_auth)" in shown
    assert b"Traceback" not in shown
    assert b"somebody-else" not in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_intake_and_ends_what_was_begun_and_the_log_tells_of_it_all(
    number: signal.Signals, tmp_path: Path
) -> None:
    slow = Round(text=["One moment. ", "The canary sings."], first_piece_after=0.5)
    async with (
        world([says("The canary sings."), slow]) as here,
        slackbot(cwd=tmp_path, settings={**here.settings, "SLACK_TOKEN": "?"}) as process,
        asyncio.timeout(NET),
    ):
        await here.slack.until(lambda: here.slack.connections)
        asked = await here.ask("@slackbot does the canary sing?")
        ts = here.slack.say("ana", "general", "@slackbot what does the canary do?")
        await here.slack.until(lambda: "eyes" in here.reactions(ts))
        process.send_signal(number)
        _, output = await process.communicate()
        assert process.returncode == 0
        assert await here.ended(ts) == "white_check_mark"
        assert here.slack.connections == 0
    lines = log_lines(output)
    events = [line["event"] for line in lines]
    assert events[:2] == ["setting.unknown", "slackbot.starting"]
    assert {"slack.connected", "slackbot.ready", "mention.received"} < set(events)
    assert events[-1] == "slackbot.stopped"
    answered, _ = (line for line in lines if line["event"] == "mention.answered")
    assert answered.keys() >= {
        "timestamp", "level", "logger", "run_id", "outcome", "channel", "thread", "user",
        "trigger", "model", "tools", "input_tokens", "output_tokens", "queue_ms", "model_ms",
        "tools_ms", "slack_ms", "total_ms",
    }  # fmt: skip
    assert (answered["outcome"], answered["thread"]) == ("answered", asked.ts)
    assert b"canary" not in output
    for secret in (here.app.bot_token, here.app.app_token, "ticket="):
        assert secret.encode() not in output


async def test_the_demo_answers_in_a_pipe_and_leaves(tmp_path: Path) -> None:
    async with slackbot("demo", cwd=tmp_path) as process, asyncio.timeout(NET):
        output, errors = await process.communicate(DEMO_LINES)
    shown = output.decode()
    first, second = shown.split("thread › and who approves it?")
    assert (process.returncode, errors.decode()) == (0, "")
    for sign in ("👀", "is searching everywhere…", "payctl rollback", "Sources", "✅"):
        assert sign in first
    assert "No approval is needed" in second


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_demo_that_nobody_types_into_serves_its_page_until_it_is_stopped(
    number: signal.Signals, tmp_path: Path
) -> None:
    async with slackbot("demo", "--no-open", cwd=tmp_path) as process, asyncio.timeout(NET):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        told = (await process.stdout.readline()).decode()
        address = told.rpartition(" ")[2].strip()
        async with aiohttp.ClientSession() as session, session.get(address) as page:
            assert page.content_type == "text/html"
        process.send_signal(number)
        await process.stdout.read()
        errors = await process.stderr.read() if process.stderr else b""
        assert (await process.wait(), errors.decode()) == (0, "")


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with slackbot("demo", "--port", port, cwd=tmp_path) as process, asyncio.timeout(NET):
            _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode() == (
        f"Port {port} cannot be used (Address already in use). Choose another one, or none.\n"
    )


def test_the_manifest_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["settings"]["socket_mode_enabled"] is True
    assert printed["display_information"]["name"] == "askbot"


def test_the_app_may_be_called_what_one_likes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--name", " Owl "]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["display_information"]["name"] == "Owl"
    assert printed["features"]["bot_user"]["display_name"] == "Owl"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Slackbot", "choose another name"),
        (" ", "1 to 35 characters"),
        ("o" * 36, "1 to 35 characters"),
    ],
)
def test_a_name_that_slack_does_not_take_is_refused(
    name: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["manifest", "--name", name])
    assert end.value.code == 2
    assert reason in capsys.readouterr().err
