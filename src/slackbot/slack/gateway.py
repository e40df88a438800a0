"""Every call to Slack's Web API goes through here: time-outs, retries, errors, and their count.

A method that must get through (`insist`) waits as long as Slack says (`Retry-After`), within a
minute in all; what merely shows progress is tried once. A call whose effect is unknown, because the
connection broke or Slack failed, is repeated only where a second time does no harm.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from tenacity import AsyncRetrying, RetryCallState
from yarl import URL

from slackbot.errors import DeliveryError, Undeliverable
from slackbot.slack.events import BotIdentity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

CALL_SECONDS = 10.0
INSIST_SECONDS = 60.0
FIRST_BACKOFF_SECONDS = 0.5

START_SECONDS = 5.0
"""For how long a start waits for a Slack that is reached and cannot say who the bot is."""

CHANNELS_PER_PAGE, CHANNEL_PAGES = 500, 10

CONTEXT_RESULTS = 20
MESSAGE_RESULTS = 100
"""Slack's upper bounds for one call; more calls would soon meet its limits."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")

METHOD_SCOPES: Mapping[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "assistant.search.context": frozenset({"search:read.public"}),
    "assistant.threads.setStatus": frozenset({"chat:write"}),
    "chat.appendStream": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.startStream": frozenset({"chat:write"}),
    "chat.stopStream": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history"}),
    "conversations.replies": frozenset(
        {"channels:history", "groups:history", "im:history", "mpim:history"}
    ),
    "reactions.add": frozenset({"reactions:write"}),
    "search.messages": frozenset(),  # a user token's method: that token needs search:read
    "users.conversations": frozenset({"channels:read", "groups:read"}),
    "users.info": frozenset({"users:read"}),
}
"""The bot scopes that each method needs, by Slack's reference of its methods."""

_NEVER = frozenset(
    {
        "account_inactive", "channel_not_found", "invalid_auth", "is_archived", "not_authed",
        "not_in_channel", "restricted_action", "thread_not_found", "token_expired", "token_revoked",
    }
)  # fmt: skip
"""What holds for every method; `missing_scope` does not, and another method may serve."""
_AMBIGUOUS = frozenset({"timeout", "connection_failed", "internal_error", "fatal_error"})
_OUT_OF_REACH = frozenset({"timeout", "connection_failed"})
_PASSING = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout"})

# slack_sdk lets some errors of its parsing escape: a text body with status 200 has no `get`.
_CALL_ERRORS = (SlackClientError, aiohttp.ClientError, OSError, ValueError, AttributeError)


class SlackFailure(DeliveryError):
    """Slack did not do what was asked.

    `code` is Slack's error code, or one of ours: `timeout`, `connection_failed`, `http_<status>`.
    `retry_after` is in seconds, as Slack said. `ambiguous` says that it may have taken effect.
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
    def passing(self) -> bool:
        """Whether Slack refused for the moment only, and did nothing."""
        return self.code in _PASSING or self.code == "http_429"


class SlackRefusal(SlackFailure, Undeliverable):
    """Slack never will: the channel is gone or archived, or the bot is not in it."""


@dataclass(slots=True)
class Tally:
    """What was asked of Slack for one purpose, retries included; waiting for them is not."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a thread or of a history; `cursor` is empty on the last one."""

    messages: Sequence[Mapping[str, object]]
    cursor: str


Metadata = dict[str, object]
"""Slack's message metadata: `event_type` and `event_payload`."""


@asynccontextmanager
async def web_client(token: str | None, base_url: str) -> AsyncIterator[AsyncWebClient]:
    """Open a client that keeps its connections and leaves retries to the gateway.

    `base_url` ends in `/api`.
    """
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token,
            base_url=base_url,
            timeout=int(CALL_SECONDS),
            session=session,
            retry_handlers=[],
        )
        if URL(client.base_url).host in _LOOPBACK:
            # slack_sdk takes a proxy from the environment and knows no exceptions to it.
            client.proxy = None
        yield client


