"""F14, F15: Slack takes a token back, or gave it less than the bot could use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from faults.checker import checked
from kit.process import slackbot
from kit.scripted_model import says
from kit.world import bot_in, living_world, world
from slackbot.config import load_settings
from slackbot.errors import ConfigurationError
from slackbot.main import App, create_app
from slackbot.slack.api.scopes import FEATURES
from slackbot.slack.manifest import manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CODES = ("invalid_auth", "token_revoked", "account_inactive")
TOKENS = {"auth.test": "SLACK_BOT_TOKEN", "apps.connections.open": "SLACK_APP_TOKEN"}
NET = 60.0
"""Seconds after which a test on the slowest machine has gone wrong."""


@pytest.mark.parametrize("method", TOKENS)
@pytest.mark.parametrize("code", CODES)
async def test_f14_a_token_that_slack_refuses_ends_the_start_with_the_reason(
    code: str, method: str
) -> None:
    async with checked(world([])) as here:
        here.slack.faults.next(method, error=code, times=None)
        with pytest.raises(ConfigurationError, match=rf"{TOKENS[method]} \({code}\)"):
            async with asyncio.timeout(NET), bot_in(here):
                raise AssertionError("connected")
        assert len(here.calls(method)) == 1  # nobody waits while it is tried again


async def test_f14_the_process_of_such_a_start_fails(tmp_path: Path) -> None:
    async with checked(world([])) as here:
        here.slack.faults.next("auth.test", error="invalid_auth", times=None)
        async with (
            slackbot(cwd=tmp_path, settings=here.settings) as process,
            asyncio.timeout(NET),
        ):
            _, shown = await process.communicate()
        assert process.returncode == 2
        assert b"SLACK_BOT_TOKEN (invalid_auth)" in shown
        assert b"Traceback" not in shown
        assert len(here.calls("auth.test")) == 1


@pytest.mark.parametrize("code", CODES)
async def test_f14_a_token_that_is_refused_later_makes_the_bot_unready_until_it_is_taken(
    code: str,
) -> None:
    async with checked(world([says("Here.")])) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        async with app:
            await here.slack.until(lambda: here.slack.connections)
            here.slack.faults.next("apps.connections.open", error=code, times=2)
            here.slack.drop_sockets()
            await becomes(app, ready=False)
            await becomes(app, ready=True)
            assert (await here.ask("@slackbot hi")).mark == "white_check_mark"
            here.slack.workspace.revoke(here.app)
            here.slack.drop_sockets()
            await becomes(app, ready=False)
            await here.slack.until(lambda: here.slack.calls[-1].outcome == "invalid_auth")
            assert not app.is_ready


async def becomes(app: App, *, ready: bool) -> None:
    """Wait until the bot says that it is ready, or that it is not."""
    async with asyncio.timeout(NET):
        while app.is_ready is not ready:  # noqa: ASYNC110 - readiness rings no bell
            await asyncio.sleep(0.02)


def granted(*without: str) -> Sequence[str]:
    """Return the scopes that the manifest asks for, except some."""
    asked: Any = manifest("askbot")["oauth_config"]
    return [scope for scope in asked["scopes"]["bot"] if scope not in without]


BARELY = {"app_mentions:read", "chat:write", "reactions:write"}


@pytest.mark.parametrize(
    "missing", [{"reactions:write"}, {"channels:history"}, set(FEATURES) - BARELY]
)
async def test_f15_what_is_missing_is_named_at_the_start_and_the_rest_works(
    missing: set[str],
) -> None:
    marked = "reactions:write" not in missing  # there can be no marks without it
    with capture_logs() as logs:
        opening = living_world([says("Here.")], scopes=granted(*missing))
        async with checked(opening) if marked else opening as here:
            ts = here.slack.say("ana", "general", "@slackbot hi")
            await here.slack.until(lambda: here.answers(ts))
            if marked:
                assert await here.ended(ts) == "white_check_mark"
            assert [reply.text for reply in here.answers(ts)] == ["Here."]
    named = [log for log in logs if log["event"] == "slack.scope_missing"]
    told = {log["scope"]: log["switches_off"] for log in named}
    assert told == {scope: FEATURES[scope] for scope in missing}


async def test_f15_without_a_scope_too_few_nothing_is_named() -> None:
    with capture_logs() as logs:
        async with checked(living_world([says("Here.")], scopes=granted())) as here:
            await here.ask("@slackbot hi")
    assert "slack.scope_missing" not in [log["event"] for log in logs]


def test_f15_of_each_scope_it_is_known_what_it_is_for() -> None:
    assert set(FEATURES) == set(granted())
