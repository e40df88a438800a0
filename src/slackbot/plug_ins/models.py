"""The language model that is configured, built: who answers, who else, and what guards them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from slackbot.errors import ConfigurationError, ModelRejected
from slackbot.llm.resilient import (
    CallLimit,
    FallbackProvider,
    GuardedProvider,
    LimitedProvider,
    Link,
    RetryingProvider,
    WatchedProvider,
)
from slackbot.llm.resilient.fallback import SEARCH_ONLY
from slackbot.llm.resilient.guarded import judge
from slackbot.ops.health import Check
from slackbot.plug_ins.prices import charged
from slackbot.resilience.breaker import CircuitBreaker
from slackbot.resilience.loopback import leads_here
from slackbot.runs.ledger import note_model_failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import SecretStr

    from slackbot.config import Settings
    from slackbot.llm import LLMProvider
    from slackbot.llm.bedrock import BedrockProvider
    from slackbot.runs.budget import Budget

OFFLINE_PACE = 0.02
"""Seconds for a few words of the provider without a model: people read while it writes."""

LONGEST_SILENCE = 60.0
"""Seconds; models that think say nothing for a while."""

_Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A provider; `openers` make it ready, `closers` let go of it.

    `checks` ask whether those work that it is made of, `breakers` are theirs by their names. One
    that `is_here` is served by this machine.
    """

    provider: LLMProvider
    openers: tuple[_Step, ...] = ()
    closers: tuple[_Step, ...] = ()
    checks: tuple[Check, ...] = ()
    breakers: Mapping[str, CircuitBreaker] = field(default_factory=dict)
    is_here: bool = False


def load_model(settings: Settings, budget: Budget) -> LoadedModel:
    """Import and build the providers that are in use, as one that is paid for out of `budget`.

    Raises:
        ConfigurationError: one cannot be built from its settings, or costs nobody knows what.
    """
    loaded = {name: _LOADERS[name](settings) for name in settings.providers}
    limit = CallLimit(settings.llm_calls_per_minute) if settings.llm_calls_per_minute else None
    breakers: dict[str, CircuitBreaker] = {
        name: CircuitBreaker(name, judge=judge) for name in loaded if name != "offline"
    }
    watched = {
        name: _watched(name, model.provider, breakers[name], limit)
        for name, model in loaded.items()
        if name in breakers
    }
    first, *others = (
        Link(name, charged(name, watched[name], settings, budget))
        if name in watched
        else Link(name, model.provider, SEARCH_ONLY)
        for name, model in loaded.items()
    )
    return LoadedModel(
        FallbackProvider([first, *others]) if others else first.provider,
        tuple(step for model in loaded.values() for step in model.openers),
        tuple(step for model in loaded.values() for step in model.closers),
        tuple(
            # A server of one's own may have to load its model first, and that takes its time.
            Check(name, provider.check, at_start=not loaded[name].is_here)
            for name, provider in watched.items()
        ),
        breakers,
    )


def _watched(
    name: str, provider: LLMProvider, breaker: CircuitBreaker, limit: CallLimit | None
) -> WatchedProvider:
    """Wrap a provider that may fail; the one without a model cannot."""
    asked = provider if limit is None else LimitedProvider(provider, limit)
    guarded = GuardedProvider(RetryingProvider(asked), breaker)
    return WatchedProvider(guarded, partial(note_model_failure, name))


def _load_offline(_: Settings) -> LoadedModel:
    from slackbot.llm.offline import OfflineProvider

    return LoadedModel(OfflineProvider(pace=OFFLINE_PACE))


def _load_bedrock(settings: Settings) -> LoadedModel:
    from slackbot.llm.bedrock import Account, BedrockProvider

    assert settings.aws_region is not None
    assert settings.aws_bedrock_model_id is not None
    account = Account(
        region=settings.aws_region,
        profile=settings.aws_profile,
        access_key_id=_revealed(settings.aws_access_key_id),
        secret_access_key=_revealed(settings.aws_secret_access_key),
        session_token=_revealed(settings.aws_session_token),
        bearer_token=_revealed(settings.aws_bearer_token_bedrock),
        endpoint_url=settings.aws_endpoint_url_bedrock_runtime,
    )
    bedrock = BedrockProvider(
        account,
        model_id=settings.aws_bedrock_model_id,
        max_tokens=settings.llm_max_tokens,
        temperature=settings.llm_temperature,
        guardrail_id=settings.aws_bedrock_guardrail_id,
        guardrail_version=settings.aws_bedrock_guardrail_version,
        prompt_cache=settings.llm_prompt_cache,
        max_concurrency=settings.max_concurrent_runs,
        read_timeout=_longest_silence(settings),
    )
    return LoadedModel(
        bedrock,
        (partial(_warm, bedrock),),
        (bedrock.close,),
        is_here=leads_here(settings.aws_endpoint_url_bedrock_runtime),
    )


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


def _load_anthropic(settings: Settings) -> LoadedModel:
    with _extra("anthropic"):
        from slackbot.llm.anthropic import AnthropicProvider

    assert settings.anthropic_api_key is not None
    assert settings.anthropic_model is not None
    anthropic = AnthropicProvider(
        model=settings.anthropic_model,
        api_key=settings.anthropic_api_key.get_secret_value(),
        base_url=settings.anthropic_base_url,
        max_tokens=settings.llm_max_tokens,
        temperature=settings.llm_temperature,
        prompt_cache=settings.llm_prompt_cache,
        max_concurrency=settings.max_concurrent_runs,
        read_timeout=_longest_silence(settings),
    )
    is_here = leads_here(settings.anthropic_base_url)
    return LoadedModel(anthropic, closers=(anthropic.close,), is_here=is_here)


def _load_openai(settings: Settings) -> LoadedModel:
    with _extra("openai"):
        from slackbot.llm.openai_compatible import OpenAICompatibleProvider

    assert settings.openai_model is not None
    openai = OpenAICompatibleProvider(
        model=settings.openai_model,
        api_key=_revealed(settings.openai_api_key),
        base_url=settings.openai_base_url,
        max_tokens=settings.llm_max_tokens,
        temperature=settings.llm_temperature,
        max_concurrency=settings.max_concurrent_runs,
        # A small machine reads for minutes; what is left is for whoever answers in its place.
        read_timeout=settings.run_deadline_seconds / 2,
    )
    is_here = leads_here(settings.openai_base_url)
    return LoadedModel(openai, closers=(openai.close,), is_here=is_here)


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Import what the extra of that name installs."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"`{name}` needs a package that is not installed. In the checkout: "
            f'.venv/bin/pip install -e ".[{name}]"'
        ) from error


def _longest_silence(settings: Settings) -> float:
    """Return for how many seconds a model may say nothing, which leaves time for another one."""
    return min(LONGEST_SILENCE, settings.run_deadline_seconds / 2)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


_LOADERS: Mapping[str, Callable[[Settings], LoadedModel]] = {
    "anthropic": _load_anthropic,
    "bedrock": _load_bedrock,
    "offline": _load_offline,
    "openai": _load_openai,
}
