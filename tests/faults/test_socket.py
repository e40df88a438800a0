"""F1, F2, F3, F33: the way to Slack is cut, refused or gone for a while."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tenacity import wait_fixed

from faults.checker import checked
from kit.scripted_model import Round, says
from kit.sleeps import Clock
from kit.world import living_world, world
from slackbot.assistant import LATE
from slackbot.config import load_settings
from slackbot.main import App, create_app
from slackbot.slack import socket
from slackbot.slack.api import traffic
from slackbot.slack.delivery import final

if TYPE_CHECKING:
    from localslack.faults import DisconnectReason

PACED = Round(text=["One. ", "Two. ", "Three."], piece_every=0.15)
ON = "15"

FIRST_PAUSE = socket.FIRST_PAUSE
SHRINK = 1000
"""The bot means to wait for minutes, and waits for a thousandth of them."""

NET = 60.0
"""Seconds after which a test on the slowest machine has gone wrong."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds for which the socket means to wait before each try."""
    meant: list[float] = []
    honest = socket.Pauses.before_a_try

    def before_a_try(pauses: socket.Pauses) -> float:
        meant.append(honest(pauses))
        return meant[-1] / SHRINK

    monkeypatch.setattr(socket.Pauses, "before_a_try", before_a_try)
    monkeypatch.setattr(socket, "FIRST_PAUSE", FIRST_PAUSE)
    return meant


async def becomes(app: App, *, ready: bool) -> None:
    """Wait until the bot says that it is ready, or that it is not."""
    async with asyncio.timeout(NET):
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


@pytest.mark.parametrize("reason", [None, "too_many_websockets", "link_disabled"])
async def test_f03_refusals_for_five_minutes_are_met_with_patience_and_then_all_is_answered(
    reason: DisconnectReason | None, pauses: list[float]
) -> None:
    many = 10_000
    async with checked(world(lambda _: says("Here."), CATCH_UP_MINUTES=ON)) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        async with app:
            await here.slack.until(lambda: here.calls("conversations.history"))  # the first look
            addresses, before = len(here.calls("apps.connections.open")), len(pauses)
            here.slack.refuse_sockets(many, reason=reason)
            here.slack.drop_sockets()
            await becomes(app, ready=False)
            ts = here.slack.say("ana", "general", "@slackbot are you there?")
            await here.slack.until(lambda: app.is_ready or sum(pauses[before:]) > 5 * 60, NET)
            assert not app.is_ready
            tries = many - here.slack.faults.refusals_left
            assert 5 < tries < 30  # no storm, and no giving up
            here.slack.refuse_sockets(0)
            await back_within_30_seconds(app, pauses)
            assert len(here.calls("apps.connections.open")) - addresses >= tries
            assert await here.ended(ts) == "white_check_mark"
            assert here.answers(ts)[0].text == f"{LATE}\n\nHere."


async def back_within_30_seconds(app: App, pauses: list[float]) -> None:
    """Wait for a bot to which the way is free again: it begins one more pause at most."""
    begun = len(pauses)
    await becomes(app, ready=True)
    assert len(pauses) <= begun + 1
    assert max(pauses) < 30


async def test_f33_an_outage_of_ten_minutes_in_mid_answer_is_outlived(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (traffic, final):
        monkeypatch.setattr(module, "_BACK_OFF", wait_fixed(0.05))
    clock = Clock()
    with capture_logs() as logs:
        async with checked(world(lambda _: PACED, clock=clock, CATCH_UP_MINUTES=ON)) as here:
            app = create_app(load_settings(here.settings, env_file=None))
            async with app:
                await here.slack.until(lambda: here.calls("conversations.history"))  # as above
                begun = here.slack.say("ana", "general", "@slackbot hi")
                await here.slack.until(lambda: here.answers(begun))
                before = len(pauses)
                here.slack.outage(10 * 60)
                await becomes(app, ready=False)
                missed = here.slack.say("ana", "general", "@slackbot are you there?")
                await here.slack.until(lambda: app.is_ready or sum(pauses[before:]) > 10 * 60, NET)
                assert not app.is_ready
                clock.ahead = 10 * 60
                await back_within_30_seconds(app, pauses)
                assert await here.ended(missed) == "white_check_mark"
                assert await here.ended(begun) == "white_check_mark"
            assert "".join(reply.text for reply in here.answers(begun)) == "One. Two. Three."
            assert here.answers(missed)[0].text == f"{LATE}\n\nOne. Two. Three."
    lost = [line["event"] for line in logs if line["event"] == "slack.reconnecting"]
    assert len(lost) == 1
