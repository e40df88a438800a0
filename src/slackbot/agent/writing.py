"""An answer while it grows: passed on to the reply piece by piece, and known as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slackbot.agent.fences import closing_fence
from slackbot.conversation import Outcome

if TYPE_CHECKING:
    from slackbot.agent.citations import Citations
    from slackbot.conversation import OutcomeState, Reply


UNREACHED = "_I could not ask {sources} just now, so something may be missing._"

_ADDRESS = re.compile(r"https?://[^\s)]*")


class Writing:
    """The `Listener` of a run that is answered through a reply; `outcome` is set at its end.

    `opening` is a paragraph that stands above whatever is written.
    """

    def __init__(self, reply: Reply, citations: Citations, opening: str = "") -> None:
        self.citations = citations
        self.outcome: Outcome | None = None
        self._reply = reply
        self._opening = opening
        self._earlier_links: frozenset[str] = frozenset()
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    def allow(self, links: frozenset[str]) -> None:
        """Let addresses be live that the bot wrote in this thread before."""
        self._earlier_links = links

    async def on_text(self, markdown: str) -> None:
        """Add a piece to the answer."""
        lead = f"{self._opening}\n\n" if self._opening and not self._pieces else ""
        self._pieces.append(markdown)
        await self._reply.write(lead + markdown, self._links)

    async def on_status(self, text: str) -> None:
        """Say what is being done."""
        await self._reply.status(text)

    def end(self, state: OutcomeState, last_words: str = "") -> None:
        """Settle how it ended, with a last paragraph if there is one to add."""
        written = self.text + closing_fence(self.text)
        parts = (self._opening, written, self._lack() if written else "", last_words)
        text = "\n\n".join(part for part in parts if part)
        self.outcome = Outcome(state, text, self._links, self.citations.sources)

    def _lack(self) -> str:
        """Name the sources that could not be asked, unless the answer does."""
        said = _ADDRESS.sub("", self.text).casefold()
        unnamed = [name for name in self.citations.unreached if name.casefold() not in said]
        return UNREACHED.format(sources=" and ".join(unnamed)) if unnamed else ""

    @property
    def _links(self) -> frozenset[str]:
        return self.citations.links | self._earlier_links
