"""How often Slack lets an app call each method: the limits, and what they rest on.

Slack's documentation of rate limits: they hold per method, per app and workspace, and are counted
per minute; a tier allows at least 1, 20, 50 or 100 calls a minute. Each method's page names its
tier, and Slack's own Java SDK lists them all (MethodsRateLimits, MethodsRateLimitTier). Where the
two differ, as for apps.connections.open and users.conversations, the page is followed. Bursts are
"tolerated" to an extent that Slack does not say: here a minute's calls may all come at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Scope = Literal["workspace", "channel", "user"]
"""What is counted together: all calls of an app, those to one channel, those for one asker."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` in any `seconds`, counted together by `scope`."""

    calls: int
    seconds: float = 60.0
    scope: Scope = "workspace"

    def __post_init__(self) -> None:
        if self.calls < 1 or self.seconds <= 0:
            raise ValueError("a limit allows at least one call in some time")


TIER_2 = (Limit(20),)
TIER_3 = (Limit(50),)
TIER_4 = (Limit(100),)
HUNDREDS = (Limit(600),)
"""auth.test, chat.getPermalink: "hundreds of requests per minute", 600 in the Java SDK."""

SLACK_LIMITS: Mapping[str, Sequence[Limit]] = {
    "apps.connections.open": TIER_3,
    # the Java SDK: like chat.postMessage, 60 a minute for each direct channel
    "assistant.threads.setStatus": (Limit(60, scope="channel"),),
    # Slack's documentation of the Real-time Search API: 10+ a minute for each user
    "assistant.search.context": (Limit(10, scope="user"),),
    "auth.test": HUNDREDS,
    "chat.appendStream": TIER_4,
    "chat.delete": TIER_3,
    "chat.getPermalink": HUNDREDS,
    "chat.postEphemeral": TIER_4,
    # "one message per second per channel", "short bursts", "several hundred messages per minute"
    "chat.postMessage": (Limit(5, 5.0, "channel"), Limit(300)),
    "chat.startStream": TIER_2,
    "chat.stopStream": TIER_2,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.list": TIER_2,
    "reactions.remove": TIER_2,
    "search.messages": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "views.publish": TIER_4,
}
"""The limits of each method that localslack answers, by its name."""


def narrowest(method: str) -> Scope:
    """Return what a refusal of a method holds for: the first of its limits counts the least."""
    return SLACK_LIMITS[method][0].scope if method in SLACK_LIMITS else "workspace"
