"""The provider: its client, and one call after another."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING

import anthropic
import httpx2

from slackbot.llm.anthropic.errors import sense, vendor_errors
from slackbot.llm.anthropic.wire import from_wire, text_of, to_wire
from slackbot.resilience.loopback import leads_here

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from slackbot.llm.anthropic.wire import Event, Request
    from slackbot.llm.base import OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec

ANTHROPIC = "https://api.anthropic.com"


class AnthropicProvider:
    """A model of Anthropic's own API, or of a gateway to it at `base_url`.

    At most `max_concurrency` calls are under way at a time. Time-outs are in seconds;
    `read_timeout` bounds the wait for the first byte and every pause after it. A cancelled call
    closes its connection at once. `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        *,
        model: str,
        api_key: str,
        base_url: str | None = None,
        max_tokens: int = 4096,
        temperature: float | None = None,
        prompt_cache: bool = True,
        max_concurrency: int = 128,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        # The client knows this no more, as newer models refuse it: older ones still take it.
        self._extra_body = None if temperature is None else {"temperature": temperature}
        self._prompt_cache = prompt_cache
        self._clock = clock
        address = base_url or ANTHROPIC
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key,
            base_url=address,
            max_retries=0,  # whoever wraps this provider retries
            # The client's own default would use the environment's proxies for loopback, too.
            http_client=httpx2.AsyncClient(
                timeout=httpx2.Timeout(read_timeout, connect=connect_timeout, pool=None),
                limits=httpx2.Limits(max_connections=max_concurrency),
                trust_env=not leads_here(address),
            ),
        )
        self._messages = self._client.messages  # imports some hundred types: now

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
        request = to_wire(
            self._model, self._max_tokens, messages, system, tools, prompt_cache=self._prompt_cache
        )
        events: list[Event] = []
        async with aclosing(self._stream(request)) as stream:
            async for event in stream:
                events.append(event)
                with sense():
                    text = text_of(event)
                if on_text and text:
                    await on_text(text)
        with sense():
            return from_wire(self._model, events)

    async def _stream(self, request: Request) -> AsyncGenerator[Event, None]:
        with vendor_errors(self._clock):
            stream = await self._messages.create(**request, extra_body=self._extra_body)
            async with stream:
                async for event in stream:
                    yield event
