"""Which scopes each method of Slack's Web API needs, by its reference, and what lacks without."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

METHOD_SCOPES: Mapping[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "assistant.search.context": frozenset({"search:read.public"}),
    "assistant.threads.setStatus": frozenset({"chat:write"}),
    "chat.appendStream": frozenset({"chat:write"}),
    "chat.delete": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.startStream": frozenset({"chat:write"}),
    "chat.stopStream": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations.replies": frozenset(
        {"channels:history", "groups:history", "im:history", "mpim:history"}
    ),
    "reactions.add": frozenset({"reactions:write"}),
    "reactions.list": frozenset({"reactions:read"}),
    "search.messages": frozenset(),  # a user token's method: that token needs search:read
    "users.conversations": frozenset({"channels:read", "groups:read", "im:read"}),
    "users.info": frozenset({"users:read"}),
}

FEATURES: Mapping[str, str] = {
    "app_mentions:read": "mentions outside the channels it reads",
    "assistant:write": "the Stop button",
    "channels:history": "threads and mentions in public channels",
    "channels:read": "catching up and searching in public channels",
    "chat:write": "answers",
    "groups:history": "threads and mentions in private channels",
    "groups:read": "catching up in private channels",
    "im:history": "direct messages",
    "im:read": "catching up on direct messages",
    "mpim:history": "threads in group messages",
    "reactions:read": "finding answers that were broken off",
    "reactions:write": "the marks that say where each question stands",
    "search:read.public": "searching public channels for whoever asks",
    "users:read": "people's names",
}
"""What goes without each scope."""


def switched_off(granted: frozenset[str] | None) -> Mapping[str, str]:
    """Return what goes without the scopes that were not granted, by their names.

    Where it is not known which were granted, all of them are taken to be.
    """
    if granted is None:
        return {}
    return {scope: feature for scope, feature in FEATURES.items() if scope not in granted}
