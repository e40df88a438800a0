"""F1, F2, F3, F33: the way to Slack is cut, refused or gone for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from faults.checker import checked
from kit.scripted_model import Round, says
from kit.world import living_world, world
from slackbot.assistant import LATE
from slackbot.config import load_settings
from slackbot.main import App, create_app
from slackbot.slack import socket

if TYPE_CHECKING:
    from localslack.faults import DisconnectReason

PACED = Round(text=["One. ", "Two. ", "Three."], piece_every=0.15)
ON = "15"

SHRINK = 200
"""Minutes are too long for a test: all waits for the socket, and what they are held against."""

MACHINE_SECONDS = 1.5
"""What connecting may take by itself on a busy machine."""


@pytest.fixture
def _shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "FIRST_PAUSE", socket.FIRST_PAUSE / 10)
    monkeypatch.setattr(socket, "LONGEST_PAUSE", socket.LONGEST_PAUSE / SHRINK)


async def becomes(app: App, *, ready: bool, within: float) -> None:
    """Wait until the bot says that it is ready, or that it is not."""
    async with asyncio.timeout(within):
        while app.is_ready is not ready:  # noqa: ASYNC110 - readiness rings no bell
            await asyncio.sleep(0.02)


async def test_f01_a_socket_that_drops_in_mid_answer_changes_nothing() -> None:
    async with checked(living_world([PACED, says("Back.")])) as here:
        ts = here.slack.say("ana", "general", "@slackbot hi")
        await here.slack.until(lambda: here.answers(ts))
        here.slack.drop_sockets()
        await here.slack.until(lambda: not here.slack.connections)
        await here.ended(ts)
        assert [reply.text for reply in here.answers(ts)] == ["One. Two. Three."]
        await here.slack.until(lambda: here.slack.connections)
        assert (await here.ask("@slackbot back?")).answer == "Back."


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_f02_a_socket_that_slack_wants_back_is_replaced_unnoticed(
    reason: DisconnectReason,
) -> None:
    async with checked(living_world([PACED, says("Back.")])) as here:
        before = len(here.calls("apps.connections.open"))
        ts = here.slack.say("ana", "general", "@slackbot hi")
        await here.slack.until(lambda: here.answers(ts))
        here.slack.drop_sockets(reason)
        await here.slack.until(lambda: len(here.calls("apps.connections.open")) > before)
        await here.slack.until(lambda: here.slack.connections)
        await here.ended(ts)
        assert [reply.text for reply in here.answers(ts)] == ["One. Two. Three."]
        assert (await here.ask("@slackbot back?")).answer == "Back."


@pytest.mark.usefixtures("_shrunk")
@pytest.mark.parametrize("reason", [None, "too_many_websockets", "link_disabled"])
async def test_f03_refusals_for_five_minutes_are_met_with_patience_and_then_all_is_answered(
    reason: DisconnectReason | None,
) -> None:
    many = 10_000
    async with checked(world(lambda _: says("Here."), CATCH_UP_MINUTES=ON)) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        async with app:
            await here.slack.until(lambda: here.calls("conversations.history"))  # the first look
            addresses = len(here.calls("apps.connections.open"))
            here.slack.refuse_sockets(many, reason=reason)
            here.slack.drop_sockets()
            await becomes(app, ready=False, within=5)
            ts = here.slack.say("ana", "general", "@slackbot are you there?")
            with pytest.raises(TimeoutError):
                await becomes(app, ready=True, within=5 * 60 / SHRINK)
            tries = many - here.slack.faults.refusals_left
            assert 5 < tries < 30  # no storm, and no giving up
            here.slack.refuse_sockets(0)
            await becomes(app, ready=True, within=30 / SHRINK + MACHINE_SECONDS)
            assert len(here.calls("apps.connections.open")) - addresses >= tries
            assert await here.ended(ts) == "white_check_mark"
            assert here.answers(ts)[0].text == f"{LATE}\n\nHere."


@pytest.mark.usefixtures("_shrunk")
async def test_f33_an_outage_of_ten_minutes_in_mid_answer_is_outlived() -> None:
    with capture_logs() as logs:
        async with checked(world(lambda _: PACED, CATCH_UP_MINUTES=ON)) as here:
            app = create_app(load_settings(here.settings, env_file=None))
            async with app:
                await here.slack.until(lambda: here.calls("conversations.history"))  # as above
                begun = here.slack.say("ana", "general", "@slackbot hi")
                await here.slack.until(lambda: here.answers(begun))
                here.slack.outage(10 * 60 / SHRINK)
                await becomes(app, ready=False, within=5)
                missed = here.slack.say("ana", "general", "@slackbot are you there?")
                await asyncio.sleep(here.slack.faults.outage_seconds)
                await becomes(app, ready=True, within=30 / SHRINK + MACHINE_SECONDS)
                assert await here.ended(missed) == "white_check_mark"
                assert await here.ended(begun, timeout=60) == "white_check_mark"
            assert "".join(reply.text for reply in here.answers(begun)) == "One. Two. Three."
            assert here.answers(missed)[0].text == f"{LATE}\n\nOne. Two. Three."
    lost = [line["event"] for line in logs if line["event"] == "slack.reconnecting"]
    assert len(lost) == 1
