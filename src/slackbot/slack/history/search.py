"""Searching Slack by Slack's own search, in two ways; and what every way is asked and answers.

Way one is the Real-time Search API, in the name of the asker, by the token that came with the
question. Way two is search.messages with a user token. Both see public channels only here: the
query says in which, and every answer is checked by whoever asked. (Way three is in `recent`.)

Sources: https://docs.slack.dev/reference/methods/assistant.search.context (its filters hold for
both methods) and https://docs.slack.dev/reference/methods/search.messages
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from slackbot.errors import SourceUnauthorized
from slackbot.invisible import strip_invisible
from slackbot.slack.permalinks import Place, root_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from slackbot.slack.gateway import SlackGateway
    from slackbot.slack.history.channels import Channel

MAX_CHANNEL_FILTERS = 20
"""With more channels than this the query names none, and the answers are only checked."""

USER_SCOPE = "search:read"
"""What a user token needs for search.messages."""

_WORD = re.compile(r"[^\W_]+(?:[.'’_][^\W_]+)*")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
_TS = re.compile(r"[0-9]{1,10}\.[0-9]{6}")
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for: all of it in typed fields, so that a query is nothing but what we wrote.

    `after` and `before` are the first and the last day to search, in UTC. `asked_in` is the thread
    in which it is asked (channel and root), which is left out.
    """

    words: tuple[str, ...]
    channels: Mapping[str, Channel]
    from_user: str | None = None
    after: date | None = None
    before: date | None = None
    asked_in: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that a way found. `author` is empty where no user wrote it; `text` is mrkdwn.

    `opening` is what the thread's first message says, as far as that is known.
    """

    place: Place
    author: str
    text: str
    opening: str | None = None


class Way(Protocol):
    """One way to search. What it finds may be anything: it is checked by whoever asked."""

    async def search(self, wanted: Wanted) -> Sequence[Found]:
        """Return messages, the best first, or raise `SlackFailure`."""
        ...


@dataclass(frozen=True, slots=True)
class RealTimeSearch:
    """assistant.search.context, in the name of the one whose question the token came with."""

    gateway: SlackGateway
    action_token: str

    async def search(self, wanted: Wanted) -> Sequence[Found]:
        """Return at most 20 messages of public channels: one call, since Slack allows few."""
        answers = await self.gateway.search_context(query_text(wanted), self.action_token)
        found = (
            _found(
                channel=answer.get("channel_id"),
                ts=answer.get("message_ts"),
                author=answer.get("author_user_id"),
                text=answer.get("content"),
                link=answer.get("permalink"),
            )
            for answer in answers
        )
        return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class MessageSearch:
    """search.messages. `gateway` has a user token: it finds what that user can read."""

    gateway: SlackGateway

    async def check(self) -> None:
        """Ask what the token may do; where Slack does not say so, it may be enough.

        Raises:
            SlackFailure: Slack does not take it.
            SourceUnauthorized: it may not search.
        """
        granted = (await self.gateway.auth_test()).scopes
        if granted is not None and USER_SCOPE not in granted:
            raise SourceUnauthorized(
                f"SLACK_USER_TOKEN lacks the scope {USER_SCOPE}. Add it to the User Token Scopes "
                "on your app's page, OAuth & Permissions, install the app again, and copy the "
                "token again."
            )

    async def search(self, wanted: Wanted) -> Sequence[Found]:
        """Return at most 100 messages of public channels."""
        matches = await self.gateway.search_messages(query_text(wanted))
        found = (
            _found(
                channel=_public_channel(match.get("channel")),
                ts=match.get("ts"),
                author=match.get("user"),
                text=match.get("text"),
                link=match.get("permalink"),
            )
            for match in matches
        )
        return [one for one in found if one is not None]


def search_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case: no quotes, no signs, so no modifier of Slack's."""
    return tuple(dict.fromkeys(_WORD.findall(strip_invisible(text).lower())))


def query_text(wanted: Wanted) -> str:
    """Return the query, with filters of our own.

    Slack's days are those of the user's time zone, and leave out the day that is named: a margin
    takes care of both, and the answers are checked to the day.
    """
    filters: list[str] = []
    if len(wanted.channels) <= MAX_CHANNEL_FILTERS:
        filters += [f"in:<#{channel}>" for channel in wanted.channels]
    if user := user_id(wanted.from_user):
        filters.append(f"from:<@{user}>")
    if wanted.after is not None:
        filters.append(f"after:{_moved(wanted.after, -1).isoformat()}")
    if wanted.before is not None:
        filters.append(f"before:{_moved(wanted.before, 1).isoformat()}")
    return " ".join((*wanted.words, *filters))


def user_id(name: str | None) -> str | None:
    """Return the id in what may be a name or a mention of somebody as well."""
    found = _USER_ID.fullmatch((name or "").strip().strip("<>").removeprefix("@"))
    return found[0] if found else None


def is_ts(value: object) -> bool:
    """Whether a value is the ts of a message."""
    return isinstance(value, str) and _TS.fullmatch(value) is not None


def _moved(day: date, direction: int) -> date:
    try:
        return day + direction * _MARGIN
    except OverflowError:
        return day


def _public_channel(channel: object) -> object:
    """Return the id of a match's channel, `None` unless it is public."""
    closed = ("is_private", "is_im", "is_mpim", "is_group")
    if not isinstance(channel, Mapping) or any(channel.get(kind) for kind in closed):
        return None
    return channel.get("id")


def _found(
    *, channel: object, ts: object, author: object, text: object, link: object
) -> Found | None:
    """Return what stands in an answer, `None` where it is not what Slack documents."""
    if not (isinstance(channel, str) and isinstance(ts, str) and isinstance(text, str)):
        return None
    if not is_ts(ts):
        return None
    place = Place(channel, ts, root_in(link) or ts)
    return Found(place, author if isinstance(author, str) else "", text)
