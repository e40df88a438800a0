"""Language models: one protocol, one file for each provider."""

from slackbot.llm.base import LLMProvider, OnText
from slackbot.messages import LLMResponse, Message, TokenUsage

__all__ = ["LLMProvider", "LLMResponse", "Message", "OnText", "TokenUsage"]
