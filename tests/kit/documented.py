"""The provider that `docs/new_provider.md` shows, as it stands there."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slackbot.llm import LLMProvider

DOCUMENT = Path(__file__).parents[2] / "docs" / "new_provider.md"


def documented_code() -> str:
    """Return the first block of Python in the document."""
    _, _, begun = DOCUMENT.read_text("utf-8").partition("```python\n")
    code, end, _ = begun.partition("```\n")
    assert end, "the document shows a provider"
    return code


def documented_provider(url: str) -> LLMProvider:
    """Run the code, and return its provider."""
    module = ModuleType("documented")
    exec(compile(documented_code(), str(DOCUMENT), "exec"), vars(module))  # noqa: S102 - our own code
    provider: LLMProvider = module.GatewayProvider(url)
    return provider
