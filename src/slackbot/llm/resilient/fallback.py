"""Asks the next provider in line when one cannot answer, and says so where people notice it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from slackbot.errors import BudgetSpent, ContextExceeded, ModelError, ModelFiltered
from slackbot.llm.resilient.passing import Passing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.llm.base import LLMProvider, OnText
    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec

log = structlog.get_logger(__name__)

SEARCH_ONLY = "_The language model can't be reached right now: this is what a search alone found._"


@dataclass(frozen=True, slots=True)
class Link:
    """One provider of a chain.

    `notice` is a paragraph that stands above what it answers because the others cannot be reached.
    """

    name: str
    provider: LLMProvider
    notice: str = ""


class FallbackProvider:
    """An `LLMProvider` that is a chain of others, tried in order."""

    def __init__(self, chain: Sequence[Link]) -> None:
        self._chain = tuple(chain)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the message of the first that can; see `LLMProvider`.

        What a filter stopped, or is too long, is no reason to ask another one; nor is an answer
        that broke off when some of it was passed on.

        Raises:
            ModelError: what the first of all failed with, if all did.
        """
        first: ModelError | None = None
        for link in self._chain:
            notice = "" if isinstance(first, BudgetSpent) else link.notice
            passing = Passing(on_text, f"{notice}\n\n" if notice else "")
            try:
                return await link.provider.complete(
                    messages, system=system, tools=tools, on_text=passing
                )
            except (ModelFiltered, ContextExceeded):
                raise
            except ModelError as error:
                if passing.begun:
                    raise
                if not isinstance(error, BudgetSpent):
                    log.warning("model.failed", provider=link.name, error=str(error))
                first = first or error
        assert first is not None, "a chain has a link"
        raise first
