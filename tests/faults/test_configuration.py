"""F37: whatever is wrong with the settings ends the start, and is told by its name."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from typing import TYPE_CHECKING

import pytest

from kit.process import slackbot
from kit.world import world
from slackbot.cli import EXIT_MISCONFIGURED, main

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NET = 60.0
SECONDS = 5.0
SECRET = "hunter2-hunter2"

SOUND = {
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "SLACK_APP_TOKEN": f"xapp-{SECRET}",
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_API_URL": "http://127.0.0.1:9/api",
    "AWS_REGION": "eu-central-1",
    "AWS_BEDROCK_MODEL_ID": "anthropic.claude-test",
}
CONFLUENCE = {
    "CONFLUENCE_URL": "http://127.0.0.1:9",
    "CONFLUENCE_API_TOKEN": SECRET,
    "CONFLUENCE_SPACES": "ENG",
}

WRONG: Mapping[str, Mapping[str, str]] = {
    "SLACK_BOT_TOKEN": {"SLACK_BOT_TOKEN": f"xapp-{SECRET}"},
    "SLACK_APP_TOKEN": {"SLACK_APP_TOKEN": f"xoxb-{SECRET}"},
    "SLACK_SIGNING_SECRET": {"SLACK_SIGNING_SECRET": ""},
    "SLACK_API_URL": {"SLACK_API_URL": "slack.example/api"},
    "SLACK_BOT_TOKEN_FILE": {"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKEN_FILE": "not/there"},
    "AWS_REGION": {"AWS_REGION": ""},
    "AWS_BEDROCK_MODEL_ID": {"AWS_BEDROCK_MODEL_ID": ""},
    "LLM_PROVIDER": {"LLM_PROVIDER": "parrot"},
    "LLM_FALLBACKS": {"LLM_FALLBACKS": "parrot"},
    "LLM_TEMPERATURE": {"LLM_TEMPERATURE": "lukewarm"},
    "OPENAI_MODEL": {"LLM_PROVIDER": "openai", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
    "ANTHROPIC_API_KEY": {"LLM_PROVIDER": "anthropic", "ANTHROPIC_MODEL": "claude-test"},
    "CONFLUENCE_URL": {**CONFLUENCE, "CONFLUENCE_URL": "wiki"},
    "CONFLUENCE_API_TOKEN": {**CONFLUENCE, "CONFLUENCE_API_TOKEN": ""},
    "CONFLUENCE_SPACES": {**CONFLUENCE, "CONFLUENCE_SPACES": ""},
    "GITHUB_REPOS": {"GITHUB_TOKEN": SECRET, "GITHUB_REPOS": "a repository"},
    "MAX_TOOL_CALLS": {"MAX_TOOL_CALLS": "many"},
    "RUN_DEADLINE_SECONDS": {"RUN_DEADLINE_SECONDS": "-1"},
    "RATE_LIMIT_PER_USER": {"RATE_LIMIT_PER_USER": "-6"},
    "DAILY_BUDGET": {"DAILY_BUDGET": "ten"},
    "HTTP_PORT": {"HTTP_PORT": "70000"},
    "LOG_LEVEL": {"LOG_LEVEL": "LOUD"},
}


@pytest.mark.parametrize("name", WRONG)
def test_f37_what_is_wrong_is_named_and_its_value_is_not_shown(
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for known in tuple(os.environ):
        monkeypatch.delenv(known)
    for key, value in {**SOUND, **WRONG[name]}.items():
        monkeypatch.setenv(key, value)
    assert main([]) == EXIT_MISCONFIGURED
    told = capsys.readouterr().err
    assert name in told
    assert SECRET not in told
    assert "Traceback" not in told


async def test_f37_the_process_ends_soon(tmp_path: Path) -> None:
    """What it may take is counted in time of the processor: a busy machine is no fault."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    settings = {**SOUND, **WRONG["DAILY_BUDGET"]}
    async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(NET):
        _, told = await process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == EXIT_MISCONFIGURED
    assert b"DAILY_BUDGET" in told
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < SECONDS


@pytest.mark.parametrize("name", ["HTTP_PORT", "AUDIT_LOG", "MAX_COST_PER_ANSWER"])
async def test_f37_what_only_turns_out_when_it_is_used_is_named(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wrong = {
            "HTTP_PORT": str(taken.getsockname()[1]),
            "AUDIT_LOG": str(tmp_path / "no such folder" / "audit.jsonl"),
            "MAX_COST_PER_ANSWER": "0.5",  # nobody knows that model's price
        }
        async with world([]) as here:
            settings = {**here.settings, name: wrong[name]}
            async with slackbot(cwd=tmp_path, settings=settings) as process, asyncio.timeout(NET):
                _, told = await process.communicate()
    assert process.returncode == EXIT_MISCONFIGURED
    assert name.encode() in told
    assert b"Traceback" not in told
