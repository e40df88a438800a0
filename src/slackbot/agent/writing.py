"""An answer while it grows: passed on to the reply piece by piece, and known as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.conversation import Outcome

if TYPE_CHECKING:
    from slackbot.agent.citations import Citations
    from slackbot.conversation import OutcomeState, Reply


class Writing:
    """The `Listener` of a run that is answered through a reply.

    `earlier_links` are addresses that the bot wrote in this thread before; they may stay live.
    """

    def __init__(
        self, reply: Reply, citations: Citations, earlier_links: frozenset[str] = frozenset()
    ) -> None:
        self._reply = reply
        self._citations = citations
        self._earlier_links = earlier_links
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    async def on_text(self, markdown: str) -> None:
        """Add a piece to the answer."""
        self._pieces.append(markdown)
        await self._reply.write(markdown, self._links)

    async def on_status(self, text: str) -> None:
        """Say what is being done."""
        await self._reply.status(text)

    def outcome(self, state: OutcomeState, last_words: str = "") -> Outcome:
        """Return how it ended, with a last paragraph if there is one to add."""
        text = "\n\n".join(part for part in (self.text, last_words) if part)
        return Outcome(state, text, self._links, self._citations.sources)

    @property
    def _links(self) -> frozenset[str]:
        return self._citations.links | self._earlier_links
