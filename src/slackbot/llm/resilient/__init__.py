"""Providers around providers: each asks again, or leaves alone, or asks another one instead."""

from slackbot.llm.resilient.fallback import FallbackProvider, Link
from slackbot.llm.resilient.guarded import GuardedProvider
from slackbot.llm.resilient.retrying import RetryingProvider

__all__ = ["FallbackProvider", "GuardedProvider", "Link", "RetryingProvider"]
