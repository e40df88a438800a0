"""Which scopes of the bot token each method of Slack's Web API needs, by its reference."""

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
