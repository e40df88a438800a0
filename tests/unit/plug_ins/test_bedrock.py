"""Bedrock is asked as the settings say."""

from __future__ import annotations

from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import says
from slackbot.config import load_settings
from slackbot.messages import Message
from slackbot.plug_ins.models import load_model
from slackbot.runs.budget import Budget

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "signed",
    "LLM_FALLBACKS": "none",
    "AWS_REGION": "eu-central-1",
    "AWS_BEDROCK_MODEL_ID": "eu.some-model-v1:0",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
}
MARK = {"cachePoint": {"type": "default"}}


async def test_what_is_set_is_sent() -> None:
    sent = await _request(
        LLM_MAX_TOKENS="99",
        LLM_TEMPERATURE="0.2",
        LLM_PROMPT_CACHE="false",
        AWS_BEDROCK_GUARDRAIL_ID="gr4ai1",
        AWS_BEDROCK_GUARDRAIL_VERSION="3",
    )
    assert sent == {
        "modelId": "eu.some-model-v1:0",
        "messages": [{"role": "user", "content": [{"text": "Hello?"}]}],
        "inferenceConfig": {"maxTokens": 99, "temperature": 0.2},
        "guardrailConfig": {
            "guardrailIdentifier": "gr4ai1",
            "guardrailVersion": "3",
            "streamProcessingMode": "sync",
        },
    }


async def test_what_is_not_set_is_not_sent() -> None:
    assert await _request(LLM_MAX_TOKENS="500") == {
        "modelId": "eu.some-model-v1:0",
        "messages": [{"role": "user", "content": [{"text": "Hello?"}, MARK]}],
        "inferenceConfig": {"maxTokens": 500},
    }


async def _request(**changes: str) -> object:
    """Ask something with these settings; return what was sent."""
    async with FakeBedrock([says("Hello.")]) as fake:
        settings = {**SETTINGS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": fake.url, **changes}
        model = load_model(load_settings(settings, env_file=None), Budget())
        await model.provider.complete([Message("user", "Hello?")])
        for close in model.closers:
            await close()
    return fake.requests[0]
