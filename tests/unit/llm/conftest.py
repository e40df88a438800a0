"""An environment in which no vendor's client finds anything of this machine's, and the vendors."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any, Protocol, TypeVar

import pytest
from botocore.loaders import create_loader

from kit.aws import account_at
from kit.documented import documented_provider
from kit.fake_anthropic import FakeAnthropic
from kit.fake_bedrock import FakeBedrock
from kit.fake_gateway import FakeGateway
from kit.fake_openai import FakeOpenAI
from kit.model_server import ModelServer
from kit.scripted_model import Script
from slackbot.llm import LLMProvider
from slackbot.llm.anthropic import AnthropicProvider
from slackbot.llm.bedrock import BedrockProvider
from slackbot.llm.openai_compatible import OpenAICompatibleProvider

StartAnthropic = Callable[[Script], Awaitable[tuple[FakeAnthropic, AnthropicProvider]]]
StartGateway = Callable[[Script], Awaitable[tuple[FakeGateway, LLMProvider]]]
StartOpenAI = Callable[[Script], Awaitable[tuple[FakeOpenAI, OpenAICompatibleProvider]]]
Start = Callable[[Script], Awaitable[tuple[FakeBedrock, BedrockProvider]]]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "AWS_", "OPENAI_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True, scope="session")
def _botocores_files_are_read_once() -> Iterator[None]:
    """Each provider has a session of its own, which would read some hundred files again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


class Closable(Protocol):
    """What has to be let go of."""

    async def close(self) -> None:
        """Let go of it."""
        ...


Server = TypeVar("Server", bound=ModelServer)
Provider = TypeVar("Provider", bound=Closable)


@asynccontextmanager
async def starting(
    serve: Callable[[Script], Server], connect: Callable[[str], Provider]
) -> AsyncIterator[Callable[[Script], Awaitable[tuple[Server, Provider]]]]:
    """Yield what starts a vendor's fake with a script, and a provider that talks to it."""
    async with AsyncExitStack() as stack:

        async def start(script: Script) -> tuple[Server, Provider]:
            server = serve(script)
            await stack.enter_async_context(server)
            provider = connect(server.url)
            stack.push_async_callback(provider.close)
            return server, provider

        yield start


LIMITS: Any = {"max_tokens": 500, "max_concurrency": 16, "read_timeout": 60.0}


@pytest.fixture
async def bedrock() -> AsyncIterator[Start]:
    """Start a scripted Bedrock and a provider that talks to it."""

    def connect(url: str) -> BedrockProvider:
        return BedrockProvider(account_at(url), model_id="eu.anthropic.claude-test-v1:0", **LIMITS)

    async with starting(FakeBedrock, connect) as start:
        yield start


@pytest.fixture
async def openai() -> AsyncIterator[StartOpenAI]:
    """Start a scripted server with OpenAI's API and a provider that talks to it."""

    def connect(url: str) -> OpenAICompatibleProvider:
        return OpenAICompatibleProvider(model="test-model", base_url=url, **LIMITS)

    async with starting(FakeOpenAI, connect) as start:
        yield start


@pytest.fixture
async def anthropic() -> AsyncIterator[StartAnthropic]:
    """Start a scripted Anthropic and a provider that talks to it."""

    def connect(url: str) -> AnthropicProvider:
        return AnthropicProvider(model="claude-test", api_key="sk-ant-test", base_url=url, **LIMITS)

    async with starting(FakeAnthropic, connect) as start:
        yield start


@pytest.fixture
async def gateway() -> AsyncIterator[StartGateway]:
    """Start a scripted gateway and the documentation's provider for it."""
    async with AsyncExitStack() as stack:

        async def start(script: Script) -> tuple[FakeGateway, LLMProvider]:
            fake = await stack.enter_async_context(FakeGateway(script))
            return fake, documented_provider(fake.url)

        yield start
