"""What is configured is built, and nothing else is so much as imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from slackbot.config import load_settings
from slackbot.llm.offline import OfflineProvider
from slackbot.llm.resilient import FallbackProvider
from slackbot.plug_ins import load_plug_ins, tools_of
from slackbot.runs.budget import Budget
from slackbot.runs.priced import PricedProvider

SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "signed",
}
OFFLINE = {**SLACK, "LLM_PROVIDER": "offline"}
BEDROCK = {**SLACK, "AWS_REGION": "eu-central-1", "AWS_BEDROCK_MODEL_ID": "a.model"}
OPENAI = {"LLM_PROVIDER": "openai", "OPENAI_MODEL": "a-model"}
CONFLUENCE = {
    "CONFLUENCE_URL": "https://acme.example/wiki",
    "CONFLUENCE_API_TOKEN": "token",
    "CONFLUENCE_SPACES": "OPS",
}
JIRA = {"JIRA_URL": "https://acme.example", "JIRA_API_TOKEN": "token", "JIRA_PROJECTS": "PAY"}
GITHUB = {"GITHUB_TOKEN": "token", "GITHUB_REPOS": "acme/*"}
IMPORTED = """
import sys
from slackbot.config import load_settings
from slackbot.plug_ins import load_plug_ins
from slackbot.runs.budget import Budget
load_plug_ins(load_settings({settings!r}, env_file=None), Budget())
print(*({{"boto3", "slackbot.resilience.http", "bs4"}} & sys.modules.keys()))
"""


def test_the_provider_is_the_one_that_is_chosen() -> None:
    offline = load_plug_ins(load_settings(OFFLINE, env_file=None), Budget())
    bedrock = load_plug_ins(load_settings(BEDROCK, env_file=None), Budget())
    alone = load_plug_ins(
        load_settings({**BEDROCK, "LLM_FALLBACKS": "none"}, env_file=None), Budget()
    )
    assert isinstance(bedrock.model, FallbackProvider)
    assert isinstance(alone.model, PricedProvider)
    assert len(bedrock.openers) == len(bedrock.closers) == 1
    assert [check.connection for check in bedrock.checks] == ["bedrock"]
    assert isinstance(offline.model, OfflineProvider)
    assert offline.openers == offline.closers == ()
    assert offline.checks == ()


@pytest.mark.parametrize(
    ("address", "at_start"),
    [
        ({}, True),
        ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://gateway.example.com"}, True),
        ({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:8080"}, False),
        ({**OPENAI, "OPENAI_BASE_URL": "http://localhost:11434/v1"}, False),
        ({**OPENAI, "OPENAI_API_KEY": "sk-not-real"}, True),
    ],
)
def test_a_model_is_checked_at_the_start_unless_this_machine_may_still_load_it(
    address: dict[str, str], at_start: bool
) -> None:
    plugged = load_plug_ins(load_settings({**BEDROCK, **address}, env_file=None), Budget())
    assert [check.at_start for check in plugged.checks] == [at_start]


def test_a_source_is_on_when_it_is_configured() -> None:
    assert names_of_tools(OFFLINE) == []
    assert names_of_tools({**OFFLINE, **CONFLUENCE}) == [
        "search_confluence",
        "read_confluence_page",
    ]
    assert names_of_tools({**OFFLINE, **JIRA}) == ["search_jira", "read_jira_issue"]
    assert names_of_tools({**OFFLINE, **GITHUB, "GITHUB_SEARCH": "code"}) == [
        "search_github_code",
        "read_github_file",
    ]


def test_several_sources_can_be_asked_at_once() -> None:
    assert names_of_tools({**OFFLINE, **JIRA, **CONFLUENCE})[-1] == "search_everywhere"


def names_of_tools(settings: dict[str, str]) -> list[str]:
    """Return the names of all tools that a bot with these settings has."""
    loaded = load_plug_ins(load_settings(settings, env_file=None), Budget())
    return [tool.spec.name for tool in tools_of(loaded.sources, timeout=1)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (OFFLINE, ""),
        (BEDROCK, "boto3 slackbot.resilience.http"),
        ({**OFFLINE, **CONFLUENCE}, "slackbot.resilience.http"),
    ],
)
def test_what_is_not_configured_is_not_imported(settings: dict[str, str], expected: str) -> None:
    code = IMPORTED.format(settings=settings)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert sorted(done.stdout.split()) == sorted(expected.split())
