"""The knowledge sources that are configured, built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.slack.api.calls import Token, limits_for
from slackbot.slack.api.traffic import Traffic
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.tools import SourceTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from contextlib import AsyncExitStack

    from slackbot.config import Settings
    from slackbot.knowledge import KnowledgeSource
    from slackbot.ops.metrics import Metrics
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.people import SlackPeople
    from slackbot.tools import Tool


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """A source, what lets go of it, and its breaker."""

    source: KnowledgeSource
    close: Callable[[], Awaitable[None]]
    breaker: CircuitBreaker


@dataclass(frozen=True, slots=True)
class SlackSide:
    """The bot's own view of Slack."""

    gateway: SlackGateway
    bot: BotIdentity
    people: SlackPeople


def load_sources(settings: Settings) -> Iterator[LoadedSource]:
    """Import and build the sources that speak HTTP."""
    for load in (_load_confluence, _load_jira, _load_github):
        if loaded := load(settings):
            yield loaded


async def open_slack_history(
    settings: Settings, slack: SlackSide, metrics: Metrics, stack: AsyncExitStack
) -> tuple[KnowledgeSource, ...]:
    """Build the search of Slack's history if it is configured; `stack` closes what it opens.

    `metrics` are told of the calls with the user token.
    """
    if not settings.slack_history_channels:
        return ()
    from slackbot.slack.history import SlackHistorySource

    searcher: SlackGateway | None = None
    if settings.slack_user_token is not None:
        token = settings.slack_user_token.get_secret_value()
        client = await stack.enter_async_context(web_client(token, settings.slack_api_url))
        traffic = Traffic(limits_for(client), metrics=metrics)
        searcher = SlackGateway(client, traffic, token=Token("SLACK_USER_TOKEN"))
    channels = settings.slack_history_channels
    return (
        SlackHistorySource(slack.gateway, slack.bot, slack.people, channels, searcher=searcher),
    )


def tools_of(sources: Sequence[KnowledgeSource], timeout: float) -> tuple[Tool, ...]:
    """Return the sources' tools and, with several sources, the one that asks all of them at once.

    `timeout` is in seconds, for each tool.
    """
    tools: list[Tool] = [
        SourceTool(tool, source.source_name) for source in sources for tool in source.tools()
    ]
    if len(sources) > 1:
        from slackbot.knowledge import KnowledgeAggregator

        tools.append(KnowledgeAggregator(sources, timeout).tool())
    return tuple(tools)


def _load_confluence(settings: Settings) -> LoadedSource | None:
    if settings.confluence_url is None or settings.confluence_api_token is None:
        return None
    from slackbot.knowledge.confluence import ConfluenceSource

    source = ConfluenceSource(
        settings.confluence_url,
        settings.confluence_api_token.get_secret_value(),
        settings.confluence_spaces,
        email=settings.confluence_email,
        scoped=settings.confluence_token_scoped,
        timeouts=_timeouts(settings),
    )
    return LoadedSource(source, source.aclose, source.breaker)


def _load_jira(settings: Settings) -> LoadedSource | None:
    if settings.jira_url is None or settings.jira_api_token is None:
        return None
    from slackbot.knowledge.jira import JiraSource

    source = JiraSource(
        settings.jira_url,
        settings.jira_api_token.get_secret_value(),
        settings.jira_projects,
        email=settings.jira_email,
        scoped=settings.jira_token_scoped,
        timeouts=_timeouts(settings),
    )
    return LoadedSource(source, source.aclose, source.breaker)


def _load_github(settings: Settings) -> LoadedSource | None:
    if settings.github_token is None or settings.github_api_url is None:
        return None
    from slackbot.knowledge.github import GitHubSource

    source = GitHubSource(
        settings.github_token.get_secret_value(),
        settings.github_repos,
        api_url=settings.github_api_url,
        search=settings.github_search,
        timeouts=_timeouts(settings),
    )
    return LoadedSource(source, source.aclose, source.breaker)


def _timeouts(settings: Settings) -> Timeouts:
    from slackbot.resilience.http import Timeouts

    return Timeouts.within(settings.tool_timeout_seconds)
