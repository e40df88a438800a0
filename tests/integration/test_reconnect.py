"""A socket that is lost is found again, whatever stands in the way."""

from __future__ import annotations

import pytest

from kit.scripted_model import says
from kit.world import bot_in, living_world, world
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


async def test_a_first_handshake_that_is_refused_is_no_end() -> None:
    async with world([says("Here.")]) as here:
        here.slack.refuse_sockets(1)
        async with bot_in(here):
            assert (await here.ask("@slackbot are you there?")).answer == "Here."
