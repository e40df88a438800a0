"""Language models: one protocol, one file for each provider."""

from slackbot.llm.base import LLMProvider, OnText
from slackbot.messages import Attachment, LLMResponse, Message, TokenUsage

__all__ = ["Attachment", "LLMProvider", "LLMResponse", "Message", "OnText", "TokenUsage"]
