"""The model and the sources that are configured, built; nothing else is so much as imported."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from slackbot.errors import ConfigurationError, ModelRejected
from slackbot.slack.gateway import SlackGateway, web_client

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from pydantic import SecretStr

    from slackbot.config import Settings
    from slackbot.knowledge import KnowledgeSource
    from slackbot.llm import LLMProvider
    from slackbot.llm.bedrock import BedrockProvider
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.people import SlackPeople
    from slackbot.tools import Tool

OFFLINE_PACE = 0.02
"""Seconds for a few words of the provider without a model: people read while it writes."""

Opener = Callable[[], Awaitable[None]]
Closer = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PlugIns:
    """What is configured, built; `openers` make it ready, `closers` let go of it."""

    model: LLMProvider
    sources: tuple[KnowledgeSource, ...]
    openers: tuple[Opener, ...]
    closers: tuple[Closer, ...]


@dataclass(frozen=True, slots=True)
class SlackSide:
    """The bot's own view of Slack."""

    gateway: SlackGateway
    bot: BotIdentity
    people: SlackPeople


def load_plug_ins(settings: Settings) -> PlugIns:
    """Import and build the model and the sources that speak HTTP. Slow: imports take their time.

    Raises:
        ConfigurationError: a provider or source cannot be built from its settings.
    """
    model, openers, closers = _load_model(settings)
    sources: list[KnowledgeSource] = []
    for load in (_load_confluence, _load_jira, _load_github):
        if loaded := load(settings):
            sources.append(loaded.source)
            closers.append(loaded.close)
    return PlugIns(model, tuple(sources), tuple(openers), tuple(closers))


async def open_slack_history(
    settings: Settings, slack: SlackSide, stack: AsyncExitStack
) -> tuple[KnowledgeSource, ...]:
    """Build the search of Slack's history if it is configured; `stack` closes what it opens."""
    if not settings.slack_history_channels:
        return ()
    from slackbot.slack.history import SlackHistorySource

    searcher: SlackGateway | None = None
    if settings.slack_user_token is not None:
        token = settings.slack_user_token.get_secret_value()
        client = await stack.enter_async_context(web_client(token, settings.slack_api_url))
        searcher = SlackGateway(client)
    channels = settings.slack_history_channels
    return (
        SlackHistorySource(slack.gateway, slack.bot, slack.people, channels, searcher=searcher),
    )


def tools_of(sources: Sequence[KnowledgeSource], timeout: float) -> tuple[Tool, ...]:
    """Return the sources' tools and, with several sources, the one that asks all of them at once.

    `timeout` is in seconds, for each tool.
    """
    tools = [tool for source in sources for tool in source.tools()]
    if len(sources) > 1:
        from slackbot.knowledge import KnowledgeAggregator

        tools.append(KnowledgeAggregator(sources, timeout).tool())
    return tuple(tools)


def _load_model(settings: Settings) -> tuple[LLMProvider, list[Opener], list[Closer]]:
    match settings.llm_provider:
        case "offline":
            from slackbot.llm.offline import OfflineProvider

            return OfflineProvider(pace=OFFLINE_PACE), [], []
        case "bedrock":
            from slackbot.llm.bedrock import BedrockProvider

            assert settings.aws_region is not None
            assert settings.aws_bedrock_model_id is not None
            bedrock = BedrockProvider(
                model_id=settings.aws_bedrock_model_id,
                region=settings.aws_region,
                profile=settings.aws_profile,
                access_key_id=_revealed(settings.aws_access_key_id),
                secret_access_key=_revealed(settings.aws_secret_access_key),
                session_token=_revealed(settings.aws_session_token),
                bearer_token=_revealed(settings.aws_bearer_token_bedrock),
                endpoint_url=settings.aws_endpoint_url_bedrock_runtime,
                max_concurrency=settings.max_concurrent_runs,
            )
            return bedrock, [partial(_warm, bedrock)], [bedrock.close]


async def _warm(bedrock: BedrockProvider) -> None:
    try:
        await bedrock.warm()
    except ModelRejected as error:
        reason = type(error.__cause__).__name__  # its text would show the value
    else:
        return
    # Raised outside the handler, so that no context carries the value along.
    raise ConfigurationError(
        f"The settings make no client for Bedrock ({reason}). Check AWS_PROFILE, AWS_REGION, the "
        "AWS credentials and AWS_ENDPOINT_URL_BEDROCK_RUNTIME."
    )


@dataclass(frozen=True, slots=True)
class _Loaded:
    source: KnowledgeSource
    close: Closer


def _load_confluence(settings: Settings) -> _Loaded | None:
    if settings.confluence_url is None or settings.confluence_api_token is None:
        return None
    from slackbot.knowledge.confluence import ConfluenceSource

    source = ConfluenceSource(
        settings.confluence_url,
        settings.confluence_api_token.get_secret_value(),
        settings.confluence_spaces,
        email=settings.confluence_email,
    )
    return _Loaded(source, source.aclose)


def _load_jira(settings: Settings) -> _Loaded | None:
    if settings.jira_url is None or settings.jira_api_token is None:
        return None
    from slackbot.knowledge.jira import JiraSource

    source = JiraSource(
        settings.jira_url,
        settings.jira_api_token.get_secret_value(),
        settings.jira_projects,
        email=settings.jira_email,
    )
    return _Loaded(source, source.aclose)


def _load_github(settings: Settings) -> _Loaded | None:
    if settings.github_token is None or settings.github_api_url is None:
        return None
    from slackbot.knowledge.github import GitHubSource

    source = GitHubSource(
        settings.github_token.get_secret_value(),
        settings.github_repos,
        api_url=settings.github_api_url,
        search=settings.github_search,
    )
    return _Loaded(source, source.aclose)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
