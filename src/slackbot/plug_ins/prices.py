"""What the providers in use cost, so that limits on that can be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.errors import ConfigurationError
from slackbot.runs.cost import parse_prices, price_of
from slackbot.runs.priced import PricedProvider

if TYPE_CHECKING:
    from slackbot.config import Settings
    from slackbot.llm import LLMProvider
    from slackbot.runs.budget import Budget
    from slackbot.runs.cost import Price
    from slackbot.settings.models import Provider


def charged(
    name: Provider, provider: LLMProvider, settings: Settings, budget: Budget
) -> PricedProvider:
    """Return the provider, which charges what it costs.

    Raises:
        ConfigurationError: there is a limit, and it is not known what the model costs.
    """
    model = _model_of(name, settings)
    price = _price(name, model, settings)
    if budget.is_limited and (price is None or not price.covers(settings.llm_context_tokens)):
        limit = "DAILY_BUDGET" if settings.daily_budget else "MAX_COST_PER_ANSWER"
        raise ConfigurationError(
            f"{limit} is set, but it is not known what {model} costs with {name}. Say it with "
            f"LLM_PRICES={model}=input/output (US dollars per million tokens), or set no limit."
        )
    return PricedProvider(provider, price, budget)


def _price(name: Provider, model: str, settings: Settings) -> Price | None:
    """Return what the model costs; whoever else serves it has prices of their own."""
    addresses = {"anthropic": settings.anthropic_base_url, "openai": settings.openai_base_url}
    own = parse_prices(settings.llm_prices)
    return own.get(model) if addresses.get(name) else price_of(name, model, own)


def _model_of(name: Provider, settings: Settings) -> str:
    models = {
        "anthropic": settings.anthropic_model,
        "bedrock": settings.aws_bedrock_model_id,
        "openai": settings.openai_model,
    }
    model = models[name]
    assert model is not None
    return model
