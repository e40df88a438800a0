"""Anthropic's Messages API, by the `anthropic` package.

Shapes, stop reasons and error codes are those of its types (2.12, API version 2026-10-21).
"""

from slackbot.llm.anthropic.provider import AnthropicProvider

__all__ = ["AnthropicProvider"]
