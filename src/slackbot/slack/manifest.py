"""The app's manifest: exactly the scopes and events that the code uses; pure.

Source of the shape: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.slack.gateway import METHOD_SCOPES
from slackbot.slack.listeners import EVENT_SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping


def manifest(name: str) -> Mapping[str, object]:
    """Return the manifest, ready for JSON. The app-level token needs `connections:write`."""
    scopes = frozenset(EVENT_SCOPES.values()).union(*METHOD_SCOPES.values())
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Answers questions from your company's knowledge, with its sources.",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            # An agent's answers can be stopped by the people who wait for them.
            "agent_view": {
                "agent_description": "Ask what your company knows: it looks things up for you.",
                "suggested_prompts": [
                    {"title": "What can you do?", "message": "What can you do for me?"},
                ],
            },
            "bot_user": {"display_name": name, "always_online": True},
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENT_SCOPES)},
            "interactivity": {"is_enabled": False},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
