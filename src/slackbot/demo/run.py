"""The demo: a local Slack workspace, the sample company, the bot, and a line to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack import LocalSlack, Workspace
from localslack.terminal import TerminalWorkspace
from slackbot.demo.company import COMPANY
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence_server import ConfluenceServer
from slackbot.resilience.stop import until

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import TextIO

    from localslack import App

    StartBot = Callable[[Mapping[str, str]], AbstractAsyncContextManager[object]]

BOT = "slackbot"
YOU = "ana"
PEOPLE = {YOU: "Ana Ruiz", "ben": "Ben Okafor", "chloe": "Chloé Martin"}
CHANNELS = ("general", "payments", "random")
EMAIL = "slackbot@example.com"
TOKEN = "not-a-secret"  # noqa: S105 - it opens a wiki that lives as long as the demo


async def run_demo(
    start_bot: StartBot,
    stop: asyncio.Event,
    *,
    lines: AsyncIterable[str],
    out: TextIO,
    interactive: bool,
    color: bool,
) -> None:
    """Let a person talk with the bot until `lines` end, or `stop` is set.

    `start_bot` is given settings by their environment names; it runs the bot while its context is
    open.
    """
    workspace = Workspace(COMPANY)
    for name, real_name in PEOPLE.items():
        workspace.add_person(name, real_name=real_name)
    app = workspace.add_app(BOT)
    for channel in CHANNELS:
        workspace.add_channel(channel, [*PEOPLE, BOT])
    wiki = ConfluenceServer(confluence_pages(), email=EMAIL, token=TOKEN)
    try:
        site = await wiki.start()
        async with LocalSlack(workspace) as slack, start_bot(_settings(slack, app, site)):
            terminal = TerminalWorkspace(
                slack,
                YOU,
                CHANNELS[0],
                out=out,
                lines=lines,
                interactive=interactive,
                color=color,
            )
            await until(stop, terminal.run())
    finally:
        await wiki.stop()


def _settings(slack: LocalSlack, app: App, site: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "LLM_PROVIDER": "offline",
        "CONFLUENCE_URL": site,
        "CONFLUENCE_EMAIL": EMAIL,
        "CONFLUENCE_API_TOKEN": TOKEN,
        "CONFLUENCE_SPACES": ",".join(OPEN_SPACES),
        "LOG_FORMAT": "console",
        "LOG_LEVEL": "WARNING",
    }
