"""What was said in Slack as a knowledge source: what may be searched, and three ways to do it."""

from slackbot.slack.history.source import SlackHistorySource

__all__ = ["SlackHistorySource"]
