"""search.messages and assistant.search.context: what a person, or an app for one, can find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.action_tokens import asker
from localslack.errors import SlackError, invalid_arguments
from localslack.methods.call import Call, Method
from localslack.methods.paging import page
from localslack.permalinks import permalink
from localslack.search import find, readable_rooms
from localslack.search_query import parse
from localslack.timestamps import seconds

if TYPE_CHECKING:
    from localslack.methods.call import Methods
    from localslack.model import Json, Message
    from localslack.search import Match, Order

COUNT_LIMIT = 100  # Slack's documentation of search.messages
PAGES_LIMIT = 100  # as above
CONTEXT_LIMIT = 20  # Slack's documentation of assistant.search.context
ENOUGH = 0.5
"""Slack leaves out "results with insufficient keyword matches" and does not say what suffices."""


def messages(call: Call) -> Json:
    """Return what the person whose token it is can find, direct messages too, page by page."""
    text = _query(call)
    rooms = readable_rooms(call.workspace, call.workspace.user(call.caller.user))
    order, ascending = _order(call)
    found = find(call.workspace, rooms, parse(text), order=order, ascending=ascending)
    count = call.arguments.number("count", 20, COUNT_LIMIT)
    number = call.arguments.number("page", 1, PAGES_LIMIT)
    first = (number - 1) * count
    part, pages = found[first : first + count], -(-len(found) // count)
    return {
        "query": text,
        "messages": {
            "total": len(found),
            "pagination": {
                "total_count": len(found),
                "page": number,
                "per_page": count,
                "page_count": pages,
                "first": first + 1,
                "last": first + len(part),
            },
            "paging": {"count": count, "total": len(found), "page": number, "pages": pages},
            "matches": [_match_json(match, call) for match in part],
        },
    }


def context(call: Call) -> Json:
    """Return what the one who asked the app can find in public channels.

    Slack's documentation: a bot token needs the `action_token` of an event; the scope
    search:read.public covers public channels, whether or not the asker is a member. Messages of
    bots come only where they are wanted. What stands before and after a message is not given here.
    """
    arguments = call.arguments
    text = _query(call)
    token = arguments.optional_text("action_token")
    if token is None:
        raise SlackError("invalid_action_token")
    person = asker(token, call.app, call.workspace, call.now)
    types = arguments.names("channel_types") or ("public_channel",)
    contents = arguments.names("content_types") or ("messages",)
    wanted = "public_channel" in types and "messages" in contents
    rooms = [
        room
        for room in readable_rooms(call.workspace, person)
        if wanted and room.channel.kind == "channel"
    ]
    order, ascending = _order(call)
    found = find(call.workspace, rooms, parse(text), share=ENOUGH, order=order, ascending=ascending)
    shown = [match.message for match in found if _is_shown(match.message, call)]
    part, fields = page(shown, arguments, default=CONTEXT_LIMIT, maximum=CONTEXT_LIMIT)
    return {
        "results": {"messages": [_context_json(message, call) for message in part]},
        "response_metadata": fields["response_metadata"],
    }


def _query(call: Call) -> str:
    """Return the query (Slack's documentation of search.messages: `no_query`)."""
    text = call.arguments.optional_text("query")
    if not text:
        raise SlackError("no_query")
    return text


def _order(call: Call) -> tuple[Order, bool]:
    order: Order = "timestamp" if call.arguments.optional_text("sort") == "timestamp" else "score"
    return order, call.arguments.optional_text("sort_dir") == "asc"


def _is_shown(message: Message, call: Call) -> bool:
    after, before = (_time(call, name) for name in ("after", "before"))
    if message.bot_id is not None and not call.arguments.flag("include_bots"):
        return False
    at = seconds(message.ts)
    return (after is None or at > after) and (before is None or at < before)


def _time(call: Call, name: str) -> float | None:
    value = call.arguments.optional_text(name)
    try:
        return None if value is None else float(value)
    except ValueError as error:
        raise invalid_arguments(f"must be a UNIX timestamp: {name}") from error


def _match_json(match: Match, call: Call) -> Json:
    """A match as search.messages shows it. A direct channel is named by the other's id."""
    message, user = match.message, call.caller.user
    room = call.workspace.room(message.channel)
    kind = room.channel.kind
    other = next((member for member in room.members if member != user), user)
    return {
        "iid": f"{message.channel}-{message.ts}",
        "team": call.workspace.team_id,
        "score": match.score,
        "channel": {
            "id": message.channel,
            "name": room.channel.name or other,
            "is_channel": kind == "channel",
            "is_group": False,
            "is_im": kind == "im",
            "is_mpim": False,
            "is_private": kind != "channel",
            "is_shared": False,
            "is_org_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
        },
        "type": "message",
        "user": message.user,
        "username": call.workspace.user(message.user).name,
        "ts": message.ts,
        "text": message.text,
        "permalink": _permalink(message, call),
    }


def _context_json(message: Message, call: Call) -> Json:
    author = call.workspace.user(message.user)
    return {
        "author_name": author.real_name,
        "author_user_id": author.id,
        "team_id": author.team,
        "channel_id": message.channel,
        "channel_name": call.workspace.channel(message.channel).name,
        "message_ts": message.ts,
        "content": message.text,
        "is_author_bot": message.bot_id is not None,
        "permalink": _permalink(message, call),
    }


def _permalink(message: Message, call: Call) -> str:
    return permalink(call.site(), message.channel, message.ts, message.thread_ts)


SEARCH: Methods = {
    "search.messages": Method(messages, ("search:read",), taking=("user",)),
    "assistant.search.context": Method(context, ("search:read.public",)),
}