class SlackGateway:
    """Typed calls to Slack. All of them raise `SlackFailure` (a `DeliveryError`) and nothing else.

    `clock` measures durations in seconds; `sleep` waits between attempts.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        call_seconds: float = CALL_SECONDS,
        tally: Tally | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._sleep = sleep
        self._call_seconds = call_seconds
        self._tally = tally or Tally()

    def counting(self, tally: Tally) -> SlackGateway:
        """Return the same gateway, which counts its calls in `tally`."""
        return SlackGateway(
            self._client,
            clock=self._clock,
            sleep=self._sleep,
            call_seconds=self._call_seconds,
            tally=tally,
        )

    async def auth_test(self) -> BotIdentity:
        """Say who the bot is; a Slack that is busy or ailing is asked again for a few seconds."""
        attempts: AsyncRetrying = AsyncRetrying(
            retry=_slack_is_unwell,
            wait=_pause,
            stop=_start_is_over,
            sleep=self._sleep,
            reraise=True,
        )
        answer: AsyncSlackResponse = await attempts(
            self._attempt, "auth.test", self._client.auth_test
        )
        return BotIdentity(
            team=_text(answer, "team_id"),
            user_id=_text(answer, "user_id"),
            bot_id=_text(answer, "bot_id"),
            site=_text(answer, "url").rstrip("/"),
        )

    async def add_reaction(self, channel: str, ts: str, name: str, *, insist: bool = False) -> None:
        """Mark a message; a mark that is there already is no error."""
        try:
            await self._call(
                "reactions.add",
                lambda: self._client.reactions_add(channel=channel, name=name, timestamp=ts),
                insist=insist,
                repeatable=True,
            )
        except SlackFailure as failure:
            if failure.code != "already_reacted":
                raise

    async def set_status(
        self, channel: str, thread_ts: str, status: str, *, insist: bool = False
    ) -> None:
        """Say what is being done in a thread; an empty status clears it."""
        await self._call(
            "assistant.threads.setStatus",
            lambda: self._client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread_ts, status=status
            ),
            insist=insist,
            repeatable=True,
        )

    async def start_stream(
        self, channel: str, thread_ts: str, text: str, *, recipient_team: str, recipient_user: str
    ) -> str:
        """Begin a message that grows; return its ts."""
        answer = await self._call(
            "chat.startStream",
            lambda: self._client.chat_startStream(
                channel=channel,
                thread_ts=thread_ts,
                markdown_text=text,
                recipient_team_id=recipient_team,
                recipient_user_id=recipient_user,
            ),
        )
        return _text(answer, "ts")

    async def append_stream(self, channel: str, ts: str, text: str) -> None:
        """Add to a message that grows."""
        await self._call(
            "chat.appendStream",
            lambda: self._client.chat_appendStream(channel=channel, ts=ts, markdown_text=text),
        )

    async def stop_stream(
        self, channel: str, ts: str, text: str, metadata: Metadata | None
    ) -> None:
        """Add the last of a message that grows, and end it.

        Repeated where its effect is unknown: a stream that has ended refuses the second time with
        `message_not_in_streaming_state`.
        """
        await self._call(
            "chat.stopStream",
            lambda: self._client.chat_stopStream(
                channel=channel, ts=ts, markdown_text=text or None, metadata=metadata
            ),
            insist=True,
            repeatable=True,
        )

    async def post(self, channel: str, thread_ts: str, text: str, metadata: Metadata | None) -> str:
        """Say something in a thread, without previews of what it links to; return its ts."""
        answer = await self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread_ts,
                markdown_text=text,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
            insist=True,
        )
        return _text(answer, "ts")

    async def update(self, channel: str, ts: str, text: str, metadata: Metadata | None) -> None:
        """Put other text in the place of a message's."""
        await self._call(
            "chat.update",
            lambda: self._client.chat_update(
                channel=channel, ts=ts, markdown_text=text, metadata=metadata
            ),
            insist=True,
            repeatable=True,
        )

    async def replies(
        self,
        channel: str,
        thread_ts: str,
        *,
        cursor: str = "",
        oldest: str = "0",
        limit: int = 200,
        insist: bool = True,
    ) -> Page:
        """Return a page of a thread with its metadata, oldest messages first."""
        answer = await self._call(
            "conversations.replies",
            lambda: self._client.conversations_replies(
                channel=channel,
                ts=thread_ts,
                cursor=cursor or None,
                oldest=oldest,
                inclusive=True,
                limit=limit,
                include_all_metadata=True,
            ),
            insist=insist,
            repeatable=True,
        )
        return Page(_objects(answer.get("messages")), _cursor(answer))

    async def history(self, channel: str, *, cursor: str = "", limit: int = 200) -> Page:
        """Return a page of what stands in a channel itself, newest messages first."""
        answer = await self._call(
            "conversations.history",
            lambda: self._client.conversations_history(
                channel=channel, cursor=cursor or None, limit=limit
            ),
        )
        return Page(_objects(answer.get("messages")), _cursor(answer))

    async def channels(self) -> Sequence[Mapping[str, object]]:
        """Return Slack's objects of the channels that the bot is in, the first 5,000 of them."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(CHANNEL_PAGES):
            answer = await self._call(
                "users.conversations",
                partial(
                    self._client.users_conversations,
                    types="public_channel,private_channel",
                    limit=CHANNELS_PER_PAGE,
                    cursor=cursor or None,
                ),
            )
            found += _objects(answer.get("channels"))
            cursor = _cursor(answer)
            if not cursor:
                break
        return found

    async def search_context(self, query: str, action_token: str) -> Sequence[Mapping[str, object]]:
        """Search public channels in the name of the person whose event carried the token.

        Returns the best of Slack's objects, at most 20 of them.
        """
        answer = await self._call(
            "assistant.search.context",
            lambda: self._client.api_call(
                "assistant.search.context",
                json={
                    "query": query,
                    "action_token": action_token,
                    "channel_types": ["public_channel"],
                    "content_types": ["messages"],
                    "limit": CONTEXT_RESULTS,
                },
            ),
        )
        results = answer.get("results")
        return _objects(results.get("messages")) if isinstance(results, dict) else []

    async def search_messages(self, query: str) -> Sequence[Mapping[str, object]]:
        """Search all that the person can read whose token this is; a bot's token is refused.

        Returns the best of Slack's objects, at most 100 of them.
        """
        answer = await self._call(
            "search.messages",
            lambda: self._client.search_messages(query=query, count=MESSAGE_RESULTS),
        )
        found = answer.get("messages")
        return _objects(found.get("matches")) if isinstance(found, dict) else []

    async def user_info(self, user: str) -> Mapping[str, object]:
        """Return Slack's user object."""
        answer = await self._call(
            "users.info", lambda: self._client.users_info(user=user), repeatable=True
        )
        found = answer.get("user")
        return found if isinstance(found, dict) else {}

    async def _call(
        self,
        method: str,
        call: Callable[[], Awaitable[AsyncSlackResponse]],
        *,
        insist: bool = False,
        repeatable: bool = False,
    ) -> AsyncSlackResponse:
        def worth_another_try(state: RetryCallState) -> bool:
            failure = state.outcome.exception() if state.outcome else None
            if not insist or not isinstance(failure, SlackFailure):
                return False
            return failure.passing or (repeatable and failure.ambiguous)

        attempts: AsyncRetrying = AsyncRetrying(
            retry=worth_another_try,
            wait=_pause,
            stop=_patience_is_over,
            sleep=self._sleep,
            reraise=True,
        )
        return await attempts(self._attempt, method, call)

    async def _attempt(
        self, method: str, call: Callable[[], Awaitable[AsyncSlackResponse]]
    ) -> AsyncSlackResponse:
        began = self._clock()
        try:
            async with asyncio.timeout(self._call_seconds):
                return await call()
        except _CALL_ERRORS as error:
            raise _failure(method, error) from error
        finally:
            self._tally.calls += 1
            self._tally.seconds += self._clock() - began


