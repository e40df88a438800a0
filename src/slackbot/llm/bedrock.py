"""Amazon Bedrock, by boto3's `converse_stream` in threads of its own.

Shapes, limits and error statuses are those of botocore's model of bedrock-runtime (2023-09-30).
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore import exceptions as aws
from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.tokens import FrozenAuthToken
from urllib3.exceptions import HTTPError, ReadTimeoutError

from slackbot.errors import ContextExceeded, ModelBusy, ModelError, ModelRejected, ModelStreamCut
from slackbot.messages import LLMResponse, TokenUsage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime import type_defs as wire
    from urllib3 import HTTPResponse

    from slackbot.llm.base import OnText
    from slackbot.messages import Message, StopReason, ToolResult
    from slackbot.tools import ToolSpec

    Request = wire.ConverseStreamRequestTypeDef
    Event = wire.ConverseStreamOutputTypeDef
    Block = wire.ContentBlockUnionTypeDef

_STOP_REASONS: dict[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "max_tokens",
    "guardrail_intervened": "filtered",
    "content_filtered": "filtered",
    "malformed_model_output": "malformed",
    "malformed_tool_use": "malformed",
    "model_context_window_exceeded": "context_exceeded",
}
# ModelTimeout, ModelError, Throttling and ModelNotReady; every 5xx is one more.
_BUSY_STATUSES = {408, 424, 429}
# This has no error code of its own, and each model puts it in other words.
_TOO_LONG = re.compile(
    r"(input|prompt) is too long|context (limit|length|window)|too many input tokens", re.IGNORECASE
)


class BedrockProvider:
    """A model of Bedrock; credentials that are not given come from boto3's own chain.

    Each call has a thread until its stream ends, at most `max_concurrency` at a time. Time-outs are
    in seconds; `read_timeout` bounds the wait for the first byte and every pause after it. The
    thread of a cancelled call ends at once, or, while Bedrock has not answered at all, when it
    does; the end of the process waits for none.
    """

    def __init__(
        self,
        *,
        model_id: str,
        region: str,
        profile: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        bearer_token: str | None = None,
        endpoint_url: str | None = None,
        max_tokens: int = 4096,
        max_concurrency: int = 128,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
    ) -> None:
        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_pool_connections=max_concurrency,
            retries={"total_max_attempts": 1},  # whoever wraps this provider retries
            signature_version="bearer" if bearer_token else None,
        )
        self._model_id = model_id
        self._max_tokens = max_tokens
        self._connect = partial(
            _connect,
            region_name=region,
            profile_name=profile,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            aws_session_token=session_token,
            bearer_token=bearer_token,
            endpoint_url=endpoint_url,
            config=config,
        )
        self._connected: BedrockRuntimeClient | None = None
        self._connecting = threading.Lock()
        self._places = asyncio.Semaphore(max_concurrency)
        self._closed = False

    async def warm(self) -> None:
        """Make the client ready (it takes up to 300 ms), which the first call does otherwise.

        Raises:
            ModelRejected: the settings do not make a client.
        """
        await (await self._begin(self._client))

    async def close(self) -> None:
        """Let go of the connections. What is still running must be cancelled before."""
        self._closed = True
        if self._connected is not None:
            self._connected.close()

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Stream one answer of the model; see `LLMProvider`."""
        request = to_wire(self._model_id, self._max_tokens, messages, system, tools)
        call = _StreamedCall(asyncio.get_running_loop())
        events: list[Event] = []
        reader = await self._begin(partial(call.read, self._client, request))
        reader.add_done_callback(lambda _: call.news.set())
        try:
            ended = False
            while not ended:
                await call.news.wait()
                ended = reader.done()  # asked before taking, or the last events could be missed
                batch = call.take()
                events += batch
                if on_text and (text := _text(batch)):
                    await on_text(text)
            await reader
        finally:
            call.stop()
        return from_wire(self._model_id, events)

    async def _begin(self, work: Callable[[], object]) -> asyncio.Future[None]:
        """Begin work in a thread once there is a place; return what tells that it is done.

        An executor's threads would be joined at the end of the process, however long they wait.
        """
        if self._closed:
            raise RuntimeError("the provider was closed")
        await self._places.acquire()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.add_done_callback(lambda _: self._places.release())
        threading.Thread(target=_settle, args=(done, work), name="bedrock", daemon=True).start()
        return done

    def _client(self) -> BedrockRuntimeClient:
        with self._connecting, vendor_errors():
            if self._connected is None:
                self._connected = self._connect()
            return self._connected


def _settle(done: asyncio.Future[None], work: Callable[[], object]) -> None:
    """Do the work and tell `done`, on its loop, how it ended."""
    error: Exception | None = None
    try:
        work()
    except Exception as raised:  # noqa: BLE001 - whoever awaits `done` gets it
        error = raised

    def tell() -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        done.get_loop().call_soon_threadsafe(tell)


