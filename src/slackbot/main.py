"""The composition root: builds the bot from its settings, connects it, drains it, lets it go."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import structlog

from slackbot.agent.prompt import DEFAULT_PERSONA, Prompt
from slackbot.assistant import Assistant, Equipment, Limits
from slackbot.errors import ConfigurationError
from slackbot.memory.store import InMemoryThreads
from slackbot.memory.window import WindowSize
from slackbot.ops.metrics import Metrics
from slackbot.plug_ins import SlackSide, load_plug_ins, open_slack_history, tools_of
from slackbot.resilience.stop import until
from slackbot.runs.turns import Turns
from slackbot.slack.connection import REFUSED_TOKENS, bolt_app, socket_mode
from slackbot.slack.gateway import SlackFailure, SlackGateway, web_client
from slackbot.slack.listeners import register
from slackbot.slack.people import SlackPeople
from slackbot.slack.reply import SlackReply
from slackbot.slack.thread import SlackThreads
from slackbot.triage import FollowRules

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from slackbot.config import Settings
    from slackbot.slack.events import BotIdentity

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0
"""How long runs may go on after the intake was stopped; Kubernetes kills after 30 s."""

FAREWELL_SECONDS = 5.0
"""How long runs that were interrupted then have, to show what they have got."""


def create_app(settings: Settings, *, drain_seconds: float = DRAIN_SECONDS) -> App:
    """Build the bot. It connects when its context is entered, or by `run`.

    `drain_seconds` is how long runs may go on after the intake was stopped.
    """
    return App(settings, drain_seconds)


class App:
    """The bot, connected to Slack while its context is open."""

    def __init__(self, settings: Settings, drain_seconds: float) -> None:
        self.metrics = Metrics()
        self._settings = settings
        self._drain_seconds = drain_seconds
        self._open = AsyncExitStack()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set; then take nothing new, end what was begun, and return.

        Raises:
            ConfigurationError: see `__aenter__`.
        """
        if await until(stop, self.__aenter__()):
            await stop.wait()
            await self.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ConfigurationError: Slack refuses a token, or a provider or source cannot be built.
        """
        async with self._open:
            await self._connect()
            self._open = self._open.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the intake, end what was begun, close everything."""
        log.info("slackbot.stopping")
        await self._open.aclose()
        log.info("slackbot.stopped")

    async def _connect(self) -> None:
        settings, stack = self._settings, self._open
        log.info("slackbot.starting", version=version("slackbot"), provider=settings.llm_provider)
        plug_ins = await stack.enter_async_context(AsyncExitStack())
        bot_token = settings.slack_bot_token.get_secret_value()
        client = await stack.enter_async_context(web_client(bot_token, settings.slack_api_url))
        gateway = SlackGateway(client)
        slack = SlackSide(gateway, await _identify(gateway), SlackPeople(gateway))
        equipment = self._load_equipment(slack, plug_ins)
        await self._listen(slack, equipment)
        log.info("slack.connected", team=slack.bot.team, bot=slack.bot.user_id)
        tools = sorted((await asyncio.shield(equipment)).tools)
        log.info("slackbot.ready", provider=settings.llm_provider, tools=tools)

    def _load_equipment(
        self, slack: SlackSide, plug_ins: AsyncExitStack
    ) -> asyncio.Task[Equipment]:
        """Load the model and the sources in a thread: it takes long, and Slack need not wait."""

        async def load() -> Equipment:
            loaded = await asyncio.to_thread(load_plug_ins, self._settings)
            for close in loaded.closers:
                plug_ins.push_async_callback(close)
            for make_ready in loaded.openers:
                await make_ready()
            history = await open_slack_history(self._settings, slack, plug_ins)
            tools = tools_of((*loaded.sources, *history), self._settings.tool_timeout_seconds)
            return Equipment(loaded.model, {tool.spec.name: tool for tool in tools})

        task = asyncio.create_task(load())
        self._open.push_async_callback(_settled, task)
        return task

    async def _listen(self, slack: SlackSide, equipment: asyncio.Task[Equipment]) -> None:
        """Open the socket. What is opened is closed in the opposite order: intake, runs, rest."""
        settings, stack = self._settings, self._open
        client = await stack.enter_async_context(web_client(None, settings.slack_api_url))
        bolt = bolt_app(client, settings.slack_signing_secret.get_secret_value(), slack.bot)
        assistant = self._assistant(slack, lambda: asyncio.shield(equipment))
        listeners = register(
            bolt,
            assistant,
            slack.bot,
            lambda incoming: SlackReply(slack.gateway, incoming, slack.bot),
        )
        stack.push_async_callback(listeners.drain, self._drain_seconds, FAREWELL_SECONDS)
        app_token = settings.slack_app_token.get_secret_value()
        await stack.enter_async_context(socket_mode(bolt, app_token))

    def _assistant(
        self, slack: SlackSide, equipment: Callable[[], Awaitable[Equipment]]
    ) -> Assistant:
        settings = self._settings
        return Assistant(
            equipment=equipment,
            memory=InMemoryThreads(
                max_threads=settings.memory_max_threads,
                ttl_seconds=settings.memory_ttl_minutes * 60,
                window=WindowSize(settings.memory_max_messages, settings.memory_max_tokens),
            ),
            turns=Turns(settings.max_concurrent_runs),
            threads=SlackThreads(slack.gateway, slack.bot),
            people=slack.people,
            prompt=Prompt(settings.bot_persona or DEFAULT_PERSONA, settings.system_prompt or ""),
            limits=Limits(
                run_seconds=settings.run_deadline_seconds,
                tool_seconds=settings.tool_timeout_seconds,
                tool_calls=settings.max_tool_calls,
            ),
            follow=FollowRules(settings.thread_follow, settings.follow_minutes * 60),
            metrics=self.metrics,
        )


async def _identify(gateway: SlackGateway) -> BotIdentity:
    """Ask Slack who the bot is, and so whether its token is good."""
    try:
        return await gateway.auth_test()
    except SlackFailure as failure:
        if failure.code in REFUSED_TOKENS:
            raise ConfigurationError(
                f"Slack refuses SLACK_BOT_TOKEN ({failure.code}). Copy it again from your app's "
                "page, OAuth & Permissions."
            ) from failure
        raise ConfigurationError(
            f"Slack cannot be asked who the bot is ({failure.code}). Is the network up, and "
            "SLACK_API_URL right?"
        ) from failure


async def _settled(task: asyncio.Task[Equipment]) -> None:
    """Let a loading that nobody waits for any more come to its end."""
    await asyncio.wait([task])
