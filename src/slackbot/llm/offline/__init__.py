"""A provider without a neural model: it searches, reads the best hits, and quotes from them.

It works only from what it is given: the conversation, the tools, and what the tools returned.
"""

from slackbot.llm.offline.provider import OfflineProvider

__all__ = ["OfflineProvider"]
