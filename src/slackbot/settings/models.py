"""Settings of the language model: which provider, and what each of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator

from slackbot.settings.types import COMMAS, LOWER_CASE, Address, Prices

Provider = Literal["bedrock", "anthropic", "openai", "offline"]

_PREFIXES: Mapping[str, Provider] = {
    "aws_": "bedrock",
    "anthropic_": "anthropic",
    "openai_": "openai",
}


def _none(value: object) -> object:
    return () if isinstance(value, str) and value.strip().lower() == "none" else value


class ModelSettings(BaseModel):
    """What each provider needs is needed if it answers first, or as a fallback."""

    llm_provider: Annotated[Provider, LOWER_CASE] = Field(
        default="bedrock",
        description="`bedrock`, `anthropic`, `openai` (any server with that API), or `offline`: no "
        "language model, quotes what the search finds",
    )
    llm_fallbacks: Annotated[tuple[Provider, ...], COMMAS, LOWER_CASE, BeforeValidator(_none)] = (
        Field(
            default=("offline",),
            description="who answers, in this order, when it cannot; `none` for nobody",
        )
    )
    llm_context_tokens: int = Field(
        default=100_000,
        ge=2_000,
        description="tokens that a model is sent at most, by estimate; less for small models",
    )
    llm_max_tokens: int = Field(
        default=8_192,
        ge=64,
        le=128_000,
        description="tokens that a model writes at most at once, what it thinks before included",
    )
    llm_temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="sent to the model only if it is set: newer models refuse it",
    )
    llm_calls_per_minute: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="requests to language models within a minute in all; what exceeds that waits, "
        "as long as its answer has time; 0 = no limit",
    )
    llm_prompt_cache: bool = Field(
        default=True, description="let `bedrock` and `anthropic` cache what is sent again"
    )
    llm_prices: Prices = Field(
        default=(),
        description="US dollars per million tokens of models whose price is not known, or another "
        "one for you: `model=input/output`, or `model=input/output/cache-read/cache-write`",
    )
    max_cost_per_answer: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="US dollars that one answer may cost before the next fallback goes on; 0 = off",
    )
    daily_budget: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="US dollars a day (of UTC) before the next fallback answers; 0 = off",
    )

    aws_region: str | None = Field(
        default=None,
        validate_default=True,
        description="AWS region of the model; needed for `bedrock`",
    )
    aws_bedrock_model_id: str | None = Field(
        default=None,
        validate_default=True,
        description="id of the model or inference profile; needed for `bedrock`",
    )
    aws_profile: str | None = Field(
        default=None,
        description="profile of the AWS configuration files; without any credentials here, boto3 "
        "looks where it always looks",
    )
    aws_access_key_id: SecretStr | None = Field(default=None, description="AWS access key id")
    aws_secret_access_key: SecretStr | None = Field(
        default=None, validate_default=True, description="the secret of that key"
    )
    aws_session_token: SecretStr | None = Field(
        default=None, description="session token of temporary AWS credentials"
    )
    aws_bearer_token_bedrock: SecretStr | None = Field(
        default=None, description="Bedrock API key, instead of an access key"
    )
    aws_endpoint_url_bedrock_runtime: Address = Field(
        default=None, description="another address of Bedrock, such as a VPC endpoint"
    )
    aws_bedrock_guardrail_id: str | None = Field(
        default=None, description="id of a guardrail that watches questions and answers"
    )
    aws_bedrock_guardrail_version: str = Field(
        default="DRAFT", description="its version: a number, or `DRAFT`"
    )

    anthropic_api_key: SecretStr | None = Field(
        default=None, validate_default=True, description="API key; needed for `anthropic`"
    )
    anthropic_model: str | None = Field(
        default=None, validate_default=True, description="id of the model; needed for `anthropic`"
    )
    anthropic_base_url: Address = Field(
        default=None, description="another address of Anthropic's API, such as a gateway"
    )

    openai_base_url: Address = Field(
        default=None,
        description="address of a server with OpenAI's API, such as `http://localhost:11434/v1` "
        "of Ollama; default: OpenAI itself",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="API key; needed for `openai`, if no other address is given",
    )
    openai_model: str | None = Field(
        default=None, validate_default=True, description="name of the model; needed for `openai`"
    )

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Who answers, and who in their place, each once."""
        return tuple(dict.fromkeys((self.llm_provider, *self.llm_fallbacks)))

    @field_validator("llm_fallbacks")
    @classmethod
    def _end_with_offline(cls, value: tuple[Provider, ...]) -> tuple[Provider, ...]:
        if "offline" in value[:-1]:
            raise ValueError("must name `offline` last: it always answers")
        return value

    @field_validator(
        "aws_region", "aws_bedrock_model_id", "anthropic_api_key", "anthropic_model", "openai_model"
    )
    @classmethod
    def _is_set_where_needed(
        cls, value: str | SecretStr | None, info: ValidationInfo
    ) -> str | SecretStr | None:
        name = str(info.field_name)
        if value is None and _provider_of(name) in _chosen(info.data):
            raise ValueError(f"is missing: {cls.model_fields[name].description}")
        return value

    @field_validator("openai_api_key")
    @classmethod
    def _is_set_for_openai_itself(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        is_elsewhere = info.data.get("openai_base_url", "") is not None  # absent: set, but wrong
        if value is None and "openai" in _chosen(info.data) and not is_elsewhere:
            raise ValueError(f"is missing: {cls.model_fields['openai_api_key'].description}")
        return value

    @field_validator("aws_secret_access_key")
    @classmethod
    def _has_its_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        key_id = info.data.get("aws_access_key_id", value)  # absent: set, but wrong
        if (value is None) != (key_id is None):
            raise ValueError("must be set together with AWS_ACCESS_KEY_ID")
        return value


def is_for_another_provider(name: str, values: Mapping[str, object]) -> bool:
    """Whether a setting is for a provider that is not chosen by the `values` before it."""
    provider = _provider_of(name)
    is_known = provider is not None and "llm_provider" in values
    return is_known and provider not in _chosen(values)


def _provider_of(name: str) -> Provider | None:
    return next((of for prefix, of in _PREFIXES.items() if name.startswith(prefix)), None)


def _chosen(values: Mapping[str, object]) -> frozenset[object]:
    """Return the providers in use; none where these settings themselves are wrong."""
    fallbacks = values.get("llm_fallbacks", ())
    assert isinstance(fallbacks, Iterable)
    return frozenset((values.get("llm_provider"), *fallbacks))
