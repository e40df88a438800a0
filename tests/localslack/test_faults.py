"""Scripted faults: what the real SDK sees of them, and what has happened all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)

from localslack.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import Channel, LocalSlack

    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]


def texts(slack: LocalSlack, channel: Channel, root: str) -> list[str]:
    return [message.text for message in slack.workspace.thread(channel.id, root)]


async def test_faults_are_met_in_order_and_then_are_over(
    slack: LocalSlack, client: AsyncWebClient, refusal: Refusal
) -> None:
    slack.faults.next("auth.test", error="account_inactive", times=2)
    slack.faults.next("auth.test", error="token_revoked")
    codes = [await refusal(client.auth_test()) for _ in range(3)]
    assert codes == ["account_inactive", "account_inactive", "token_revoked"]
    assert (await client.auth_test())["ok"]
    assert [call.outcome for call in slack.calls] == [*codes, "ok"]


async def test_a_lasting_fault_holds_until_it_is_cleared(
    slack: LocalSlack, client: AsyncWebClient, refusal: Refusal
) -> None:
    slack.faults.next("auth.test", error="invalid_auth", times=None)
    codes = {await refusal(client.auth_test()) for _ in range(3)}
    assert codes == {"invalid_auth"}
    slack.faults.clear()
    assert (await client.auth_test())["ok"]


async def test_a_rate_limit_tells_when_to_come_back(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    slack.faults.next("auth.test", rate_limited=7)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "7"


async def test_the_sdk_comes_back_after_a_rate_limit(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    slack.faults.next("auth.test", rate_limited=0)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await client.auth_test())["ok"]
    assert [call.outcome for call in slack.calls] == ["ratelimited", "ok"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_http_error_is_no_answer_of_slacks(
    slack: LocalSlack, client: AsyncWebClient, status: int
) -> None:
    slack.faults.next("auth.test", http_status=status)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == status
    assert slack.calls[-1].outcome == f"http_{status}"


async def test_a_reset_before_the_effect_changes_nothing(
    slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    root = slack.say("ana", general, "x")
    slack.faults.next("chat.postMessage", reset_before_effect=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general.id, thread_ts=root, text="answer")
    assert texts(slack, general, root) == ["x"]


async def test_a_reset_after_the_effect_leaves_the_message(
    slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    root = slack.say("ana", general, "x")
    slack.faults.next("chat.postMessage", reset_after_effect=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general.id, thread_ts=root, text="answer")
    assert texts(slack, general, root) == ["x", "answer"]
    assert slack.calls[-1].outcome == "reset_after_effect"


async def test_the_sdks_own_retry_after_a_reset_posts_twice(
    slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    """The trap that the fault is for: the default retry handler repeats what took effect."""
    root = slack.say("ana", general, "x")
    slack.faults.next("chat.postMessage", reset_after_effect=True)
    client.retry_handlers.append(AsyncConnectionErrorRetryHandler(max_retry_count=1))
    await client.chat_postMessage(channel=general.id, thread_ts=root, text="answer")
    assert texts(slack, general, root) == ["x", "answer", "answer"]


def test_a_fault_is_one_kind_of_trouble() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Fault()
    with pytest.raises(ValueError, match="exactly one"):
        Fault(error="x", http_status=500)
