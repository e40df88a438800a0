"""Settings of the connection to Slack."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from slackbot.settings.types import ApiAddress, AppToken, BotToken


class SlackSettings(BaseModel):
    """What Slack's app page shows."""

    slack_bot_token: BotToken = Field(description="Slack's bot token; begins with `xoxb-`")
    slack_app_token: AppToken = Field(description="Slack's app-level token; begins with `xapp-`")
    slack_signing_secret: SecretStr = Field(description="the Slack app's signing secret")
    slack_api_url: ApiAddress = Field(
        default="https://slack.com/api",
        description="base URL of Slack's Web API; ends in `/api`",
    )
