"""Knowledge sources: one protocol, one file for each source."""

from slackbot.knowledge.aggregator import KnowledgeAggregator
from slackbot.knowledge.base import KnowledgeSource
from slackbot.messages import KnowledgeResult

__all__ = ["KnowledgeAggregator", "KnowledgeResult", "KnowledgeSource"]
