"""What a message must be to be shown, whichever way it was found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.slack.events import BotIdentity
    from slackbot.slack.history.search import Found, Wanted
    from slackbot.slack.people import SlackPeople


@dataclass(frozen=True, slots=True)
class Admission:
    """Leaves out what was not asked for, and what is no knowledge.

    That is what the bot said itself, what people asked it, and the thread in which it is asked,
    which the model has before it anyway.
    """

    bot: BotIdentity
    people: SlackPeople

    async def admitted(self, found: Sequence[Found], wanted: Wanted) -> list[Found]:
        """Return the messages that may be shown, in their order."""
        fitting = [one for one in found if self._is_knowledge(one) and _fits(one, wanted)]
        if wanted.from_user is None:
            return fitting
        authors = sorted({one.author for one in fitting if one.author})
        # Side by side: each may have to be looked up first.
        named = await asyncio.gather(
            *(self.people.goes_by(author, wanted.from_user) for author in authors)
        )
        wanted_authors = {
            author for author, is_named in zip(authors, named, strict=True) if is_named
        }
        return [one for one in fitting if one.author in wanted_authors]

    def _is_knowledge(self, found: Found) -> bool:
        return found.author != self.bot.user_id and f"<@{self.bot.user_id}" not in found.text


def _fits(found: Found, wanted: Wanted) -> bool:
    if found.place.channel not in wanted.channels or found.place.thread == wanted.asked_in:
        return False
    day = datetime.fromtimestamp(float(found.place.ts), UTC).date()
    return (wanted.after is None or wanted.after <= day) and (
        wanted.before is None or day <= wanted.before
    )
