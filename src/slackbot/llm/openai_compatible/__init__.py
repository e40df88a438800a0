"""Any server with OpenAI's Chat Completions API: OpenAI, Azure, Ollama, vLLM, llama.cpp, gateways.

Shapes are those of the `openai` package's types; where servers differ from them, the place that
copes with it says so.
"""

from slackbot.llm.openai_compatible.provider import OpenAICompatibleProvider

__all__ = ["OpenAICompatibleProvider"]
