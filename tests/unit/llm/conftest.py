"""An environment in which boto3 finds nothing of this machine's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import Script
from slackbot.llm.bedrock import BedrockProvider

Start = Callable[[Script], Awaitable[tuple[FakeBedrock, BedrockProvider]]]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
async def bedrock() -> AsyncIterator[Start]:
    """Start a scripted Bedrock and a provider that talks to it."""
    async with AsyncExitStack() as stack:

        async def start(script: Script) -> tuple[FakeBedrock, BedrockProvider]:
            fake = await stack.enter_async_context(FakeBedrock(script))
            provider = BedrockProvider(
                model_id="eu.anthropic.claude-test-v1:0",
                region="eu-central-1",
                access_key_id="AKIDEXAMPLE",
                secret_access_key="secret",
                endpoint_url=fake.url,
                max_tokens=500,
                max_concurrency=16,
                read_timeout=5.0,
            )
            stack.push_async_callback(provider.close)
            return fake, provider

        yield start
