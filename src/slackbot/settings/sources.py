"""Settings of the knowledge sources: where they are, and what of them may be read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from slackbot.settings.types import (
    COMMAS,
    NOT_EMPTY,
    Address,
    Channels,
    ProjectKeys,
    Repositories,
    SpaceKeys,
    UserToken,
)

_Searched = Literal["issues", "pull_requests", "code"]
_SITES = {"confluence_api_token": "Confluence", "jira_api_token": "Jira"}
_SWITCHES = {
    "confluence_spaces": ("confluence_url", "confluence_api_token"),
    "jira_projects": ("jira_url", "jira_api_token"),
    "github_repos": ("github_token",),
    "slack_history_channels": ("slack_user_token",),
}
"""What turns a source on, by the list that then says what of it may be read."""


class SourceSettings(BaseModel):
    """A source is on when its address or its token is set."""

    confluence_url: Address = Field(
        default=None,
        description="root of the Confluence site; in the cloud with or without `/wiki`",
    )
    confluence_email: str | None = Field(
        default=None,
        description="account of the token, in the cloud; without it the token is a Bearer token, "
        "as Data Center's are",
    )
    confluence_api_token: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="API token, or personal access token of Data Center; Confluence is searched "
        "when URL or token is set",
    )
    confluence_token_scoped: bool = Field(
        default=False,
        description="the token has scopes: Confluence is asked through Atlassian's gateway",
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
    jira_token_scoped: bool = Field(
        default=False,
        description="the token has scopes: Jira is asked through Atlassian's gateway",
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
