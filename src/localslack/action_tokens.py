"""Action tokens: what an app is given with a message to it, to search for the one who wrote it.

Slack's documentation of the Real-time Search API: the token comes with a message event, is
short-lived, and a bot token can search with one only. It stands at `event.action_token`; apps in
the field report `event.assistant_thread.action_token` as well. How long one lives is not said.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from localslack.errors import SlackError
from localslack.timestamps import seconds

if TYPE_CHECKING:
    from localslack.model import App, Message, Person
    from localslack.workspace import Workspace

LIFETIME_SECONDS = 600.0


def action_token(message: Message, app: App) -> str:
    """Return the token that an app is given with a message."""
    subject = f"{message.channel}.{message.ts}"
    digest = hmac.new(app.signing_secret.encode(), subject.encode(), hashlib.sha256)
    return f"{subject}.{digest.hexdigest()[:12]}"


def asker(token: str, app: App, workspace: Workspace, now: float) -> Person:
    """Return the person whose message a token came with.

    Raises:
        SlackError: `invalid_action_token` (Slack's documentation of assistant.search.context), or
            `token_expired` (reported by apps in the field).
    """
    channel, _, rest = token.partition(".")
    try:
        message = workspace.message(channel, rest.rpartition(".")[0])
    except SlackError as error:
        raise SlackError("invalid_action_token") from error
    if not hmac.compare_digest(token.encode(), action_token(message, app).encode()):
        raise SlackError("invalid_action_token")
    if now - seconds(message.ts) > LIFETIME_SECONDS:
        raise SlackError("token_expired")
    return workspace.user(message.user)
