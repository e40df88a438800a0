"""The model and the sources that are configured, built; nothing else is so much as imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.plug_ins.models import load_model
from slackbot.plug_ins.sources import SlackSide, load_sources, open_slack_history, tools_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slackbot.config import Settings
    from slackbot.knowledge import KnowledgeSource
    from slackbot.llm import LLMProvider
    from slackbot.ops.health import Check
    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.runs.budget import Budget

__all__ = ["PlugIns", "SlackSide", "load_plug_ins", "open_slack_history", "tools_of"]


@dataclass(frozen=True, slots=True)
class PlugIns:
    """What is configured, built; `openers` make it ready, `closers` let go of it.

    `checks` are those of the providers, of which the model is made. `breakers` are those of
    providers and sources, by their names.
    """

    model: LLMProvider
    sources: tuple[KnowledgeSource, ...]
    checks: tuple[Check, ...]
    breakers: Mapping[str, CircuitBreaker]
    openers: tuple[Callable[[], Awaitable[None]], ...]
    closers: tuple[Callable[[], Awaitable[None]], ...]


def load_plug_ins(settings: Settings, budget: Budget) -> PlugIns:
    """Import and build the model and the sources that speak HTTP. Slow: imports take their time.

    Raises:
        ConfigurationError: a provider or source cannot be built from its settings.
    """
    model = load_model(settings, budget)
    loaded = tuple(load_sources(settings))
    return PlugIns(
        model.provider,
        tuple(item.source for item in loaded),
        model.checks,
        {**model.breakers, **{item.source.source_name: item.breaker for item in loaded}},
        model.openers,
        (*model.closers, *(item.close for item in loaded)),
    )
