"""Slack refuses for a moment, at the start or later, and the bot finds its way all the same."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from kit.leaks import nothing_left_behind
from kit.scripted_model import says
from kit.world import bot_in, living_world, world
from slackbot.errors import ConfigurationError
from slackbot.slack import connection


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes seconds take tenths of them."""
    monkeypatch.setattr(connection, "PING_SECONDS", 0.3)
    monkeypatch.setattr(connection, "WATCH_SECONDS", 0.1)


async def test_a_refused_handshake_is_tried_at_a_fresh_address() -> None:
    async with living_world([says("Back again.")]) as here:
        before = len(here.calls("apps.connections.open"))
        here.slack.refuse_sockets(1)
        here.slack.drop_sockets()
        await here.slack.until(lambda: not here.slack.connections)
        await here.slack.until(lambda: here.slack.connections, timeout=10)
        assert len(here.calls("apps.connections.open")) >= before + 2
        assert (await here.ask("@slackbot are you there?")).answer == "Back again."


async def test_a_loss_is_told_once_and_so_is_its_end() -> None:
    async with living_world([says("Back again.")]) as here:
        with capture_logs() as lines:
            here.slack.refuse_sockets(3)
            here.slack.drop_sockets()
            await here.slack.until(lambda: not here.slack.connections)
            await here.slack.until(lambda: here.slack.connections, timeout=10)
            await here.ask("@slackbot are you there?")
            async with asyncio.timeout(5):
                # A log rings no bell.
                while all(  # noqa: ASYNC110 - see above
                    line["event"] != "slack.reconnected" for line in lines
                ):
                    await asyncio.sleep(connection.WATCH_SECONDS)
    told = [
        (line["event"], line["log_level"]) for line in lines if "reconnect" in str(line["event"])
    ]
    assert told == [("slack.reconnecting", "info"), ("slack.reconnected", "info")]


async def test_a_start_that_is_given_up_while_handshakes_are_refused_leaves_nothing() -> None:
    async with world([]) as here:
        here.slack.refuse_sockets(1000)
        async with nothing_left_behind():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.5), bot_in(here):
                    raise AssertionError("connected")
        assert len(here.calls("apps.connections.open")) > 1


async def test_a_first_handshake_that_is_refused_is_no_end() -> None:
    async with world([says("Here.")]) as here:
        here.slack.refuse_sockets(1)
        async with bot_in(here):
            assert (await here.ask("@slackbot are you there?")).answer == "Here."


@pytest.mark.parametrize("fault", [{"http_status": 503}, {"rate_limited": 1}])
async def test_one_bad_moment_at_the_start_is_no_end(fault: dict[str, int]) -> None:
    async with world([says("Here.")]) as here:
        here.slack.faults.next("auth.test", **fault)  # type: ignore[arg-type] # as parametrised
        async with bot_in(here):
            assert (await here.ask("@slackbot are you there?")).answer == "Here."


async def test_a_slack_that_stays_down_ends_the_start_soon() -> None:
    async with world([]) as here:
        here.slack.faults.next("auth.test", http_status=503, times=None)
        with pytest.raises(ConfigurationError, match="http_503"):
            async with asyncio.timeout(8), bot_in(here):
                raise AssertionError("connected")
    assert len(here.calls("auth.test")) > 1
