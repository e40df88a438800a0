"""The demo: the sample company's Slack on a page of this machine, its sites, and the bot."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from localslack import LocalSlack, Workspace, open_browser
from localslack.terminal import TerminalWorkspace
from slackbot.demo.company import COMPANY
from slackbot.demo.company.discussions import OPEN_ROOMS
from slackbot.demo.company.people import SEATS
from slackbot.demo.history import seed
from slackbot.demo.sites import serve_sites
from slackbot.errors import ConfigurationError
from slackbot.resilience.stop import until

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import TextIO

    StartBot = Callable[[Mapping[str, str]], AbstractAsyncContextManager[object]]

USUAL_PORT: Final = 8642
"""Always the same where it is free, so that a page that is open finds the next demo."""
BOT: Final = "slackbot"
CHANNEL: Final = "general"

PROMPT: Final = f"@{BOT} how do we roll back payments?"

WELCOME = """\
{company}'s Slack is open at {url}
Ask there: “{prompt}” Ctrl+C ends it.
"""


@asynccontextmanager
async def company_at_work(
    start_bot: StartBot, *, port: int | None = None
) -> AsyncIterator[LocalSlack]:
    """Run the workspace, the sites and the bot while the context is open.

    `start_bot` is given settings by their environment names; it runs the bot while its context is
    open. Without a `port` it is the usual one, or a free one where that is taken.

    Raises:
        ConfigurationError: the port cannot be used.
    """
    workspace = Workspace(COMPANY)
    app = workspace.add_app(BOT)
    seed(workspace, BOT)
    slack = LocalSlack(workspace, seats=SEATS, prompt=PROMPT)
    async with serve_sites() as settings:
        try:
            await _listen(slack, port)
            settings |= {
                "SLACK_BOT_TOKEN": app.bot_token,
                "SLACK_APP_TOKEN": app.app_token,
                "SLACK_SIGNING_SECRET": app.signing_secret,
                "SLACK_API_URL": slack.api_url,
                "SLACK_HISTORY_CHANNELS": ",".join(OPEN_ROOMS),
            }
            async with start_bot(settings):
                yield slack
        finally:
            await slack.stop()


async def run_demo(
    start_bot: StartBot,
    stop: asyncio.Event,
    *,
    port: int | None,
    out: TextIO,
    open_page: bool,
    lines: AsyncIterable[str] | None,
    interactive: bool,
) -> None:
    """Let people talk with the bot until `stop` is set.

    `lines` are what is typed at the terminal, or comes through a pipe: then the demo ends with
    them. A pipe that nothing comes through is none.

    Raises:
        ConfigurationError: the port cannot be used.
    """
    async with company_at_work(start_bot, port=port) as slack:
        out.write(WELCOME.format(company=COMPANY, url=slack.url, prompt=PROMPT))
        out.flush()
        if open_page:
            open_browser(slack.url)

        async def talk() -> None:
            said = lines
            if lines is not None and not interactive:
                said = await _unless_empty(lines)
            if said is None:
                await stop.wait()
                return
            terminal = TerminalWorkspace(
                slack, SEATS[0], CHANNEL, out=out, lines=said, interactive=interactive,
                color=interactive,
            )  # fmt: skip
            await terminal.run()

        await until(stop, talk())


async def _listen(slack: LocalSlack, port: int | None) -> None:
    try:
        await slack.start(USUAL_PORT if port is None else port)
    except OSError as error:
        if port is not None:
            reason = os.strerror(error.errno or 0)  # asyncio's own is three lines long
            raise ConfigurationError(
                f"Port {port} cannot be used ({reason}). Choose another one, or none."
            ) from error
        await slack.stop()
        await slack.start()


async def _unless_empty(lines: AsyncIterable[str]) -> AsyncIterator[str] | None:
    """Return the lines once the first has come, or `None` if they end before."""
    iterator = aiter(lines)
    try:
        first = await anext(iterator)
    except StopAsyncIteration:
        return None

    async def all_of_them() -> AsyncIterator[str]:
        yield first
        async for line in iterator:
            yield line

    return all_of_them()
