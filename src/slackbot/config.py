"""Settings: the only reader of the environment and of `.env`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, SettingsConfigDict

from slackbot.errors import ConfigurationError
from slackbot.settings.models import ModelSettings, is_for_another_provider
from slackbot.settings.operating import OperatingSettings
from slackbot.settings.running import RunSettings
from slackbot.settings.slack import SlackSettings
from slackbot.settings.sources import SourceSettings
from slackbot.settings.types import LOWER_CASE, UPPER_CASE
from slackbot.settings.variables import (
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
_OF_SLACK_AND_SOURCES = ("SLACK_", "CONFLUENCE_", "JIRA_", "GITHUB_")
_DEMO_DEFAULTS = {"LLM_PROVIDER": "offline", "LOG_FORMAT": "console", "LOG_LEVEL": "WARNING"}


class Settings(
    OperatingSettings, RunSettings, SourceSettings, ModelSettings, SlackSettings, BaseSettings
):
    """What an operator can set. Each field is the variable of the same name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

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
        source = InitSettingsSource(type(self), given)
        BaseSettings.__init__(self, _build_sources=((source,), {}))

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
            if is_for_another_provider(str(info.field_name), info.data):
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
