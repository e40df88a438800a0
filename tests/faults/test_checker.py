"""The checker finds what it is there to find."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from faults.checker import broken
from kit.departures import departures
from kit.world import world
from slackbot.slack.api.client import web_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.world import World

FINAL = {"event_type": "slackbot_answer"}


async def speak(here: World, method: str, **arguments: object) -> dict[str, Any]:
    """Call a method of Slack as the bot."""
    headers = {"Authorization": f"Bearer {here.app.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{here.slack.api_url}/{method}", json=arguments) as answer,
    ):
        said: dict[str, Any] = await answer.json()
        return said


async def act(here: World, ts: str, *acts: str) -> None:
    """Do what a bot may do: add a mark, give an answer, post, begin a stream, set a status."""
    place = {"channel": "general", "thread_ts": ts}
    person = {"recipient_user_id": "U0LOCAL0001", "recipient_team_id": "T0LOCAL0001"}
    for done in acts:
        kind, _, what = done.partition(" ")
        match kind:
            case "mark":
                await speak(here, "reactions.add", channel="general", timestamp=ts, name=what)
            case "answer":
                payload = {"event_payload": {"source_ts": ts, "state": what}}
                final = {"markdown_text": "Yes.", "metadata": FINAL | payload}
                await speak(here, "chat.postMessage", **place, **final)
            case "post":
                await speak(here, "chat.postMessage", **place, markdown_text="Hm.")
            case "stream":
                await speak(here, "chat.startStream", **place, **person, markdown_text="Hm.")
            case "status":
                where = {"channel_id": "general", "thread_ts": ts}
                await speak(here, "assistant.threads.setStatus", **where, status="thinks")
            case _:
                here.slack.faults.next("auth.test", rate_limited=30)
                await speak(here, "auth.test")
                await speak(here, "auth.test")


ENDED = ("mark eyes", "answer answered", "mark white_check_mark")


@pytest.mark.parametrize(
    ("acts", "wrong"),
    [
        (ENDED, []),
        ((), ["ended []"]),
        (("mark eyes",), ["ended []"]),
        (("mark eyes", "mark white_check_mark"), ["ended []"]),
        (("mark eyes", "answer answered"), ["ended ['answered'], marked []"]),
        (("answer failed", "mark white_check_mark"), ["ended ['failed'], marked ['white"]),
        ((*ENDED, "answer answered"), ["ended ['answered', 'answered']"]),
        ((*ENDED, "mark x"), ["ended ['answered'], marked ['white_check_mark', 'x']"]),
        ((*ENDED, "post"), ["neither an answer"]),
        ((*ENDED, "stream"), ["stream left open", "neither an answer"]),
        ((*ENDED, "status"), ["status left"]),
        ((*ENDED, "too soon"), ["called too soon"]),
    ],
)
async def test_whatever_does_not_hold_is_told(acts: Sequence[str], wrong: Sequence[str]) -> None:
    async with world([]) as here:
        ts = here.slack.say("ana", "general", "@slackbot hi")
        await act(here, ts, *acts)
        told = broken(here)
        assert len(told) == len(wrong)
        assert all(any(line.startswith(start) for line in told) for start in wrong)


async def test_an_answer_to_talk_among_people_is_told() -> None:
    async with world([]) as here:
        ts = here.slack.say("ana", "general", "lunch?")
        assert broken(here) == []
        await act(here, ts, "answer answered")
        (told,) = broken(here)
        assert told.startswith("not to be ended ['answered'], marked []")


async def test_an_answer_to_a_question_that_was_taken_back_before_is_told() -> None:
    async with world([]) as here:
        root = here.slack.say("ben", "general", "lunch?")
        ts = here.slack.say("ana", "general", "@slackbot hi", thread_ts=root)
        payload = {"event_payload": {"source_ts": ts, "state": "answered"}}
        here.slack.delete("ana", "general", ts)
        final = {"thread_ts": root, "markdown_text": "Yes.", "metadata": FINAL | payload}
        await speak(here, "chat.postMessage", channel="general", **final)
        (told,) = broken(here)
        assert told.startswith("an answer to what is not there")
        assert broken(here, gone={ts}) == []


async def test_a_call_is_too_soon_only_if_it_left_after_the_bot_was_told() -> None:
    async with world([]) as here, web_client(here.app.bot_token, here.slack.api_url) as client:
        with departures() as left:
            here.slack.faults.next("auth.test", rate_limited=30)
            under_way = [client.auth_test() for _ in range(2)]
            refused, late = await asyncio.gather(*under_way, return_exceptions=True)
            await client.auth_test()
    assert isinstance(refused, SlackApiError)
    assert not isinstance(late, BaseException)
    here_left = left[here.slack.api_url]
    assert [call.hasty for call in here_left.calls] == [False, False, True]
    assert [here_left.excuse(one) for one in here.slack.tiers.violations] == [True, False]
