"""The start as its operator meets it: what ends it at once, and what may wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kit.process import log_lines, slackbot
from kit.scripted_model import says
from kit.world import world

if TYPE_CHECKING:
    from pathlib import Path

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "nobodys-profile"),
        ("AWS_REGION", "no region"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://not_a_host"),
    ],
)
async def test_settings_that_make_no_client_end_the_start_with_their_names(
    tmp_path: Path, name: str, value: str
) -> None:
    async with world([]) as here:
        settings = {**here.settings, **NO_METADATA, name: value}
        for key in KEYS:
            del settings[key]
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(20):
            _, shown = await process.communicate()
    assert process.returncode == 2
    assert name.encode() in shown
    assert value.encode() not in shown
    assert b"Traceback" not in shown


async def test_credentials_that_cannot_be_fetched_yet_do_not_end_the_start(tmp_path: Path) -> None:
    """A container's credentials come over the network, which the start must not need."""
    async with world([says("Never said.")]) as here:
        settings = {
            **here.settings,
            **NO_METADATA,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/",
        }
        for key in KEYS:
            del settings[key]
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(30):
            await here.slack.until(lambda: here.slack.connections, timeout=15)
            ts = here.slack.say("ana", "general", "@slackbot hi")
            assert await here.ended(ts, timeout=20) == "x"
            process.terminate()
            _, output = await process.communicate()
    assert process.returncode == 0
    assert "slackbot.ready" in [line["event"] for line in log_lines(output)]
