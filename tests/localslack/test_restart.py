"""A workspace outlives the bots that run against it, however they end."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from localslack import DeliveryRules, LocalSlack

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from localslack import App, Channel, Workspace

BOT = """
import asyncio, sys
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

bot_token, app_token, url, answer = sys.argv[1:]

async def main():
    app = AsyncApp(client=AsyncWebClient(bot_token, base_url=url + "/"))

    @app.event("app_mention")
    async def mentioned(event, say):
        await say(answer, thread_ts=event["ts"])

    @app.event("message")
    async def told():
        pass

    await AsyncSocketModeHandler(app, app_token).start_async()

asyncio.run(main())
"""


@asynccontextmanager
async def bot(slack: LocalSlack, app: App, answer: str) -> AsyncIterator[Process]:
    """Run a bot in a process of its own, connected; kill it in the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BOT, app.bot_token, app.app_token, slack.api_url, answer),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await slack.until(lambda: slack.connections, timeout=20)
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_a_bot_that_was_killed_starts_again_in_the_same_workspace(
    workspace: Workspace, app: App, general: Channel
) -> None:
    """What is said while none runs is lost for its events; the record has it all."""

    def answered(ts: str, text: str) -> bool:
        return text in [message.text for message in workspace.thread(general.id, ts)]

    rules = DeliveryRules(ack_within=0.5, retries=(5.0, 5.0, 5.0))
    async with LocalSlack(workspace, rules=rules) as slack:
        async with bot(slack, app, "from the first"):
            first = slack.say("ana", general, "@slackbot one")
            await slack.until(lambda: answered(first, "from the first"))
        await slack.until(lambda: not slack.connections)
        missed = slack.say("ana", general, "@slackbot nobody hears this")
        async with bot(slack, app, "from the second"):
            later = slack.say("ana", general, "@slackbot two")
            await slack.until(lambda: answered(later, "from the second"))
        await slack.until(lambda: not slack.connections)
        assert answered(first, "from the first")
        assert workspace.message(general.id, missed).text.endswith("nobody hears this")
        assert not answered(missed, "from the second")
