"""Calls to Slack: what they do, what they raise, when they are repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from slackbot.errors import DeliveryError, Undeliverable
from slackbot.slack.api.calls import Token
from slackbot.slack.api.priorities import FINAL_POST, IDENTITY, SEARCH
from slackbot.slack.api.reading import CHANNEL_PAGES
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.gateway import SlackFailure, SlackGateway, SlackRefusal, Tally, web_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from slack_sdk.web.async_client import AsyncWebClient

    from kit.sleeps import Sleeps
    from localslack import App, LocalSlack, Workspace
    from slackbot.conversation import Incoming
    from slackbot.slack.events import BotIdentity

Serve = Callable[[Callable[[], Awaitable[web.Response]]], Awaitable[SlackGateway]]


async def test_the_token_says_who_the_bot_is_and_where(
    gateway: SlackGateway, slack: LocalSlack, bot: BotIdentity
) -> None:
    assert await gateway.auth_test() == replace(bot, site=slack.api_url.removesuffix("/api"))


async def test_that_a_token_is_refused_is_told_with_the_setting_that_has_it(
    slack: LocalSlack,
) -> None:
    with capture_logs() as lines:
        async with web_client("xoxp-of-nobody", slack.api_url) as client:
            gateway = SlackGateway(client, token=Token("SLACK_USER_TOKEN"))
            with pytest.raises(SlackFailure):
                await gateway.auth_test()
    assert [(line["event"], line["setting"], line["code"]) for line in lines] == [
        ("slack.token_refused", "SLACK_USER_TOKEN", "invalid_auth")
    ]


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        ({"http_status": 503}, 0.5),
        ({"http_status": 429}, 0.5),
        ({"rate_limited": 2}, 2.0),
        ({"error": "internal_error"}, 0.5),
        ({"error": "service_unavailable"}, 0.5),
    ],
)
async def test_who_the_bot_is_is_asked_again_when_slack_is_busy(
    gateway: SlackGateway,
    slack: LocalSlack,
    sleeps: Sleeps,
    bot: BotIdentity,
    fault: dict[str, Any],
    least: float,
) -> None:
    slack.faults.next("auth.test", **fault)
    assert (await gateway.auth_test()).user_id == bot.user_id
    assert least - 0.1 < sum(sleeps.seconds) <= least + 0.5


@pytest.mark.parametrize("fault", [{"http_status": 503}, {"rate_limited": 2}])
async def test_who_the_bot_is_is_not_asked_for_ever(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, fault: dict[str, Any]
) -> None:
    slack.faults.next("auth.test", times=None, **fault)
    with pytest.raises(SlackFailure):
        await gateway.auth_test()
    assert len(sleeps.seconds) > 1
    assert sum(sleeps.seconds) <= IDENTITY.patience


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"error": "invalid_auth"}, "invalid_auth"),
        ({"reset_before_effect": True}, "connection_failed"),
        ({"rate_limited": 30}, "ratelimited"),
    ],
)
async def test_the_start_does_not_wait_for_what_will_not_pass_soon(
    gateway: SlackGateway,
    slack: LocalSlack,
    sleeps: Sleeps,
    fault: dict[str, Any],
    code: str,
) -> None:
    slack.faults.next("auth.test", **fault)
    with pytest.raises(SlackFailure, match=code):
        await gateway.auth_test()
    assert sum(sleeps.seconds) == 0


async def test_a_mark_that_is_there_already_is_no_error(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    await gateway.add_reaction(question.channel, question.ts, "eyes")
    await gateway.add_reaction(question.channel, question.ts, "eyes")
    assert [call.outcome for call in slack.calls] == ["ok", "already_reacted"]


async def test_other_refusals_of_a_mark_are_errors(
    gateway: SlackGateway, question: Incoming
) -> None:
    with pytest.raises(SlackFailure) as caught:
        await gateway.add_reaction(question.channel, question.ts, "no_such_emoji")
    assert (caught.value.code, caught.value.method) == ("invalid_name", "reactions.add")


async def test_posts_have_no_previews(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    await gateway.post(question.channel, question.ts, "**hi**", None)
    arguments = slack.calls[-1].arguments
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)
    assert arguments["markdown_text"] == "**hi**"


async def test_a_stream_becomes_a_message(
    gateway: SlackGateway, workspace: Workspace, question: Incoming
) -> None:
    channel = question.channel
    ts = await gateway.start_stream(
        channel, question.ts, "one ", recipient_team=question.team, recipient_user=question.asker
    )
    await gateway.append_stream(channel, ts, "two ")
    metadata: dict[str, object] = {"event_type": "x", "event_payload": {"a": 1}}
    await gateway.stop_stream(channel, ts, "three", metadata)
    message = workspace.message(channel, ts)
    assert (message.text, message.metadata) == ("one two three", metadata)
    await gateway.update(channel, ts, "four", None)
    assert workspace.message(channel, ts).text == "four"


async def test_a_thread_is_read_page_by_page(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    slack.say("ana", "general", "more", thread_ts=question.ts)
    first = await gateway.replies(question.channel, question.ts, limit=1)
    second = await gateway.replies(question.channel, question.ts, limit=1, cursor=first.cursor)
    assert [first.messages[0]["ts"], second.messages[0]["text"]] == [question.ts, "more"]
    assert (bool(first.cursor), second.cursor) == (True, "")


async def test_a_user_is_looked_up(gateway: SlackGateway, question: Incoming) -> None:
    assert (await gateway.user_info(question.asker))["real_name"] == "Ana Ruiz"


async def test_a_status_is_shown(
    gateway: SlackGateway, slack: LocalSlack, workspace: Workspace, question: Incoming
) -> None:
    await gateway.set_status(question.channel, question.ts, "is thinking…")
    assert workspace.status(question.channel, question.ts, slack.clock()) == "is thinking…"


@pytest.mark.parametrize(
    "code", ["channel_not_found", "not_in_channel", "is_archived", "invalid_auth"]
)
async def test_what_slack_never_does_is_undeliverable(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming, code: str
) -> None:
    slack.faults.next("chat.postMessage", error=code)
    with pytest.raises(Undeliverable, match=code) as caught:
        await gateway.post(question.channel, question.ts, "hi", None)
    assert isinstance(caught.value, SlackRefusal)
    assert len(slack.calls) == 1


async def test_a_throttled_call_that_must_get_through_waits_as_long_as_slack_says(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, question: Incoming
) -> None:
    slack.faults.next("chat.postMessage", rate_limited=7, times=2)
    await gateway.post(question.channel, question.ts, "hi", None)
    assert sum(sleeps.seconds) == pytest.approx(14, abs=0.5)
    assert [call.outcome for call in slack.calls] == ["ratelimited", "ratelimited", "ok"]


async def test_patience_ends(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, question: Incoming
) -> None:
    slack.faults.next("chat.postMessage", rate_limited=400, times=None)
    with pytest.raises(DeliveryError, match="ratelimited"):
        await gateway.post(question.channel, question.ts, "hi", None)
    assert len(slack.calls) == 3
    assert sum(sleeps.seconds) <= FINAL_POST.patience


async def test_a_throttled_sign_of_progress_is_dropped(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, question: Incoming
) -> None:
    slack.faults.next("assistant.threads.setStatus", rate_limited=7)
    with pytest.raises(SlackFailure) as caught:
        await gateway.set_status(question.channel, question.ts, "x")
    assert (caught.value.retry_after, caught.value.passing) == (7, True)
    assert sum(sleeps.seconds) == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_what_can_be_repeated_without_harm_is_repeated(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, question: Incoming, status: int
) -> None:
    slack.faults.next("reactions.add", http_status=status, times=2)
    await gateway.add_reaction(question.channel, question.ts, "eyes")
    assert len(slack.calls) == 3
    assert 1.5 <= sum(sleeps.seconds) <= 2.5


async def test_a_post_whose_effect_is_unknown_is_not_repeated(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    slack.faults.next("chat.postMessage", reset_after_effect=True)
    with pytest.raises(SlackFailure) as caught:
        await gateway.post(question.channel, question.ts, "hi", None)
    assert (caught.value.code, caught.value.ambiguous) == ("connection_failed", True)
    assert len(slack.calls) == 1


async def test_calls_are_counted_for_whom_they_are_made(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    tally = Tally()
    slack.faults.next("chat.postMessage", rate_limited=1)
    await gateway.counting(tally).post(question.channel, question.ts, "hi", None)
    await gateway.user_info(question.asker)
    assert tally.calls == 2
    assert tally.seconds > 0


async def test_a_proxy_of_the_environment_is_not_used_for_loopback(
    slack: LocalSlack, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with web_client(app.bot_token, slack.api_url) as client:
        await SlackGateway(client).auth_test()


async def test_a_client_keeps_the_proxy_for_slack_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with web_client("xoxb-test", "https://slack.com/api") as client:
        assert client.proxy == "http://127.0.0.1:9"


async def test_a_client_leaves_retries_to_the_gateway() -> None:
    async with web_client("xoxb-test", "https://slack.com/api") as client:
        assert client.retry_handlers == []


# A Slack that answers anything at all


@pytest.fixture
async def answering(sleeps: Sleeps) -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []
    clients: list[AbstractAsyncContextManager[AsyncWebClient]] = []

    async def serve(answer: Callable[[], Awaitable[web.Response]]) -> SlackGateway:
        async def handle(_: web.Request) -> web.Response:
            return await answer()

        application = web.Application()
        application.router.add_route("*", "/api/{method}", handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        context = web_client("xoxb-test", f"http://127.0.0.1:{runner.addresses[0][1]}/api")
        clients.append(context)
        return SlackGateway(
            await context.__aenter__(),
            Traffic({}, clock=sleeps.clock, sleep=sleeps),
            call_seconds=0.2,
        )

    yield serve
    for context in clients:
        await context.__aexit__(None, None, None)
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"status": 200, "text": "hello", "content_type": "text/plain"}, "connection_failed"),
        ({"status": 500, "text": "hello", "content_type": "text/plain"}, "http_500"),
        ({"status": 200, "text": "{", "content_type": "application/json"}, "http_200"),
        ({"status": 404, "text": "<p>", "content_type": "text/html"}, "http_404"),
        ({"status": 429, "headers": {"Retry-After": "soon"}}, "http_429"),
        ({"status": 200, "text": '{"ok": false}', "content_type": "application/json"}, "http_200"),
    ],
)
async def test_every_odd_answer_is_a_failure_with_a_code(
    answering: Serve,
    response: dict[str, object],
    code: str,
) -> None:
    async def answer() -> web.Response:
        return web.Response(**response)  # type: ignore[arg-type] # as parametrised

    gateway = await answering(answer)
    with pytest.raises(SlackFailure) as caught:
        await gateway.user_info("U1")
    assert (caught.value.code, caught.value.retry_after) == (code, None)


async def test_a_slow_call_times_out(
    answering: Serve,
) -> None:
    async def answer() -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    gateway = await answering(answer)
    with pytest.raises(SlackFailure, match=r"users\.info: timeout"):
        await gateway.user_info("U1")


async def test_answers_without_the_expected_fields_are_empty(
    answering: Serve,
) -> None:
    async def answer() -> web.Response:
        return web.json_response({"ok": True})

    gateway = await answering(answer)
    assert await gateway.user_info("U1") == {}
    for page in (await gateway.replies("C1", "1.0"), await gateway.history("C1")):
        assert (page.messages, page.cursor) == ([], "")
    assert await gateway.channels() == []
    assert await gateway.search_context("x", "token") == []
    assert await gateway.search_messages("x") == []


async def test_channels_come_from_all_pages_within_bounds(answering: Serve) -> None:
    asked = 0

    async def answer() -> web.Response:
        nonlocal asked
        asked += 1
        more = {"next_cursor": "more"}
        return web.json_response(
            {"ok": True, "channels": [{"id": f"C{asked}"}, "odd"], "response_metadata": more}
        )

    gateway = await answering(answer)
    found = await gateway.channels()
    assert [channel["id"] for channel in found] == [f"C{page}" for page in range(1, asked + 1)]
    assert asked == CHANNEL_PAGES


async def test_a_history_is_read_page_by_page_the_newest_first(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    slack.say("ana", "general", "newer")
    first = await gateway.history(question.channel, limit=1)
    second = await gateway.history(question.channel, limit=1, cursor=first.cursor)
    assert [first.messages[0]["text"], second.messages[0]["ts"]] == ["newer", question.ts]


async def test_a_search_does_not_wait_for_slacks_limits(
    gateway: SlackGateway, slack: LocalSlack, sleeps: Sleeps, question: Incoming
) -> None:
    for method in ("conversations.history", "conversations.replies", "users.conversations"):
        slack.faults.next(method, rate_limited=1)
    reads: list[Callable[[], Awaitable[object]]] = [
        lambda: gateway.history(question.channel),
        lambda: gateway.replies(question.channel, question.ts, priority=SEARCH),
        gateway.channels,
    ]
    for read in reads:
        with pytest.raises(SlackFailure, match="ratelimited"):
            await read()
    assert sum(sleeps.seconds) == 0
