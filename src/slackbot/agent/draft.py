"""One round of a model's text: its first sentence waits, for it may turn out to be a status."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import TYPE_CHECKING, Protocol

from slackbot.agent.citations import CitedText
from slackbot.agent.fences import closing_fence

if TYPE_CHECKING:
    from slackbot.agent.citations import Citations

HELD_CHARACTERS = 160
"""A first sentence longer than this is an answer."""

_FIRST_SENTENCE = re.compile(r"\s*[^\n]*?[.!?:…]\s+(?=\S)|\s*\S[^\n]*\n")


class Listener(Protocol):
    """Whoever watches a run."""

    async def on_text(self, markdown: str) -> None:
        """Take a piece of the answer."""
        ...

    async def on_status(self, text: str) -> None:
        """Learn what is being done."""
        ...


class Draft:
    """Passes a round's text on, with citations as links; keeps back a lone first sentence.

    What a model writes before it calls a tool ("I'll look in Confluence.") is not part of the
    answer. Text that was passed on before the tool call came stays, as a paragraph of its own; code
    that is open at the end is closed, for more may follow.
    """

    def __init__(self, citations: Citations, listener: Listener, *, continues: bool) -> None:
        self._cited = CitedText(citations)
        self._listener = listener
        self._held: str | None = ""
        self._written: list[str] = []
        self._lead = "\n\n" if continues else ""

    @property
    def text(self) -> str:
        """What was passed on."""
        return "".join(self._written)

    async def write(self, piece: str) -> None:
        """Take a piece from the model."""
        if self._held is None:
            await self._pass_on(self._cited.feed(piece))
            return
        self._held += piece
        if len(self._held) > HELD_CHARACTERS or _FIRST_SENTENCE.match(self._held):
            await self._release()

    def begin_again(self) -> bool:
        """Forget a round that broke off, if nothing of it was passed on; return whether so."""
        if self._written or self._held is None:
            return False
        self._held = ""
        return True

    async def finish(self) -> None:
        """End a round that is the answer, or the last of it."""
        await self._release()
        await self._close()

    async def become_status(self) -> str:
        """End a round that calls tools; return the sentence that was kept back, if any."""
        if self._held is None:
            await self._close()
            return ""
        return self._held.strip()

    async def _release(self) -> None:
        held, self._held = self._held, None
        if held:
            await self._pass_on(self._cited.feed(held))

    async def _close(self) -> None:
        await self._pass_on(self._cited.finish())
        await self._pass_on(closing_fence(self.text))

    async def _pass_on(self, text: str) -> None:
        if not self._written:
            text = "".join(dropwhile(_is_blank, text))
        if text:
            text, self._lead = self._lead + text, ""
            self._written.append(text)
            await self._listener.on_text(text)


def _is_blank(character: str) -> bool:
    """Whether nobody would see it: a model may say nothing but zero-width spaces."""
    return character.isspace() or not character.isprintable()
