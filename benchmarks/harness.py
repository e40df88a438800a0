"""What every benchmark needs: the bot as its own process, and the world that it is connected to."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from localslack import LocalSlack, Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from localslack import App

PEOPLE = ("ana", "ben")
CHANNEL = "general"
BOT = "slackbot"
LIMITED_BOT = Path(__file__).with_name("limited_bot.py")


def bare_environment() -> dict[str, str]:
    """Return what a process needs to start: no proxies, no settings of this machine's."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def workspace() -> tuple[Workspace, App]:
    """Return a workspace with people, a channel, and the bot in it."""
    made = Workspace("Benchmark")
    for person in PEOPLE:
        made.add_person(person)
    app = made.add_app(BOT)
    made.add_channel(CHANNEL, [*PEOPLE, BOT])
    return made, app


def slack_settings(slack: LocalSlack, app: App) -> dict[str, str]:
    """Return the settings that connect a bot to the workspace."""
    return {
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "RATE_LIMIT_PER_USER": "0",  # measured is what is answered, and nothing is refused
        "RATE_LIMIT_GLOBAL": "0",
    }


def bedrock_settings(url: str) -> dict[str, str]:
    """Return the settings that have a bot think with the model at `url`."""
    return {
        "LLM_PROVIDER": "bedrock",
        "AWS_REGION": "eu-central-1",
        "AWS_BEDROCK_MODEL_ID": "benchmark.model-v1",
        "AWS_ACCESS_KEY_ID": "AKIABENCHMARK",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
    }


@asynccontextmanager
async def bot_process(
    settings: Mapping[str, str], *, keeps_limits: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m slackbot` with these settings; end it as an operator would.

    `keeps_limits` has it keep Slack's rate limits, which it does not on loopback.
    """
    program = [str(LIMITED_BOT)] if keeps_limits else ["-m", "slackbot"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program,
        env={**bare_environment(), "LOG_LEVEL": "WARNING", **settings},
        stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
