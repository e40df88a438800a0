"""The protocol of every language model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.messages import LLMResponse, Message
    from slackbot.tools import ToolSpec

OnText = Callable[[str], Awaitable[None]]
"""Given each piece of text as it arrives, in order."""


class LLMProvider(Protocol):
    """A language model behind no vendor's interface."""

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the model's next message; stream its text to `on_text` on the way.

        Raises:
            ModelError: one of its subclasses, whatever the vendor's own error was.
        """
        ...
