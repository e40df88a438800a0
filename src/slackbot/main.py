"""The composition root: builds the bot from its settings, connects it, drains it, lets it go."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import structlog

from slackbot.agent.prompt import DEFAULT_PERSONA, Prompt
from slackbot.assistant import Assistant
from slackbot.errors import ConfigurationError
from slackbot.memory.recall import Recall
from slackbot.memory.store import InMemoryThreads
from slackbot.memory.window import WindowSize
from slackbot.ops.health import Check, Health
from slackbot.ops.lag import measured
from slackbot.ops.metrics import Metrics
from slackbot.plug_ins import SlackSide, load_plug_ins, open_slack_history, tools_of
from slackbot.resilience.stop import until
from slackbot.runs.audit import Audit
from slackbot.runs.budget import Budget
from slackbot.runs.ledger import Ledger
from slackbot.runs.limits import RateLimits
from slackbot.runs.turns import Turns
from slackbot.slack.api.calls import Token, limits_for
from slackbot.slack.api.failures import REFUSED_TOKENS
from slackbot.slack.api.scopes import switched_off
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.catchup import CatchUp, Reach
from slackbot.slack.connection import bolt_app, socket_mode
from slackbot.slack.delivery.deliveries import Deliveries
from slackbot.slack.gateway import SlackFailure, SlackGateway, web_client
from slackbot.slack.listeners import register
from slackbot.slack.people import SlackPeople
from slackbot.slack.reply import SlackReply
from slackbot.slack.thread import SlackThreads
from slackbot.thinking import Equipment, Limits, Thinker
from slackbot.triage import FollowRules

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from slackbot.config import Settings
    from slackbot.slack.api.rates import Limit
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.socket import Socket

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 25.0
"""How long runs may go on after the intake was stopped; Kubernetes kills after 30 s."""

FAREWELL_SECONDS = 2.0
"""How long runs that were interrupted then have, to leave their threads tidy."""

DELIVERY_SECONDS = 2.0
"""How long marks then have that Slack had no time for yet; the next start adds what is missing."""


def create_app(
    settings: Settings,
    *,
    drain_seconds: float = DRAIN_SECONDS,
    limits: Mapping[str, Sequence[Limit]] | None = None,
) -> App:
    """Build the bot. It connects when its context is entered, or by `run`.

    `drain_seconds` is how long runs may go on after the intake was stopped. `limits` are those of
    Slack's methods; by default the ones that Slack publishes, and none for a server on loopback.
    """
    return App(settings, drain_seconds, limits)


class App:
    """The bot, connected to Slack while its context is open."""

    def __init__(
        self,
        settings: Settings,
        drain_seconds: float,
        limits: Mapping[str, Sequence[Limit]] | None,
    ) -> None:
        self.metrics = Metrics()
        self.ledger = Ledger(self.metrics)
        self._budget = Budget(settings.daily_budget, settings.max_cost_per_answer)
        self._settings = settings
        self._drain_seconds = drain_seconds
        self._limits = limits
        self._open = AsyncExitStack()
        self._socket: Socket | None = None
        self._token = Token()
        self._checks: tuple[Check, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether what people say reaches the bot now, by all that is known."""
        return not self.missing

    @property
    def missing(self) -> frozenset[str]:
        """What it lacks for that: a `socket` that is alive, a `token` that Slack takes."""
        lacks = {
            "socket": self._socket is None or not self._socket.is_live,
            "token": self._token.refused is not None,
        }
        return frozenset(name for name, is_missing in lacks.items() if is_missing)

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Answer until `stop` is set; then take nothing new, end what was begun, and return.

        `on_ready` is called once everything is loaded.

        Raises:
            ConfigurationError: see `__aenter__`.
        """
        if await until(stop, self.__aenter__()):
            on_ready()
            await stop.wait()
            await self.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ConfigurationError: Slack refuses a token, a provider or source cannot be built, or
                the port of the endpoint or the audit log cannot be opened.
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
        await self._open_endpoint()
        await self._open_audit()
        await stack.enter_async_context(measured(self.metrics.lagged))
        plug_ins = await stack.enter_async_context(AsyncExitStack())
        bot_token = settings.slack_bot_token.get_secret_value()
        client = await stack.enter_async_context(web_client(bot_token, settings.slack_api_url))
        limits = limits_for(client) if self._limits is None else self._limits
        traffic = Traffic(limits, metrics=self.metrics)
        gateway = SlackGateway(client, traffic, token=self._token)
        slack = SlackSide(gateway, await _identify(gateway), SlackPeople(gateway))
        equipment = self._load_equipment(slack, plug_ins)
        await self._listen(slack, equipment)
        log.info("slack.connected", team=slack.bot.team, bot=slack.bot.user_id)
        tools = sorted((await asyncio.shield(equipment)).tools)
        log.info("slackbot.ready", provider=settings.llm_provider, tools=tools)
        await self._watch(slack)

    async def _watch(self, slack: SlackSide) -> None:
        """Check all connections from now on, and tell what works, beside what is done."""
        every = self._settings.health_check_seconds
        if every == 0:
            return
        checks = (Check("Slack", slack.gateway.auth_test), *self._checks)
        health = Health(checks, self.metrics.connection)
        without = switched_off(slack.bot.scopes)
        await self._open.enter_async_context(health.watched(every, switched_off=without))

    async def _open_audit(self) -> None:
        """Open the audit log if there is to be one, and learn from it what was spent today."""
        if self._settings.audit_log is None:
            return
        audit = await Audit.opened(self._settings.audit_log, self.metrics.audit_lost)
        self._open.push_async_callback(audit.close)
        self.ledger.tell(audit.write)
        if self._settings.daily_budget:
            self._budget.spend(await audit.spent_on(self._budget.today))

    async def _open_endpoint(self) -> None:
        """Open the HTTP port if there is to be one: first, for the start to be seen from there."""
        if self._settings.http_port is None:
            return
        from slackbot.ops.endpoint import serving

        endpoint = serving(
            self._settings.http_host,
            self._settings.http_port,
            missing=lambda: self.missing,
            metrics=self.metrics.render,
        )
        await self._open.enter_async_context(endpoint)

    def _load_equipment(
        self, slack: SlackSide, plug_ins: AsyncExitStack
    ) -> asyncio.Task[Equipment]:
        """Load the model and the sources in a thread: it takes long, and Slack need not wait."""

        async def load() -> Equipment:
            loaded = await asyncio.to_thread(load_plug_ins, self._settings, self._budget)
            for name, breaker in loaded.breakers.items():
                self.metrics.watch_circuit(name, breaker)
            for close in loaded.closers:
                plug_ins.push_async_callback(close)
            for make_ready in loaded.openers:
                await make_ready()
            history = await open_slack_history(self._settings, slack, self.metrics, plug_ins)
            self._checks = (
                *loaded.checks,
                *(Check(source.source_name, source.check) for source in loaded.sources),
                # Its name among the sources, "Slack", is here that of the bot's own connection.
                *(Check("Slack history", source.check) for source in history),
            )
            sources = (*loaded.sources, *history)
            tools = tools_of(sources, self._settings.tool_timeout_seconds)
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
        deliveries = Deliveries()
        self.metrics.watch_deliveries(lambda: deliveries.waiting)
        stack.push_async_callback(deliveries.drain, DELIVERY_SECONDS)
        listeners = register(
            bolt,
            assistant,
            slack.bot,
            lambda incoming: SlackReply(
                slack.gateway, incoming, slack.bot, deliveries, on_shown=self.metrics.shown
            ),
        )
        stack.push_async_callback(listeners.drain, self._drain_seconds, FAREWELL_SECONDS)
        reach = Reach(settings.catch_up_minutes * 60, settings.follow_minutes * 60)
        catch_up = CatchUp(slack.gateway, slack.bot, listeners, reach)
        await stack.enter_async_context(catch_up.running())
        app_token = settings.slack_app_token.get_secret_value()
        opening = socket_mode(bolt, app_token, catch_up.on_hello)
        self._socket = await stack.enter_async_context(opening)

    def _assistant(
        self, slack: SlackSide, equipment: Callable[[], Awaitable[Equipment]]
    ) -> Assistant:
        settings = self._settings
        memory = InMemoryThreads(
            max_threads=settings.memory_max_threads,
            ttl_seconds=settings.memory_ttl_minutes * 60,
            window=WindowSize(settings.memory_max_messages, settings.memory_max_tokens),
        )
        thinker = Thinker(
            equipment=equipment,
            people=slack.people,
            prompt=Prompt(settings.bot_persona or DEFAULT_PERSONA, settings.system_prompt or ""),
            limits=Limits(
                run_seconds=settings.run_deadline_seconds,
                tool_seconds=settings.tool_timeout_seconds,
                tool_calls=settings.max_tool_calls,
                context_tokens=settings.llm_context_tokens,
            ),
        )
        return Assistant(
            thinker=thinker,
            memory=memory,
            recall=Recall(memory, SlackThreads(slack.gateway, slack.bot)),
            turns=Turns(settings.max_concurrent_runs),
            limits=RateLimits(
                settings.rate_limit_per_user, settings.rate_limit_global, settings.admin_users
            ),
            follow=FollowRules(settings.thread_follow, settings.follow_minutes * 60),
            metrics=self.metrics,
            ledger=self.ledger,
            resumes=settings.catch_up_minutes > 0,
        )


async def _identify(gateway: SlackGateway) -> BotIdentity:
    """Ask Slack who the bot is, and so whether its token is good."""
    try:
        bot = await gateway.auth_test()
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
    for scope, feature in switched_off(bot.scopes).items():
        log.warning("slack.scope_missing", scope=scope, switches_off=feature)
    return bot


async def _settled(task: asyncio.Task[Equipment]) -> None:
    """Let a loading that nobody waits for any more come to its end."""
    await asyncio.wait([task])
