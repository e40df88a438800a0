"""Settings: the only reader of the environment and of `.env`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, SettingsConfigDict

from slackbot.errors import ConfigurationError
from slackbot.setting_types import (
    COMMAS,
    LOWER_CASE,
    NOT_EMPTY,
    UPPER_CASE,
    Address,
    ApiAddress,
    AppToken,
    BotToken,
    Channels,
    ProjectKeys,
    Repositories,
    SpaceKeys,
    UserToken,
)
from slackbot.variables import (
    FROM_FILE,
    NearMiss,
    Unusable,
    collect,
    find_near_misses,
    is_blank,
    resolve_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACEHOLDER = "replace-me"
"""What `.env.example` holds where only the operator knows the value."""

_ENV_FILE = Path(".env")
_Searched = Literal["issues", "pull_requests", "code"]
_SITES = {"confluence_api_token": "Confluence", "jira_api_token": "Jira"}
_SWITCHES = {
    "confluence_spaces": ("confluence_url", "confluence_api_token"),
    "jira_projects": ("jira_url", "jira_api_token"),
    "github_repos": ("github_token",),
    "slack_history_channels": ("slack_user_token",),
}
"""What turns a source on, by the list that then says what of it may be read."""

_OF_SLACK_AND_SOURCES = ("SLACK_", "CONFLUENCE_", "JIRA_", "GITHUB_")
_DEMO_DEFAULTS = {"LLM_PROVIDER": "offline", "LOG_FORMAT": "console", "LOG_LEVEL": "WARNING"}


class Settings(BaseSettings):
    """What an operator can set. Each field is the variable of the same name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    slack_bot_token: BotToken = Field(description="Slack's bot token; begins with `xoxb-`")
    slack_app_token: AppToken = Field(description="Slack's app-level token; begins with `xapp-`")
    slack_signing_secret: SecretStr = Field(description="the Slack app's signing secret")
    slack_api_url: ApiAddress = Field(
        default="https://slack.com/api",
        description="base URL of Slack's Web API; ends in `/api`",
    )

    llm_provider: Annotated[Literal["bedrock", "offline"], LOWER_CASE] = Field(
        default="bedrock",
        description="`bedrock`, or `offline`: no language model, quotes what the search finds",
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

    confluence_url: Address = Field(
        default=None, description="root of the Confluence site, with or without `/wiki`"
    )
    confluence_email: str | None = Field(
        default=None, description="account of the token; without it the token is a Bearer token"
    )
    confluence_api_token: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="API token; Confluence is searched when URL or token is set",
    )
    confluence_spaces: SpaceKeys = Field(
        default=(),
        validate_default=True,
        description="keys of the spaces that may be read, with plain commas; `*` is every space "
        "that the account sees",
    )

    jira_url: Address = Field(default=None, description="root of the Jira site")
    jira_email: str | None = Field(
        default=None, description="account of the token; without it the token is a Bearer token"
    )
    jira_api_token: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="API token; Jira is searched when URL or token is set",
    )
    jira_projects: ProjectKeys = Field(
        default=(),
        validate_default=True,
        description="keys of the projects that may be read, with plain commas; `*` is every "
        "project that the account sees",
    )

    github_token: SecretStr | None = Field(
        default=None, description="access token; GitHub is searched when it is set"
    )
    github_api_url: Address = Field(
        default="https://api.github.com",
        description="base URL of GitHub's REST API; of GitHub Enterprise Server it ends in "
        "`/api/v3`",
    )
    github_repos: Repositories = Field(
        default=(),
        validate_default=True,
        description="repositories that may be read, with plain commas: `owner/name`, `owner/*`, "
        "`!owner/name` leaves one out; `*` is everything that the token sees",
    )
    github_search: Annotated[tuple[_Searched, ...], COMMAS, NOT_EMPTY] = Field(
        default=("issues", "pull_requests", "code"),
        description="what to search there, of `issues`, `pull_requests` and `code`",
    )

    slack_user_token: UserToken = Field(
        default=None,
        description="user token with `search:read`, for Slack's own search of the history; begins "
        "with `xoxp-`",
    )
    slack_history_channels: Channels = Field(
        default=(),
        validate_default=True,
        description="channels whose history may be searched, with plain commas, by name or id; "
        "`*` is every public channel that the bot is in",
    )

    system_prompt: str | None = Field(
        default=None, description="instructions to the model, on top of the built-in ones"
    )
    bot_persona: str | None = Field(
        default=None, description="who the bot is; completes the sentence “You are …”"
    )

    memory_ttl_minutes: int = Field(
        default=60, ge=1, le=10_080, description="minutes after which an idle thread is forgotten"
    )
    memory_max_messages: int = Field(
        default=40, ge=1, le=1_000, description="messages of a thread that the model sees"
    )
    memory_max_tokens: int = Field(
        default=16_000, ge=500, le=1_000_000, description="tokens of a thread that the model sees"
    )
    memory_max_threads: int = Field(
        default=5_000, ge=1, le=1_000_000, description="threads in memory at once"
    )

    run_deadline_seconds: float = Field(
        default=180, gt=0, le=900, description="time for one answer, in seconds"
    )
    tool_timeout_seconds: float = Field(
        default=20, gt=0, le=300, description="time for one tool call, in seconds"
    )
    max_tool_calls: int = Field(
        default=12, ge=1, le=100, description="tool calls that one answer may make"
    )
    max_concurrent_runs: int = Field(
        default=128, ge=1, le=1_024, description="answers in the making at once"
    )

    catch_up_minutes: int = Field(
        default=15,
        ge=0,
        le=60,
        description="how far back to look, after a start or a lost connection, for messages that "
        "were missed and answers that were interrupted; 0 = off",
    )
    thread_follow: bool = Field(
        default=True, description="answer replies in its own threads that do not mention the bot"
    )
    follow_minutes: int = Field(
        default=30,
        ge=1,
        le=1_440,
        description="for so many minutes after the last answer, while the thread is in memory",
    )

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], UPPER_CASE] = Field(
        default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`"
    )
    log_format: Annotated[Literal["json", "console"], LOWER_CASE] = Field(
        default="json", description="`json`, or `console` for people"
    )

    def __init__(
        self,
        _environ: Mapping[str, str] | None = None,
        _env_file: Path | str | None = _ENV_FILE,
        **values: object,
    ) -> None:
        """Take `values` by field name, and the rest from `_environ`, then from `_env_file`.

        Raises:
            ValidationError: something is missing or wrong. Its text holds no value.
            ConfigurationError: the file cannot be read.
        """
        found = _values(collect(_or_process(_environ), _env_file)) | values
        given = {name: value for name, value in found.items() if not is_blank(value)}
        # One source of our own: pydantic's would read the process environment whatever mapping is
        # given, and lists as JSON.
        super().__init__(_build_sources=((InitSettingsSource(type(self), given),), {}))

    def secrets(self) -> frozenset[str]:
        """Return the values of all secrets that are set, to be masked wherever they turn up."""
        return frozenset(
            value.get_secret_value() for _, value in self if isinstance(value, SecretStr)
        )

    @field_validator("*", mode="before")
    @classmethod
    def _is_usable(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, Unusable):
            raise ValueError(value.reason)
        if isinstance(value, str) and PLACEHOLDER in value:
            is_for_bedrock = str(info.field_name).startswith("aws_")
            if is_for_bedrock and info.data.get("llm_provider", "bedrock") != "bedrock":
                return None
            raise ValueError("still holds the placeholder of .env.example: put in your own value")
        return value

    @field_validator("*")
    @classmethod
    def _is_one_word(cls, value: object) -> object:
        if isinstance(value, SecretStr):
            secret = value.get_secret_value()
            if not (secret.isascii() and secret.isprintable()) or " " in secret:
                raise ValueError("must be one word of printable ASCII characters")
        return value

    @field_validator("aws_region", "aws_bedrock_model_id")
    @classmethod
    def _is_set_for_bedrock(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("llm_provider") == "bedrock":
            raise ValueError(f"is missing: {_describe(str(info.field_name))}")
        return value

    @field_validator("aws_secret_access_key")
    @classmethod
    def _has_its_key(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        key_id = info.data.get("aws_access_key_id", value)  # absent: set, but wrong
        if (value is None) != (key_id is None):
            raise ValueError("must be set together with AWS_ACCESS_KEY_ID")
        return value

    @field_validator(*_SITES)
    @classmethod
    def _has_its_site(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        site = _SITES[str(info.field_name)]
        url = f"{site.upper()}_URL"
        is_on = info.data.get(url.lower(), "") is not None  # absent: set, but wrong
        if value is None and is_on:
            raise ValueError(f"is missing: {url} is set, and {site} needs both")
        if value is not None and not is_on:
            raise ValueError(f"is set, but {url} is missing: {site} needs both")
        return value

    @field_validator(*_SWITCHES)
    @classmethod
    def _is_decided(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        switches = _SWITCHES[str(info.field_name)]
        is_on = any(info.data.get(key, "") is not None for key in switches)
        if is_on and not value:
            raise ValueError("is empty: list what may be read, or * for all")
        return value


def load_settings(
    environ: Mapping[str, str] | None = None, env_file: Path | None = _ENV_FILE
) -> Settings:
    """Read the settings from `environ` (default: the process's own), then from `env_file`.

    Raises:
        ConfigurationError: its text is one screen that names each setting that is missing or wrong,
            and what to do. It holds no value.
    """
    try:
        return Settings(environ, env_file)
    except ValidationError as error:
        problems = list(_problems(error))
    problems += [
        (miss.name, f"is no setting. Did you mean {miss.meant}?")
        for miss in near_misses(environ, env_file)
    ]
    # Raised outside the handler, so that no context carries the values along.
    raise ConfigurationError(_explain(problems))


def demo_settings(
    demo: Mapping[str, str],
    environ: Mapping[str, str] | None = None,
    env_file: Path | None = _ENV_FILE,
) -> Settings:
    """Read the settings for a bot in the demo's company.

    Its Slack and its sources are the demo's; all else, above all the model, is as the environment
    and `env_file` say, or as suits a demo.

    Raises:
        ConfigurationError: see `load_settings`.
    """
    own = {
        name: value
        for name, value in collect(_or_process(environ), env_file).items()
        if not name.startswith(_OF_SLACK_AND_SOURCES)
    }
    return load_settings({**_DEMO_DEFAULTS, **own, **demo}, env_file=None)


def near_misses(
    environ: Mapping[str, str] | None = None, env_file: Path | None = _ENV_FILE
) -> tuple[NearMiss, ...]:
    """Return the names that are set and are probably misspelt settings."""
    known = {name.upper() for name in Settings.model_fields}
    known |= {name + FROM_FILE for name in _secret_names()}
    return find_near_misses(collect(_or_process(environ), env_file), known)


def _or_process(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _values(variables: Mapping[str, str]) -> dict[str, object]:
    """Return what is set by field name."""
    resolved = {**variables, **resolve_secrets(variables, _secret_names())}
    return {
        name: resolved[name.upper()] for name in Settings.model_fields if name.upper() in resolved
    }


def _secret_names() -> tuple[str, ...]:
    return tuple(
        name.upper()
        for name, field in Settings.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    )


def _describe(name: str) -> str:
    return str(Settings.model_fields[name].description)


def _problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Return each problem with the name of its setting."""
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0])
        match problem["type"]:
            case "missing":
                text = f"is missing: {_describe(name)}"
            case "value_error":
                text = str(problem["ctx"]["error"])
            case kind:
                text = problem["msg"].replace("Input should be", "must be")
                if kind.endswith("_parsing"):  # "…, unable to parse string as an integer"
                    text = text.partition(",")[0]
        yield name.upper(), text


def _explain(problems: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in problems)
    lines = (f"  {name:{width}}  {text}" for name, text in problems)
    return "\n".join(
        (
            "These settings are missing or wrong:",
            "",
            *lines,
            "",
            "Copy .env.example to .env and put your values there; docs/settings.md tells more.",
            "Or try it without any account: make demo",
        )
    )
