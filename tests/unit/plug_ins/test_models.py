"""A provider that is chosen is built from its settings, or says what it lacks."""

from __future__ import annotations

import sys

import pytest

from kit.fake_openai import FakeOpenAI
from kit.scripted_model import says
from slackbot.config import Settings, load_settings
from slackbot.errors import ConfigurationError
from slackbot.llm.resilient.limited import CallsUsedUp
from slackbot.messages import Message
from slackbot.plug_ins.models import load_model
from slackbot.resilience.deadline import time_limit
from slackbot.runs.budget import Budget

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
        model = load_model(load_settings(chosen, env_file=None), Budget())
        response = await model.provider.complete([Message("user", "Hello?")])
        for close in model.closers:
            await close()

    assert response.content == "Hello."
    sent = server.requests[0]
    assert (sent["model"], sent["max_tokens"], sent["temperature"]) == ("qwen3", 99, 0.2)
    assert server.headers[0]["Authorization"] == "Bearer sk-key"


async def test_requests_to_models_are_limited_as_the_settings_say() -> None:
    async with FakeOpenAI([says("Hello.")]) as server:
        chosen = {
            **OPENAI,
            "OPENAI_BASE_URL": server.url,
            "LLM_CALLS_PER_MINUTE": "1",
            "LLM_FALLBACKS": "none",
        }
        model = load_model(load_settings(chosen, env_file=None), Budget())
        await model.provider.complete([Message("user", "Hello?")])
        async with time_limit(30):
            with pytest.raises(CallsUsedUp):
                await model.provider.complete([Message("user", "Hello again?")])
        for close in model.closers:
            await close()
    assert len(server.requests) == 1


def test_a_provider_whose_package_is_missing_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load_settings(OPENAI, env_file=None)
    for name in [name for name in sys.modules if name.startswith("slackbot.llm.openai_compatible")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openai", None)

    with pytest.raises(ConfigurationError, match=r'pip install -e "\.\[openai\]"') as caught:
        load_model(settings, Budget())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", ["DAILY_BUDGET", "MAX_COST_PER_ANSWER"])
def test_a_limit_needs_a_price_that_is_known(limit: str) -> None:
    """A model on a server of one's own has none, whatever its name."""
    limited = {**OPENAI, "OPENAI_MODEL": "gpt-5.4", limit: "5"}
    settings = load_settings(limited, env_file=None)
    with pytest.raises(ConfigurationError, match=rf"{limit} is set.*LLM_PRICES=gpt-5.4=input"):
        load_model(settings, budget_of(settings))

    for known in (
        {**limited, "LLM_PRICES": "gpt-5.4=1/2"},
        {**limited, "OPENAI_BASE_URL": "", "OPENAI_API_KEY": "sk-key"},
        {**limited, limit: "0"},
    ):
        settings = load_settings(known, env_file=None)
        load_model(settings, budget_of(settings))


def test_a_price_for_shorter_prompts_than_are_sent_is_none() -> None:
    long = {
        **OPENAI,
        "OPENAI_MODEL": "gpt-5.4",
        "OPENAI_BASE_URL": "",
        "OPENAI_API_KEY": "sk-key",
        "DAILY_BUDGET": "5",
        "LLM_CONTEXT_TOKENS": "300000",
    }
    settings = load_settings(long, env_file=None)
    with pytest.raises(ConfigurationError, match="not known what gpt"):
        load_model(settings, budget_of(settings))


def budget_of(settings: Settings) -> Budget:
    return Budget(settings.daily_budget, settings.max_cost_per_answer)
