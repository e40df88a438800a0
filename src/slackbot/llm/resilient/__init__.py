"""Providers around providers: each asks again, or leaves alone, or asks another one instead."""

from slackbot.llm.resilient.fallback import FallbackProvider, Link
from slackbot.llm.resilient.guarded import GuardedProvider
from slackbot.llm.resilient.limited import CallLimit, LimitedProvider
from slackbot.llm.resilient.retrying import RetryingProvider
from slackbot.llm.resilient.watched import WatchedProvider

__all__ = [
    "CallLimit", "FallbackProvider", "GuardedProvider", "LimitedProvider", "Link",
    "RetryingProvider", "WatchedProvider",
]  # fmt: skip
