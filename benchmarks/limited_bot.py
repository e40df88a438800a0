"""The bot, which keeps Slack's rate limits although its Slack is on loopback, where it need not."""

from __future__ import annotations

import asyncio
import signal

import uvloop

from slackbot.config import load_settings
from slackbot.main import create_app
from slackbot.ops import log
from slackbot.slack.api.rates import SLACK_LIMITS


async def main() -> None:
    """Answer until the process is told to end."""
    settings = load_settings(env_file=None)
    log.configure(settings.log_level, settings.log_format, secrets=settings.secrets())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await create_app(settings, limits=SLACK_LIMITS).run(stop, on_ready=lambda: None)


if __name__ == "__main__":
    uvloop.run(main())
