"""What an operator sees of a whole bot: at its start, over HTTP, and when something fails."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from kit.leaks import nothing_left_behind
from kit.loopback import free_port
from kit.metrics import samples_in
from kit.process import slackbot
from kit.scripted_model import Refusal, Round, ScriptedCall, says
from kit.world import bot_in, world
from slackbot.config import load_settings
from slackbot.errors import ConfigurationError
from slackbot.llm.resilient.watched import QUESTION
from slackbot.main import create_app
from slackbot.slack.api.scopes import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kit.scripted_model import Request, Step
    from kit.world import World
    from localslack import App

NET = 60.0
"""Seconds after which a test on the slowest machine has gone wrong."""

OFTEN = "0.02"


async def get(port: int, path: str) -> tuple[int, str]:
    """Return the status and the text of an answer."""
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def logged(lines: Sequence[Mapping[str, Any]], event: str) -> Mapping[str, Any]:
    """Wait for the first line of an event."""
    async with asyncio.timeout(NET):
        while not (found := [line for line in lines if line["event"] == event]):  # noqa: ASYNC110 - a list of lines rings no bell
            await asyncio.sleep(0.01)
    return found[0]


def is_check(request: Request) -> bool:
    """Whether a request to the model is no person's."""
    return QUESTION in json.dumps(request["messages"])


async def test_one_line_of_the_start_says_what_works_and_what_is_switched_off() -> None:
    granted = [scope for scope in FEATURES if scope != "users:read"]
    with capture_logs() as lines:
        async with (
            world([], scopes=granted, HEALTH_CHECK_SECONDS="3600") as here,
            bot_in(here),
        ):
            told = await logged(lines, "connections.checked")
    assert told["works"] == ["Slack", "Confluence"]
    assert told["fails"] == {}
    assert told["untried"] == ["bedrock"]  # it is on this machine, and may still load its model
    assert told["switched_off"] == {"users:read": FEATURES["users:read"]}
    assert len([line for line in lines if line["event"] == "connections.checked"]) == 1


async def test_what_does_not_work_is_named_and_the_rest_answers() -> None:
    async with world([], HEALTH_CHECK_SECONDS="3600", LLM_PROVIDER="offline") as here:
        lost = replace(here, settings={**here.settings, "CONFLUENCE_API_TOKEN": "revoked"})
        with capture_logs() as lines:
            async with bot_in(lost):
                told = await logged(lines, "connections.checked")
                assert (await here.ask("@slackbot thanks!")).mark == "white_check_mark"
    assert told["log_level"] == "warning"
    assert told["works"] == ["Slack"]
    assert told["fails"] == {"Confluence": "Confluence answered with status 401"}


async def test_a_model_that_stops_working_is_told_once_and_so_is_its_return() -> None:
    is_down = False

    def answer(request: Request) -> Step:
        return Refusal(code="AccessDeniedException") if is_down else says("Here.")

    with capture_logs() as lines:
        async with world(answer, HEALTH_CHECK_SECONDS=OFTEN) as here, bot_in(here):
            await here.slack.until(lambda: here.bedrock.requests)
            await here.bedrock.idle()
            asked = len(here.bedrock.requests)
            assert (await here.ask("@slackbot hi")).mark == "white_check_mark"
            assert [is_check(request) for request in here.bedrock.requests[asked:]] == [False]
            is_down = True
            assert (await here.ask("@slackbot hi")).mark == "x"
            failed = await logged(lines, "connection.failed")
            is_down = False
            await logged(lines, "connection.restored")
    assert failed["connection"] == "bedrock"
    events = [line["event"] for line in lines if line["event"].startswith("connection")]
    assert events == [
        "connections.checked", "connection.works", "connection.failed", "connection.restored",
    ]  # fmt: skip


