"""The provider: its client, and one call after another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import httpx2
import openai

from slackbot.llm.openai_compatible.errors import (
    stream_errors,
    vendor_errors,
    wants_another_limit,
)
from slackbot.llm.openai_compatible.stream import PartialResponse
from slackbot.llm.openai_compatible.wire import to_wire
from slackbot.resilience.loopback import leads_here

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openai.types.chat import ChatCompletionChunk

    from slackbot.llm.base import OnText
    from slackbot.llm.openai_compatible.wire import Request
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""Goes out where no key is given: the client insists on one, and local servers ignore it."""

_Limit = Literal["max_completion_tokens", "max_tokens"]


class OpenAICompatibleProvider:
    """A model of a server with OpenAI's Chat Completions API, which is OpenAI itself by default.

    `base_url` is the address that the paths of the API are below, mostly with `/v1` at its end. At
    most `max_concurrency` calls are under way at a time. Time-outs are in seconds; `read_timeout`
    bounds the wait for the first byte and every pause after it. A cancelled call closes its
    connection at once. `clock` is in seconds since the epoch.

    OpenAI's models that think refuse `max_tokens`, which is all that Ollama knows
    (ollama/ollama#7125): so OpenAI is asked with `max_completion_tokens`, any other server with
    `max_tokens`, until it says that it wants the former.
    """

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        max_tokens: int = 4096,
        temperature: float | None = None,
        max_concurrency: int = 128,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._is_openai = base_url is None
        self._limit: _Limit = "max_completion_tokens" if self._is_openai else "max_tokens"
        self._clock = clock
        address = base_url or OPENAI
        self._client = openai.AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=address,
            max_retries=0,  # whoever wraps this provider retries
            http_client=openai.DefaultAsyncHttpxClient(
                timeout=httpx2.Timeout(read_timeout, connect=connect_timeout, pool=None),
                limits=httpx2.Limits(max_connections=max_concurrency),
                trust_env=not leads_here(address),
            ),
        )
        self._completions = self._client.chat.completions  # imports some hundred types: now

    async def close(self) -> None:
        """Close the connections. What is still running must be cancelled before."""
        await self._client.close()

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Stream one answer of the model; see `LLMProvider`."""
        request = to_wire(self._model, messages, system, tools, takes_pdf=self._is_openai)
        if self._temperature is not None:
            request["temperature"] = self._temperature
        with vendor_errors(self._clock):
            stream = await self._open(request)
        response = PartialResponse()
        async with stream:
            while chunk := await _next(stream):
                with stream_errors():
                    text = response.add(chunk)
                if text and on_text:
                    await on_text(text)
        return response.finished(self._model)

    async def _open(self, request: Request) -> openai.AsyncStream[ChatCompletionChunk]:
        request[self._limit] = self._max_tokens
        try:
            return await self._completions.create(**request)
        except openai.BadRequestError as error:
            if "max_tokens" not in request or not wants_another_limit(error):
                raise
        del request["max_tokens"]
        self._limit = "max_completion_tokens"
        return await self._open(request)


async def _next(
    stream: openai.AsyncStream[ChatCompletionChunk],
) -> ChatCompletionChunk | None:
    """Return the next chunk, if there is one; what a listener raises is none of its errors."""
    with stream_errors():
        return await anext(stream, None)
