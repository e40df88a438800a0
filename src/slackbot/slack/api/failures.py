"""What can go wrong with a call to Slack: every error of the transport becomes one of ours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from slackbot.errors import DeliveryError, Undeliverable
from slackbot.resilience.limits import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

THROTTLED = "throttled"
"""Our own code: the call was not sent, since Slack's limits left no room for it in time."""

STREAM_ENDED = "message_not_in_streaming_state"
STREAM_CONFLICT = "streaming_state_conflict"

TOO_MUCH = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks"})
"""Slack cannot show this text as it is; in smaller parts, or plain, it may."""

# slack_sdk lets some errors of its parsing escape: a text body with status 200 has no `get`.
TRANSPORT_ERRORS = (aiohttp.ClientError, OSError, ValueError, AttributeError)
CALL_ERRORS = (SlackClientError, *TRANSPORT_ERRORS)

REFUSED_TOKENS = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""Slack's error codes that say that another token is needed."""

_NEVER = REFUSED_TOKENS | frozenset(
    {
        "channel_not_found", "is_archived", "not_in_channel", "restricted_action",
        "thread_not_found",
    }
)  # fmt: skip
"""What holds for every method; `missing_scope` does not, and another method may serve."""
_OUT_OF_REACH = frozenset({"timeout", "connection_failed"})
_AMBIGUOUS = _OUT_OF_REACH | {"internal_error", "fatal_error"}
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "http_429", THROTTLED}
)


Kind = Literal["no_room", "throttled", "unanswered", "refused"]
"""What came of a call that failed: not sent, sent too soon, sent into the dark, or declined."""


class SlackFailure(DeliveryError):
    """Slack did not do what was asked.

    `code` is Slack's error code, or one of ours: `timeout`, `connection_failed`, `http_<status>`,
    `throttled`. `retry_after` is in seconds, as Slack said. `ambiguous` says that it may have taken
    effect.
    """

    def __init__(self, method: str, code: str, retry_after: float | None = None) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code
        self.retry_after = retry_after

    @property
    def ambiguous(self) -> bool:
        """Whether the call may have taken effect all the same."""
        return self.code in _AMBIGUOUS or self.code.startswith("http_5")

    @property
    def out_of_reach(self) -> bool:
        """Whether nobody answered."""
        return self.code in _OUT_OF_REACH

    @property
    def kind(self) -> Kind:
        """One of a few words for what happened, where codes are many."""
        if self.code == THROTTLED:
            return "no_room"
        if self.passing:
            return "throttled"
        return "unanswered" if self.ambiguous else "refused"

    @property
    def passing(self) -> bool:
        """Whether it was refused for the moment only, and nothing was done."""
        return self.code in _PASSING


class SlackRefusal(SlackFailure, Undeliverable):
    """Slack never will: the channel is gone or archived, or the bot is not in it."""


def failure_of(method: str, error: BaseException) -> SlackFailure:
    """Return what one of `CALL_ERRORS` means for a call of `method`."""
    if isinstance(error, TimeoutError):
        return SlackFailure(method, "timeout")
    if not isinstance(error, SlackApiError):
        return SlackFailure(method, "connection_failed")
    response = error.response
    data = getattr(response, "data", None)
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    code = data.get("error") if isinstance(data, dict) else None
    if not isinstance(code, str):
        code = f"http_{status}"
    failure = SlackRefusal if code in _NEVER else SlackFailure
    return failure(method, code, _retry_after(getattr(response, "headers", {})))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    return parse_retry_after(given, time.time())