class _StreamedCall:
    """One call, read by a thread and handed to the loop in batches.

    Waking the loop for every event costs a third more CPU than once for all that have come since
    it last looked.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.news = asyncio.Event()
        self._loop = loop
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._body: HTTPResponse | None = None
        self._stopped = False

    def read(self, client: Callable[[], BedrockRuntimeClient], request: Request) -> None:
        """Read the stream to its end, or until stopped. Runs in a thread."""
        try:
            with vendor_errors(), closing(client().converse_stream(**request)["stream"]) as stream:
                # botocore shows no public way to interrupt a read; see `stop`.
                self._body = stream._raw_stream  # type: ignore[attr-defined]
                events = iter(stream)
                while not self._stopped and (event := next(events, None)):
                    self._hand_over(event)
        except ModelError:
            if not self._stopped:  # a stream that was stopped ends like a broken one
                raise

    def stop(self) -> None:
        """Have the thread stop reading, even if it waits for the model.

        `EventStream.close` would not do: it waits for the read that it should interrupt.
        """
        self._stopped = True
        if self._body is not None:
            with suppress(ValueError, RuntimeError, OSError):  # it has ended already
                self._body.shutdown()

    def take(self) -> list[Event]:
        """Return what has come since the last time."""
        with self._lock:
            self.news.clear()
            events, self._events = self._events, []
        return events

    def _hand_over(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            first = len(self._events) == 1
        if first:
            self._loop.call_soon_threadsafe(self.news.set)


class _GivenToken:
    """A token provider that knows one token: botocore itself looks only in the environment."""

    def __init__(self, token: str) -> None:
        self._token = FrozenAuthToken(token)

    def load_token(self, **_: object) -> FrozenAuthToken:
        """Return the token, whichever service it is for."""
        return self._token


def _connect(
    *, bearer_token: str | None, endpoint_url: str | None, config: Config, **session: str | None
) -> BedrockRuntimeClient:
    core = botocore.session.Session()
    if bearer_token:
        core.register_component("token_provider", _GivenToken(bearer_token))
    return boto3.Session(botocore_session=core, **session).client(
        "bedrock-runtime", endpoint_url=endpoint_url, config=config
    )


@contextmanager
def vendor_errors() -> Iterator[None]:
    """Turn what boto3, botocore and urllib3 raise into errors of our tree, message and all."""
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(error) from error
    except (aws.ConnectionError, aws.HTTPClientError, ReadTimeoutError) as error:
        raise ModelBusy(str(error)) from error
    except (HTTPError, ParserError) as error:
        raise ModelStreamCut(str(error)) from error
    except aws.BotoCoreError as error:
        raise ModelRejected(str(error)) from error


def _refusal(error: aws.ClientError) -> ModelError:
    """Return our error for one that Bedrock sent, at the start or within a stream."""
    message = str(error)
    if _TOO_LONG.search(message):
        return ContextExceeded(message)
    if isinstance(error, aws.EventStreamError):
        return ModelStreamCut(message)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status in _BUSY_STATUSES or status >= 500:
        return ModelBusy(message)
    return ModelRejected(message)


def to_wire(
    model_id: str,
    max_tokens: int,
    messages: Sequence[Message],
    system: str,
    tools: Sequence[ToolSpec],
) -> Request:
    """Return the request. Converse wants alternating roles and refuses blank text."""
    request: Request = {
        "modelId": model_id,
        "messages": [
            {"role": role, "content": [block for message in run for block in _blocks(message)]}
            for role, run in groupby(filter(_blocks, messages), lambda message: message.role)
        ],
        "inferenceConfig": {"maxTokens": max_tokens},
    }
    if system.strip():
        request["system"] = [{"text": system}]
    if tools:
        request["toolConfig"] = {"tools": [_tool(spec) for spec in tools]}
    return request


def _blocks(message: Message) -> list[Block]:
    """Return the content blocks of a message: results stand before text, calls after it."""
    blocks: list[Block] = [*map(_result, message.tool_results)]
    if message.content.strip():
        blocks.append({"text": message.content})
    for call in message.tool_calls:
        arguments = dict(call.arguments)
        blocks.append({"toolUse": {"toolUseId": call.id, "name": call.name, "input": arguments}})
    return blocks


def _result(result: ToolResult) -> Block:
    return {
        "toolResult": {
            "toolUseId": result.call_id,
            "content": [{"text": result.content if result.content.strip() else "(empty)"}],
            "status": "error" if result.is_error else "success",
        }
    }


def _tool(spec: ToolSpec) -> wire.ToolTypeDef:
    return {
        "toolSpec": {
            "name": spec.name,
            "description": spec.description,
            "inputSchema": {"json": dict(spec.input_schema)},
        }
    }


def from_wire(model_id: str, events: Sequence[Event]) -> LLMResponse:
    """Return the response that a whole stream makes up.

    Raises:
        ModelStreamCut: there is no messageStop, which boto3 does not notice.
    """
    calls: dict[int, tuple[str, str, list[str]]] = {}
    reason: str | None = None
    usage = TokenUsage()
    for event in events:
        match event:
            case {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": use}}}:
                calls[index] = (use["toolUseId"], use["name"], [])
            case {"contentBlockDelta": {"contentBlockIndex": index, "delta": {"toolUse": piece}}}:
                calls[index][2].append(piece["input"])
            case {"messageStop": stop}:
                reason = stop["stopReason"]
            case {"metadata": {"usage": counts}}:
                usage = TokenUsage(
                    counts["inputTokens"],
                    counts["outputTokens"],
                    counts.get("cacheReadInputTokens", 0),
                    counts.get("cacheWriteInputTokens", 0),
                )
    if reason is None:
        raise ModelStreamCut("the stream ended without messageStop")
    return LLMResponse(
        content=_text(events),
        model=model_id,
        usage=usage,
        tool_calls=tuple(_call(*call) for call in calls.values()),
        stop_reason=_STOP_REASONS.get(reason, "end"),
    )


def _call(call_id: str, name: str, pieces: Sequence[str]) -> ToolCall:
    written = "".join(pieces)
    try:
        arguments = json.loads(written or "{}")  # a tool without arguments may get no text at all
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        return ToolCall(call_id, name, malformed=written)
    return ToolCall(call_id, name, arguments)


def _text(events: Sequence[Event]) -> str:
    deltas = (
        event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event
    )
    return "".join(delta.get("text", "") for delta in deltas)
