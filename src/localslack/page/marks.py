"""How much of a channel someone has not read: what the page's badges count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localslack.model import Json
    from localslack.room import Room

_BROADCASTS = ("<!here", "<!channel", "<!everyone")


def unread_counts(room: Room, user: str) -> Json:
    """Return how many messages are unread, and how many of them are for this person.

    As in Slack, replies in a thread do not make a channel unread, except to whom they mention; of
    a direct channel everything is for the person.
    """
    later = room.unread(user)
    if room.channel.kind == "im":
        return {"unread": len(later), "mentions": len(later)}
    mentions = (f"<@{user}", *_BROADCASTS)
    return {
        "unread": sum(not m.is_reply or m.subtype == "thread_broadcast" for m in later),
        "mentions": sum(any(mention in m.body for mention in mentions) for m in later),
    }