def _pause(state: RetryCallState) -> float:
    failure = state.outcome.exception() if state.outcome else None
    if isinstance(failure, SlackFailure) and failure.retry_after is not None:
        return failure.retry_after
    return float(FIRST_BACKOFF_SECONDS * 2 ** (state.attempt_number - 1))


def _patience_is_over(state: RetryCallState) -> bool:
    return state.idle_for + state.upcoming_sleep > INSIST_SECONDS


def _start_is_over(state: RetryCallState) -> bool:
    so_far = max(state.idle_for, state.seconds_since_start or 0.0)  # errors may be slow to come
    return so_far + state.upcoming_sleep > START_SECONDS


def _slack_is_unwell(state: RetryCallState) -> bool:
    failure = state.outcome.exception() if state.outcome else None
    if not isinstance(failure, SlackFailure) or failure.code in _OUT_OF_REACH:
        return False
    return failure.passing or failure.ambiguous


def _failure(method: str, error: BaseException) -> SlackFailure:
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
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(given))
    except ValueError:
        return None


def _text(answer: AsyncSlackResponse, key: str) -> str:
    return str(answer.get(key) or "")


def _objects(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _cursor(answer: AsyncSlackResponse) -> str:
    following = answer.get("response_metadata")
    return str(following.get("next_cursor") or "") if isinstance(following, dict) else ""
