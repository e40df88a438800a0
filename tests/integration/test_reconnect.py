"""Slack refuses for a moment, at the start or later, and the bot finds its way all the same."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from kit.leaks import nothing_left_behind
from kit.scripted_model import says
from kit.world import bot_in, living_world, world
from slackbot.config import load_settings
from slackbot.errors import ConfigurationError
from slackbot.main import App, create_app
from slackbot.slack import socket

ANSWERING = (
    "reactions.add", "assistant.threads.setStatus", "conversations.replies", "chat.startStream",
    "chat.postMessage",
)  # fmt: skip


async def turns(app: App, *, ready: bool) -> None:
    """Wait until the bot is ready, or is not."""
    async with asyncio.timeout(30):
        while app.is_ready is not ready:  # noqa: ASYNC110 - readiness rings no bell
            await asyncio.sleep(0.05)


async def over(app: App) -> None:
    """Wait until the first run has ended: no call of it is under way any more."""
    async with asyncio.timeout(30):
        while not app.ledger.ended:  # noqa: ASYNC110 - the ledger rings no bell
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes seconds take tenths of them."""
    monkeypatch.setattr(socket, "PING_SECONDS", 0.3)
    monkeypatch.setattr(socket, "FIRST_PAUSE", 0.1)


async def test_a_refused_handshake_is_tried_at_a_fresh_address() -> None:
    async with living_world([says("Back again.")]) as here:
        before = len(here.calls("apps.connections.open"))
        here.slack.refuse_sockets(1)
        here.slack.drop_sockets()
        await here.slack.until(lambda: not here.slack.connections)
        await here.slack.until(lambda: here.slack.connections)
        assert len(here.calls("apps.connections.open")) >= before + 2
        assert (await here.ask("@slackbot are you there?")).answer == "Back again."


async def test_a_loss_is_told_once_and_so_is_its_end() -> None:
    async with living_world([says("Back again.")]) as here:
        with capture_logs() as lines:
            here.slack.refuse_sockets(3)
            here.slack.drop_sockets()
            await here.slack.until(lambda: not here.slack.connections)
            await here.slack.until(lambda: here.slack.connections)
            await here.ask("@slackbot are you there?")
            async with asyncio.timeout(60):
                # A log rings no bell.
                while all(  # noqa: ASYNC110 - see above
                    line["event"] != "slack.reconnected" for line in lines
                ):
                    await asyncio.sleep(socket.FIRST_PAUSE)
    told = [
        (line["event"], line["log_level"]) for line in lines if "reconnect" in str(line["event"])
    ]
    assert told == [("slack.reconnecting", "info"), ("slack.reconnected", "info")]


async def test_a_start_that_is_given_up_while_handshakes_are_refused_leaves_nothing() -> None:
    async with world([]) as here:
        here.slack.refuse_sockets(1000)
        async with nothing_left_behind():
            start = asyncio.create_task(bot_in(here).__aenter__())
            await here.slack.until(lambda: here.calls("apps.connections.open")[1:])
            start.cancel()
            with pytest.raises(asyncio.CancelledError):
                await start


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
            async with asyncio.timeout(60), bot_in(here):
                raise AssertionError("connected")
    assert 1 < len(here.calls("auth.test")) <= 6


async def test_it_is_known_whether_the_bot_can_hear() -> None:
    async with world([says("Here.")]) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        await turns(app, ready=False)
        async with app:
            await turns(app, ready=True)
            here.slack.refuse_sockets(1000)
            here.slack.drop_sockets()
            await turns(app, ready=False)
            here.slack.refuse_sockets(0)
            await turns(app, ready=True)
        await turns(app, ready=False)


async def test_a_bot_token_that_is_refused_later_makes_it_unready_until_it_is_taken_again() -> None:
    async with world(lambda _: says("Here I am.")) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        with capture_logs() as lines:
            async with app:
                for method in ANSWERING:
                    here.slack.faults.next(method, error="token_revoked", times=None)
                here.slack.say("ana", "general", "@slackbot are you there?")
                await turns(app, ready=False)
                await over(app)
                here.slack.faults.clear()
                assert (await here.ask("@slackbot and now?")).answer == "Here I am."
                await turns(app, ready=True)
    told = [
        (line["event"], line["log_level"], line["setting"])
        for line in lines
        if line["event"] in ("slack.token_refused", "slack.token_accepted")
    ]
    assert told == [
        ("slack.token_refused", "error", "SLACK_BOT_TOKEN"),
        ("slack.token_accepted", "warning", "SLACK_BOT_TOKEN"),
    ]


async def test_refusals_are_met_with_patience_and_a_fresh_address_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    usual = socket.Pauses.before_a_try

    def without_waiting(self: socket.Pauses) -> float:
        pauses.append(usual(self))
        return 0.0

    async with living_world([says("Back again.")]) as here:
        monkeypatch.setattr(socket.Pauses, "before_a_try", without_waiting)
        here.slack.refuse_sockets(4)
        before = len(here.calls("apps.connections.open"))
        here.slack.drop_sockets()
        await here.slack.until(lambda: not here.slack.connections)
        await here.slack.until(lambda: here.slack.connections)
        assert len(here.calls("apps.connections.open")[before:]) == len(pauses) == 5
        assert all(later > 1.4 * earlier for earlier, later in pairwise(pauses[-4:]))


async def test_being_sent_away_again_and_again_is_met_with_patience() -> None:
    async with living_world([says("Here.")]) as here:
        with capture_logs() as lines:
            for _ in range(3):
                here.slack.drop_sockets("too_many_websockets")
                await here.slack.until(lambda: not here.slack.connections)
                await here.slack.until(lambda: here.slack.connections)
        told = [line["reason"] for line in lines if line["event"] == "slack.disconnect"]
        assert told == ["too_many_websockets"] * 3
        opened = [call.at for call in here.slack.calls if call.method == "apps.connections.open"]
        assert opened[-1] - opened[-2] > socket.FIRST_PAUSE
        assert (await here.ask("@slackbot are you there?")).answer == "Here."


async def test_an_app_token_that_is_revoked_later_is_told_once() -> None:
    async with living_world([says("Here.")]) as here:
        with capture_logs() as lines:
            here.slack.faults.next("apps.connections.open", error="token_revoked", times=3)
            here.slack.drop_sockets()
            await here.slack.until(lambda: not here.slack.connections)
            await here.slack.until(lambda: here.slack.connections)
            assert (await here.ask("@slackbot are you there?")).answer == "Here."
    refused = [line for line in lines if line["event"] == "slack.token_refused"]
    assert [(line["code"], line["log_level"]) for line in refused] == [("token_revoked", "error")]


async def test_a_socket_that_is_closed_in_the_midst_of_a_try_leaves_nothing() -> None:
    async with world([]) as here, nothing_left_behind(), bot_in(here):
        here.slack.refuse_sockets(1000)
        here.slack.drop_sockets("refresh_requested")
        await here.slack.until(lambda: len(here.calls("apps.connections.open")) > 3)
