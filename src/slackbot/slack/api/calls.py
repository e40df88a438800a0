"""One call to Slack's Web API: when it may leave, how long it may take, what it counts as."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import structlog

from slackbot.slack.api.client import CALL_SECONDS, on_loopback
from slackbot.slack.api.failures import CALL_ERRORS, REFUSED_TOKENS, SlackFailure, failure_of
from slackbot.slack.api.rates import SLACK_LIMITS
from slackbot.slack.api.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from slackbot.slack.api.priorities import Priority
    from slackbot.slack.api.rates import Limit

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What was asked of Slack for one purpose, retries included; waiting for them is not."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Token:
    """Whether Slack takes a token: `refused` is the error code by which it last did not.

    `setting` is the one that has it, for an operator to know which of several to replace.
    """

    setting: str = "SLACK_BOT_TOKEN"
    refused: str | None = None

    def failed(self, failure: SlackFailure) -> None:
        """Take in a failure; that the token is refused is told once."""
        if failure.code in REFUSED_TOKENS:
            if self.refused is None:
                log.error(
                    "slack.token_refused",
                    setting=self.setting,
                    method=failure.method,
                    code=failure.code,
                )
            self.refused = failure.code

    def served(self, method: str) -> None:
        """Take in that a call was served: a token that was refused by mistake is good again."""
        if self.refused is not None:
            log.warning("slack.token_accepted", setting=self.setting, method=method)
            self.refused = None


class SlackCalls:
    """Makes calls. All of them raise `SlackFailure` (a `DeliveryError`) and nothing else.

    `traffic` decides when they leave; by default within the limits that Slack publishes, which a
    server on loopback does not share. `call_seconds` is how long one attempt may take.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        traffic: Traffic | None = None,
        *,
        call_seconds: float = CALL_SECONDS,
        tally: Tally | None = None,
        token: Token | None = None,
    ) -> None:
        self._client = client
        self._traffic = traffic or Traffic(limits_for(client))
        self._call_seconds = call_seconds
        self._tally = tally or Tally()
        self.token = token or Token()

    def counting(self, tally: Tally) -> Self:
        """Return the same, which counts its calls in `tally`."""
        return type(self)(
            self._client,
            self._traffic,
            call_seconds=self._call_seconds,
            tally=tally,
            token=self.token,
        )

    async def _call(
        self,
        method: str,
        send: Callable[[], Awaitable[AsyncSlackResponse]],
        priority: Priority,
        *,
        channel: str = "",
    ) -> AsyncSlackResponse:
        attempt = partial(self._attempt, method, send)
        return await self._traffic.call(method, attempt, priority, channel=channel)

    async def _attempt(
        self, method: str, send: Callable[[], Awaitable[AsyncSlackResponse]]
    ) -> AsyncSlackResponse:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._call_seconds):
                answer = await send()
        except CALL_ERRORS as error:
            failure = failure_of(method, error)
            self.token.failed(failure)
            raise failure from error
        else:
            self.token.served(method)
            return answer
        finally:
            self._tally.calls += 1
            self._tally.seconds += time.perf_counter() - began


def limits_for(client: AsyncWebClient) -> Mapping[str, Sequence[Limit]]:
    """Return the limits that hold where a client sends its calls."""
    return {} if on_loopback(client) else SLACK_LIMITS


def scopes_in(answer: AsyncSlackResponse) -> frozenset[str] | None:
    """Return the scopes of the token that a call was made with: Slack names them in a header.

    Source: https://docs.slack.dev/tools/node-slack-sdk/reference/web-api/interfaces/
    WebAPICallResult, which has them as `response_metadata.scopes`.
    """
    headers = {name.lower(): value for name, value in answer.headers.items()}
    named = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(","))
    return named - {""} or None


def text_in(answer: AsyncSlackResponse, key: str) -> str:
    """Return a field of an answer, empty if it is not there."""
    return str(answer.get(key) or "")


def objects_in(value: object) -> list[Mapping[str, object]]:
    """Return the objects of a list, and nothing else that may stand there."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def cursor_in(answer: AsyncSlackResponse) -> str:
    """Return where the next page begins, empty on the last one."""
    following = answer.get("response_metadata")
    return str(following.get("next_cursor") or "") if isinstance(following, dict) else ""
