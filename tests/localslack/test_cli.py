"""`python -m localslack`: what it prints, whom it lets in, how it ends."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from kit.visitor import Visitor
from localslack.cli import main

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass(frozen=True)
class Running:
    """A workspace in a process of its own, and what it has printed."""

    process: Process
    greeting: str

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+/", self.greeting)
        assert found is not None
        return found[0]

    @property
    def environment(self) -> dict[str, str]:
        """What a bot is to be given, as a shell would read it."""
        return dict(re.findall(r"^export (\w+)=(\S+)$", self.greeting, re.MULTILINE))


@asynccontextmanager
async def running(*arguments: str, **environment: str) -> AsyncIterator[Running]:
    """Run it until it has said where it is; end it with Ctrl+C, unless it has ended by then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "localslack", "--port", "0", *arguments),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            greeting = await process.stdout.readuntil(b"Nothing is kept.\n")
        yield Running(process, greeting.decode())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            await process.communicate()


async def test_it_says_how_a_bot_connects_and_ends_with_ctrl_c() -> None:
    async with running("--no-open", "--app", "helper") as workspace:
        given = workspace.environment
        assert list(given) == [
            "SLACK_BOT_TOKEN",
            "SLACK_APP_TOKEN",
            "SLACK_SIGNING_SECRET",
            "SLACK_API_URL",
        ]
        client = AsyncWebClient(given["SLACK_BOT_TOKEN"], base_url=given["SLACK_API_URL"])
        assert (await client.auth_test())["user"] == "helper"
        client = AsyncWebClient(given["SLACK_APP_TOKEN"], base_url=given["SLACK_API_URL"])
        assert (await client.apps_connections_open(app_token=client.token or ""))["url"]
        workspace.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            rest = await workspace.process.communicate()
        assert (workspace.process.returncode, rest) == (0, (b"", b""))


async def test_it_has_the_people_and_channels_that_one_names() -> None:
    people = ("--people", "milton, bill", "--guest", "bob")
    places = ("--team", "Initech", "--channels", "desk,fun")
    async with (
        running("--no-open", *people, *places) as workspace,
        ClientSession(workspace.url) as session,
    ):
        state = await Visitor(session, "milton").read("state")
        assert state["team"]["name"] == "Initech"
        assert [seat["real_name"] for seat in state["seats"]] == ["Milton", "Bill", "Bob"]
        assert [channel["name"] for channel in state["channels"]] == ["desk", "fun"]
        guest = await Visitor(session, "bob").read("state")
        assert guest["me"]["is_guest"]
        assert [channel["name"] for channel in guest["channels"]] == ["desk"]


async def test_an_open_window_does_not_hold_the_end_up() -> None:
    async with (
        running("--no-open") as workspace,
        ClientSession(workspace.url) as session,
    ):
        await Visitor(session, "ana").open_window()
        workspace.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            assert await workspace.process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="the browser of this test is a shell script")
async def test_the_page_is_opened_where_a_browser_is_at_hand(tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    async with running(BROWSER=str(browser), CI="") as workspace, asyncio.timeout(5):
        while not opened.exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
        assert opened.read_text().strip() == workspace.url


def test_a_port_in_use_ends_the_start_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--no-open", "--port", str(port)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert f"port {port} cannot be had ({os.strerror(errno.EADDRINUSE)})" in line
    assert "--port" in line


def test_two_of_one_name_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-open", "--port", "0", "--people", "ana,ana"]) == 2
    assert "ana" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--people", "Ana B"],
        ["--people", ""],
        ["--channels", "a,,b"],
        ["--app", "@bot"],
        ["--port", "65536"],
        ["--port", "http"],
        ["--port", "-1"],
    ],
)
def test_what_cannot_be_is_refused_with_its_name(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err.splitlines()[-1]
