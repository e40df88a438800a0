"""Messages of Slack as documents: who said what, with names in place of ids."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slackbot.knowledge.text.excerpt import excerpt
from slackbot.messages import KnowledgeResult, ReadMore
from slackbot.slack.ingress import plain_text
from slackbot.slack.permalinks import permalink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.slack.history.channels import Channel
    from slackbot.slack.history.search import Found
    from slackbot.slack.people import SlackPeople
    from slackbot.slack.permalinks import Place

SOURCE = "Slack"
READ_TOOL = "read_slack_thread"
TITLE_CHARACTERS = 80
THREAD_CHARACTERS = 16_000

_MENTION = re.compile(r"<@([A-Z0-9]+)>")
_UNNAMED_CHANNEL = re.compile(r"<#([A-Z0-9]+)\|?>")


@dataclass(frozen=True, slots=True)
class Quotes:
    """Makes documents of messages, for somebody to whom `channels` are open.

    `site` is the workspace's address, with no slash at its end.
    """

    people: SlackPeople
    site: str
    channels: Mapping[str, Channel]

    async def excerpt(self, found: Found) -> KnowledgeResult:
        """Return one message, cut if it is long, and how to read its thread."""
        link = permalink(self.site, found.place)
        return KnowledgeResult(
            title=await self._title(found),
            content=excerpt(await self._line(found)),
            url=link,
            source=SOURCE,
            relevance_score=1.0,
            updated_at=time_of(found.place.ts),
            container=f"#{self.channels[found.place.channel].name}",
            # The channel stands in the path as well, and a model pays for each character.
            read_more=ReadMore(READ_TOOL, {"permalink": link.partition("&cid=")[0]}),
        )

    async def thread(self, messages: Sequence[Found], place: Place) -> KnowledgeResult:
        """Return a whole thread under the address of one of its messages."""
        said = await asyncio.gather(*(self._line(found, dated=True) for found in messages))
        # Set in, so that no message can look like several, each by somebody else.
        lines = [line.replace("\n", "\n  ") for line in said]
        return KnowledgeResult(
            title=await self._title(messages[0]),
            content="\n\n".join(fitted(lines, THREAD_CHARACTERS)),
            url=permalink(self.site, place),
            source=SOURCE,
            relevance_score=1.0,
            updated_at=max(time_of(found.place.ts) for found in messages),
            container=f"#{self.channels[place.channel].name}",
        )

    async def _title(self, found: Found) -> str:
        opening = await self._named(found.opening or found.text)
        return shortened(" ".join(opening.split()), TITLE_CHARACTERS)

    async def _line(self, found: Found, *, dated: bool = False) -> str:
        author = await self.people.name(found.author) if found.author else "an app"
        said_at = f" ({time_of(found.place.ts):%Y-%m-%d %H:%M} UTC)" if dated else ""
        return f"{author}{said_at}: {await self._named(found.text)}"

    async def _named(self, mrkdwn: str) -> str:
        """Return the text with names in place of the ids of people, and of channels open here."""
        text = plain_text(_UNNAMED_CHANNEL.sub(self._channel, mrkdwn))
        users = sorted(set(_MENTION.findall(text)))
        names = await asyncio.gather(*map(self.people.name, users))
        by_id = dict(zip(users, names, strict=True))
        return _MENTION.sub(lambda mention: f"@{by_id[mention[1]]}", text)

    def _channel(self, mention: re.Match[str]) -> str:
        known = self.channels.get(mention[1])
        return f"<#{mention[1]}|{known.name}>" if known else f"<#{mention[1]}>"


def shortened(text: str, limit: int) -> str:
    """Return the text, cut at a word and marked where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    return f"{text[:limit].rsplit(maxsplit=1)[0].rstrip()}…"


def fitted(lines: Sequence[str], limit: int) -> list[str]:
    """Return the first line and as many of the last ones as fit into `limit` characters.

    What is left out between them is marked.
    """
    if sum(map(len, lines)) <= limit:
        return list(lines)
    first, room = shortened(lines[0], limit // 2), limit // 2
    kept: list[str] = []
    for line in reversed(lines[1:]):
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
    left_out = len(lines) - 1 - len(kept)
    note = [f"[{left_out} messages left out here: the thread is too long]"] if left_out else []
    return [first, *note, *reversed(kept)]


def time_of(ts: str) -> datetime:
    """Return when the message with this ts was said."""
    return datetime.fromtimestamp(float(ts), UTC)
