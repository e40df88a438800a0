"""The provider: its connection, and one call after another."""

from __future__ import annotations

import asyncio
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import structlog
from botocore.exceptions import CredentialRetrievalError

from slackbot.errors import ModelError, ModelRejected
from slackbot.llm.bedrock.caching import marked
from slackbot.llm.bedrock.client import BedrockClient
from slackbot.llm.bedrock.errors import CachingRefused, vendor_errors
from slackbot.llm.bedrock.frames import EventDecoder
from slackbot.llm.bedrock.wire import Parameters, from_wire, text_of, to_wire
from slackbot.resilience.http import StreamingClient
from slackbot.resilience.threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm.base import OnText
    from slackbot.llm.bedrock.client import Account, SignedRequest
    from slackbot.llm.bedrock.wire import Event, Request
    from slackbot.messages import LLMResponse, Message
    from slackbot.resilience.http import StreamedAnswer
    from slackbot.tools import ToolSpec


log = structlog.get_logger(__name__)

MAX_THREADS = 4
"""For what would hold up the loop: to make the client, to fetch credentials, to sign files."""

SIGNED_A_TURN = 8
"""How many requests are signed before the loop turns to others: each takes half a millisecond."""

GATHERED_BYTES = 512
"""How much of a block of text is read at a time. A piece of it has some 200 bytes; the three events
that end a stream have more than this together, so that its end is read when it comes."""


class BedrockProvider:
    """A model of Bedrock.

    `model_id` may be a model's, an inference profile's, or the ARN of one. A `temperature` or a
    guardrail is sent only if it is given; `prompt_cache` marks what Bedrock may keep, as long as
    the model takes such marks.

    At most `max_concurrency` calls are under way at a time. Time-outs are in seconds;
    `read_timeout` bounds the wait for the first byte and every pause after it. A cancelled call
    closes its connection at once.
    """

    def __init__(
        self,
        account: Account,
        *,
        model_id: str,
        max_tokens: int = 4096,
        temperature: float | None = None,
        guardrail_id: str | None = None,
        guardrail_version: str = "DRAFT",
        prompt_cache: bool = True,
        max_concurrency: int = 128,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
    ) -> None:
        self._parameters = Parameters(
            model_id=model_id,
            max_tokens=max_tokens,
            temperature=temperature,
            guardrail_id=guardrail_id,
            guardrail_version=guardrail_version,
        )
        self._marks_cache = prompt_cache
        self._make_client = partial(BedrockClient, account)
        self._make_sender = partial(
            StreamingClient,
            max_connections=max_concurrency,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._connecting = asyncio.Lock()
        self._signing = asyncio.Semaphore(SIGNED_A_TURN)
        self._connected: tuple[BedrockClient, StreamingClient] | None = None
        self._threads = DaemonThreads(MAX_THREADS, "bedrock")
        self._closed = False

    async def warm(self) -> None:
        """Make the client ready (it takes up to 300 ms), which the first call does otherwise.

        Needs no network: credentials that cannot be fetched yet are left to the first call.

        Raises:
            ModelRejected: the settings do not make a client.
        """
        try:
            await self._connection()
        except ModelRejected as error:
            if not isinstance(error.__cause__, CredentialRetrievalError):
                raise

    async def close(self) -> None:
        """Let go of connections and threads. What is still running must be cancelled before."""
        self._closed = True
        self._threads.close()
        if self._connected is not None:
            _, sender = self._connected
            await sender.close()

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
        has_files = any(message.attachments for message in messages)
        ask = partial(self._ask, has_files=has_files, on_text=on_text)
        if not self._marks_cache:
            return await ask(request)
        try:
            return await ask(marked(request))
        except CachingRefused as error:
            log.warning("bedrock.caching_refused", error=str(error))
            self._marks_cache = False
            return await ask(request)

    async def _ask(
        self, request: Request, *, has_files: bool, on_text: OnText | None
    ) -> LLMResponse:
        client, sender = await self._connection()
        with vendor_errors():
            signed = await self._signed(client, request, has_files=has_files)
            answer = await sender.post(signed.url, signed.headers, signed.body)
        with closing(answer):
            if answer.status >= 300:
                with vendor_errors():
                    said = await answer.refusal()
                    raise client.refusal(answer.status, answer.headers, said)
            return from_wire(self._parameters.model_id, await _read(answer, on_text))

    async def _signed(
        self, client: BedrockClient, request: Request, *, has_files: bool
    ) -> SignedRequest:
        if has_files or client.may_wait:
            return await self._threads.run(partial(client.signed, request))
        await self._signing.acquire()
        asyncio.get_running_loop().call_soon(self._signing.release)
        return client.signed(request)

    async def _connection(self) -> tuple[BedrockClient, StreamingClient]:
        async with self._connecting:
            if self._closed:
                raise ModelRejected("the provider was closed")
            if self._connected is None:
                with vendor_errors():
                    client = await self._threads.run(self._make_client)
                sender = self._make_sender(client.address, certificates=client.certificates)
                self._connected = client, sender
            return self._connected


async def _read(answer: StreamedAnswer, on_text: OnText | None) -> list[Event]:
    """Return all events of a stream; what came before an error is handed on before it is raised."""
    decoder = EventDecoder()
    events: list[Event] = []
    error: ModelError | None = None
    is_over = False
    while not is_over:
        batch: list[Event] = []
        is_within_a_block = bool(events) and "contentBlockDelta" in events[-1]
        try:
            with vendor_errors():
                data = await answer.batch(GATHERED_BYTES if is_within_a_block else 1)
                is_over = not data
                batch.extend(decoder.feed(data))
        except ModelError as raised:
            error, is_over = raised, True
        if on_text and (text := text_of(batch)):
            await on_text(text)
        events += batch
    if error is not None:
        raise error
    return events