async def test_the_metrics_tell_what_an_answer_had_to_do_without() -> None:
    """People get an answer, but whoever runs the bot must see that its model and wiki are gone."""
    port = free_port()
    refuses = Refusal(code="AccessDeniedException")
    async with world(
        lambda _: refuses, LLM_FALLBACKS="offline", HTTP_PORT=str(port), HEALTH_CHECK_SECONDS="0"
    ) as here:
        lost = replace(here, settings={**here.settings, "CONFLUENCE_API_TOKEN": "revoked"})
        async with bot_in(lost):
            question = await here.ask("@slackbot how do we roll back payments?")
            assert question.mark == "white_check_mark"
            read = samples_in((await get(port, "/metrics"))[1])
    failures = "slackbot_model_failures_total{error_class=ModelRejected}{provider=bedrock}"
    assert read[failures] >= 1
    assert read["slackbot_unreached_sources_total{source=Confluence}"] == 1
    assert read["slackbot_answers_total{outcome=answered}"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a disk that is always full")
async def test_the_metrics_tell_what_slack_and_the_disk_have_not_taken() -> None:
    port = free_port()

    async def told(waiting: int, lost: int) -> None:
        """Wait until the metrics tell of so many."""
        names = "slackbot_waiting_deliveries", "slackbot_lost_audit_lines_total"
        told: list[float] = []
        async with asyncio.timeout(NET):
            while told != [waiting, lost]:
                read = samples_in((await get(port, "/metrics"))[1])
                told = [read[name] for name in names]

    async with (
        world([], LLM_PROVIDER="offline", HTTP_PORT=str(port), AUDIT_LOG="/dev/full") as here,
        bot_in(here),
    ):
        await told(waiting=0, lost=0)
        here.slack.faults.next("reactions.add", rate_limited=1, times=None)
        ts = here.slack.say("ana", "general", "@slackbot thanks!")
        await told(waiting=2, lost=1)  # 👀 and the end mark
        here.slack.faults.clear()
        assert await here.ended(ts) == "white_check_mark"
        await told(waiting=0, lost=1)


async def test_the_endpoint_tells_whether_slack_reaches_the_bot() -> None:
    port = free_port()
    async with world([], LLM_PROVIDER="offline", HTTP_PORT=str(port)) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        async with app:
            await here.slack.until(lambda: here.slack.connections)
            await ready(port, 200)
            assert await get(port, "/healthz") == (200, "ok\n")
            assert "slackbot_open_runs 0.0" in (await get(port, "/metrics"))[1]
            here.slack.workspace.revoke(here.app)
            here.slack.drop_sockets()
            assert await ready(port, 503) == {"ready": False, "missing": ["socket"]}
            assert (await get(port, "/healthz"))[0] == 200
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(port, "/healthz")


async def test_a_check_notices_that_the_token_was_taken_back() -> None:
    """Nobody asks anything, so that no other call would tell."""
    port = free_port()
    async with (
        world([], LLM_PROVIDER="offline", HTTP_PORT=str(port), HEALTH_CHECK_SECONDS=OFTEN) as here,
        bot_in(here),
    ):
        await ready(port, 200)
        here.slack.faults.next("auth.test", error="token_revoked", times=None)
        assert await ready(port, 503) == {"ready": False, "missing": ["token"]}


def with_user_token(here: World, user: App) -> World:
    """The same world with a user token of an app's, which can be taken back by itself."""
    token = here.slack.workspace.add_user_token("ana", user)
    return replace(here, settings={**here.settings, "SLACK_USER_TOKEN": token})


async def test_a_user_token_that_is_taken_back_is_told_apart_from_the_bots() -> None:
    port = free_port()
    with capture_logs() as lines:
        async with world(
            [],
            LLM_PROVIDER="offline",
            HTTP_PORT=str(port),
            HEALTH_CHECK_SECONDS=OFTEN,
            SLACK_HISTORY_CHANNELS="*",
        ) as here:
            user = here.slack.workspace.add_app("search")
            async with bot_in(with_user_token(here, user)):
                checked = await logged(lines, "connections.checked")
                here.slack.workspace.revoke(user)
                failed = await logged(lines, "connection.failed")
                assert (await get(port, "/readyz"))[0] == 200
                scraped = samples_in((await get(port, "/metrics"))[1])
    assert checked["works"] == ["Slack", "Confluence", "Slack history"]
    assert failed["connection"] == "Slack history"
    refused = [line for line in lines if line["event"] == "slack.token_refused"]
    assert [line["setting"] for line in refused] == ["SLACK_USER_TOKEN"]
    assert [line for line in lines if line["event"] == "connection.failed"] == [failed]
    assert scraped["slackbot_connection_up{connection=Slack}"] == 1
    assert scraped["slackbot_connection_up{connection=Slack history}"] == 0


async def test_calls_with_the_user_token_are_counted_like_all_others() -> None:
    port = free_port()
    search = ScriptedCall("search_slack", '{"keywords": "refunds"}')
    script = [Round(tool_calls=[search]), says("They take a day.")]
    async with world(script, HTTP_PORT=str(port), SLACK_HISTORY_CHANNELS="*") as here:
        user = here.slack.workspace.add_app("search")
        async with bot_in(with_user_token(here, user)):
            here.slack.faults.next("assistant.search.context", error="missing_scope", times=None)
            assert (await here.ask("@slackbot how do refunds work?")).mark == "white_check_mark"
            scraped = samples_in((await get(port, "/metrics"))[1])
    assert scraped["slackbot_slack_calls_total{method=search.messages}{result=ok}"] == 1


async def ready(port: int, status: int) -> Mapping[str, Any]:
    """Wait until readiness is answered with a status; return what it says."""
    async with asyncio.timeout(NET):
        while True:
            answered, body = await get(port, "/readyz")
            if answered == status:
                told: Mapping[str, Any] = json.loads(body)
                return told
            await asyncio.sleep(0.02)


async def test_a_port_that_is_taken_ends_the_start_before_slack_is_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with world([], LLM_PROVIDER="offline", HTTP_PORT=port) as here:
            async with nothing_left_behind():
                with pytest.raises(ConfigurationError, match="HTTP_PORT is taken"):
                    async with bot_in(here):
                        raise AssertionError("connected")
            assert here.calls("auth.test") == []


async def test_f37_the_process_of_such_a_start_fails_and_names_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with (
            world([], LLM_PROVIDER="offline", HTTP_PORT=port) as here,
            slackbot(cwd=tmp_path, settings=here.settings) as process,
            asyncio.timeout(NET),
        ):
            _, shown = await process.communicate()
    assert process.returncode == 2
    assert b"HTTP_PORT is taken" in shown
    assert b"Traceback" not in shown


async def test_without_a_port_there_is_no_endpoint_and_without_seconds_no_check() -> None:
    with capture_logs() as lines:
        async with world([], LLM_PROVIDER="offline") as here, bot_in(here):
            assert (await here.ask("@slackbot thanks!")).mark == "white_check_mark"
            names = {task.get_name() for task in asyncio.all_tasks()}
    assert "health" not in names
    assert "connections.checked" not in [line["event"] for line in lines]
