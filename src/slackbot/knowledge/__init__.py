"""Knowledge sources: one protocol, one file for each source."""

from slackbot.knowledge.base import KnowledgeSource
from slackbot.messages import KnowledgeResult

__all__ = ["KnowledgeResult", "KnowledgeSource"]
