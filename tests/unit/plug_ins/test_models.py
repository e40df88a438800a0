"""A provider that is chosen is built from its settings, or says what it lacks."""

from __future__ import annotations

import sys

import pytest

from kit.fake_openai import FakeOpenAI
from kit.scripted_model import says
from slackbot.config import load_settings
from slackbot.errors import ConfigurationError
from slackbot.messages import Message
from slackbot.plug_ins.models import load_model

OPENAI = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "signed",
    "LLM_PROVIDER": "openai",
    "OPENAI_MODEL": "qwen3",
    "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1",
}


async def test_a_server_with_openais_api_is_asked_as_the_settings_say() -> None:
    async with FakeOpenAI([says("Hello.")]) as server:
        chosen = {
            **OPENAI,
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "sk-key",
            "LLM_MAX_TOKENS": "99",
            "LLM_TEMPERATURE": "0.2",
        }
        model = load_model(load_settings(chosen, env_file=None))
        response = await model.provider.complete([Message("user", "Hello?")])
        for close in model.closers:
            await close()

    assert response.content == "Hello."
    sent = server.requests[0]
    assert (sent["model"], sent["max_tokens"], sent["temperature"]) == ("qwen3", 99, 0.2)
    assert server.headers[0]["Authorization"] == "Bearer sk-key"


def test_a_provider_whose_package_is_missing_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load_settings(OPENAI, env_file=None)
    for name in [name for name in sys.modules if name.startswith("slackbot.llm.openai_compatible")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openai", None)

    with pytest.raises(ConfigurationError, match=r'pip install "slackbot\[openai\]"') as caught:
        load_model(settings)
    assert "\n" not in str(caught.value)
