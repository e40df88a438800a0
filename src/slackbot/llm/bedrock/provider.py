"""The provider: its client, and one call after another."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

import boto3
import botocore
import botocore.session
import structlog
from botocore.config import Config
from botocore.exceptions import CredentialRetrievalError
from botocore.tokens import FrozenAuthToken

from slackbot.errors import ModelRejected
from slackbot.llm.bedrock.bell import Bell
from slackbot.llm.bedrock.caching import marked
from slackbot.llm.bedrock.errors import CachingRefused, vendor_errors
from slackbot.llm.bedrock.interruption import let_patience_end
from slackbot.llm.bedrock.stream import StreamedCall
from slackbot.llm.bedrock.wire import Parameters, from_wire, text_of, to_wire
from slackbot.resilience.loopback import leads_here
from slackbot.resilience.threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

    from slackbot.llm.base import OnText
    from slackbot.llm.bedrock.wire import Event, Request
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec


log = structlog.get_logger(__name__)

USER_AGENT = f"slackbot Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
"""Given, for botocore makes its own up twice for each request, a tenth of what one costs."""

MANY_STREAMS = 32
PAUSE = 0.1
"""With more streams than that, each is left to itself for so many seconds at a time."""


class BedrockProvider:
    """A model of Bedrock; credentials that are not given come from boto3's own chain.

    `model_id` may be a model's, an inference profile's, or the ARN of one. A `temperature` or a
    guardrail is sent only if it is given; `prompt_cache` marks what Bedrock may keep, as long as
    the model takes such marks.

    Each call has a thread until its stream ends, at most `max_concurrency` at a time. Time-outs are
    in seconds; `read_timeout` bounds the wait for the first byte and every pause after it. The
    thread of a cancelled call ends at once, or, if it has no connection yet, when it has one; the
    end of the process waits for none.
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
        temperature: float | None = None,
        guardrail_id: str | None = None,
        guardrail_version: str = "DRAFT",
        prompt_cache: bool = True,
        max_concurrency: int = 128,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
    ) -> None:
        config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_pool_connections=max_concurrency,
            user_agent=USER_AGENT,
            retries={"total_max_attempts": 1},  # whoever wraps this provider retries
            parameter_validation=False,  # Bedrock does it too, and a large request takes long
            signature_version="bearer" if bearer_token else None,
            proxies={} if leads_here(endpoint_url) else None,  # None: those of the environment
        )
        self._parameters = Parameters(
            model_id=model_id,
            max_tokens=max_tokens,
            temperature=temperature,
            guardrail_id=guardrail_id,
            guardrail_version=guardrail_version,
        )
        self._marks_cache = prompt_cache
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
        self._bell: Bell | None = None
        self._threads = DaemonThreads(max_concurrency, "bedrock")
        self._closed = False

    async def warm(self) -> None:
        """Make the client ready (it takes up to 300 ms), which the first call does otherwise.

        Needs no network: credentials that cannot be fetched yet are left to the first call.

        Raises:
            ModelRejected: the settings do not make a client.
        """
        try:
            await (await self._threads.begin(self._client))
        except ModelRejected as error:
            if not isinstance(error.__cause__, CredentialRetrievalError):
                raise

    async def close(self) -> None:
        """Let go of connections and threads. What is still running must be cancelled before."""
        self._closed = True
        self._threads.close()
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
        request = to_wire(self._parameters, messages, system, tools)
        if not self._marks_cache:
            return await self._stream(request, on_text)
        try:
            return await self._stream(marked(request), on_text)
        except CachingRefused as error:
            log.warning("bedrock.caching_refused", error=str(error))
            self._marks_cache = False
            return await self._stream(request, on_text)

    async def _stream(self, request: Request, on_text: OnText | None) -> LLMResponse:
        self._bell = self._bell or Bell(asyncio.get_running_loop())
        call = StreamedCall(self._bell, self._pause)
        events: list[Event] = []
        reader = await self._threads.begin(partial(call.read, self._client, request))
        reader.add_done_callback(lambda _: call.news.set())
        try:
            ended = False
            while not ended:
                await call.news.wait()
                ended = reader.done()  # asked before taking, or the last events could be missed
                batch = call.take()
                events += batch
                if on_text and (text := text_of(batch)):
                    await on_text(text)
            await reader
        finally:
            call.stop()
        return from_wire(self._parameters.model_id, events)

    def _pause(self) -> float:
        return PAUSE if self._threads.busy > MANY_STREAMS else 0.0

    def _client(self) -> BedrockRuntimeClient:
        with self._connecting, vendor_errors():
            if self._closed:
                raise ModelRejected("the provider was closed")
            if self._connected is None:
                try:
                    client = self._connect()
                except ValueError as error:  # botocore's for an address that is none
                    raise ModelRejected(str(error)) from error
                let_patience_end(client)
                self._connected = client
            return self._connected


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
