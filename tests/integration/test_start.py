"""The start as its operator meets it: what ends it at once, and what may wait."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.utils import ContainerMetadataFetcher
from structlog.testing import capture_logs

from kit.leaks import nothing_left_behind
from kit.process import slackbot
from kit.scripted_model import says
from kit.world import bot_in, world
from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
NO_CLIENT = {
    "AWS_PROFILE": "nobodys-profile",
    "AWS_REGION": "no region",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://not_a_host",
}


async def test_slack_out_of_reach_ends_the_start_with_the_reason() -> None:
    async with world([]) as here:
        lost = replace(here, settings={**here.settings, "SLACK_API_URL": "http://127.0.0.1:9/api"})
        async with nothing_left_behind():
            with pytest.raises(ConfigurationError, match="connection_failed"):
                async with bot_in(lost):
                    raise AssertionError("connected")


@pytest.mark.parametrize("name", NO_CLIENT)
async def test_settings_that_make_no_client_end_the_start_with_their_names(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world([]) as here:
        settings = {**here.settings, name: NO_CLIENT[name]}
        for key in KEYS:
            del settings[key]
        async with nothing_left_behind():
            with pytest.raises(ConfigurationError, match=name) as raised, capture_logs() as lines:
                async with bot_in(replace(here, settings=settings)):
                    raise AssertionError("connected")
    assert raised.value.__context__ is None
    assert NO_CLIENT[name] not in f"{raised.value} {lines} {caplog.text}"
    assert [line for line in lines if line["log_level"] in ("error", "critical")] == []


async def test_what_ends_the_start_is_told_without_a_traceback(tmp_path: Path) -> None:
    """Here the model fails in its thread while the socket is open already, or about to be."""
    async with world([]) as here:
        settings = {**here.settings, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://not_a_host"}
        async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(60):
            _, shown = await process.communicate()
    assert process.returncode == 2
    assert b"AWS_ENDPOINT_URL_BEDROCK_RUNTIME" in shown
    assert b"not_a_host" not in shown
    assert b"Traceback" not in shown


async def test_credentials_that_cannot_be_fetched_yet_do_not_end_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A container's credentials come over the network, which the start must not need."""
    monkeypatch.setattr(ContainerMetadataFetcher, "SLEEP_TIME", 0)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
    async with world([says("Never said.")]) as here:
        settings = {name: value for name, value in here.settings.items() if name not in KEYS}
        with capture_logs() as lines:
            async with bot_in(replace(here, settings=settings)):
                assert "slackbot.ready" in [line["event"] for line in lines]
                assert (await here.ask("@slackbot hi")).mark == "x"
        assert here.bedrock.requests == []
