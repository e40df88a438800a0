"""views.publish: what an app shows someone on its Home tab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from localslack.errors import SlackError, invalid_arguments
from localslack.methods.block_kit import check_blocks
from localslack.methods.call import Call, Method
from localslack.model import HomeView
from localslack.wire import view_json

if TYPE_CHECKING:
    from localslack.methods.call import Methods
    from localslack.model import Json

BLOCKS_LIMIT = 100  # Slack's documentation of Home tab views, as is the next
PRIVATE_METADATA_LIMIT = 3_000
VIEW_LIMIT = 250_000  # Slack's documentation of views.publish: `view_too_large` over 250 kB


def publish(call: Call) -> Json:
    """Put a view on the app's Home tab for one user.

    Slack's documentation: a `hash` that is not that of the view now there is a `hash_conflict`.
    """
    user = call.workspace.user(call.arguments.text("user_id"))
    given = _given(call)
    known = call.workspace.home(call.app.id, user.id)
    expected = call.arguments.optional_text("hash")
    if expected is not None and known is not None and expected != known.hash:
        raise SlackError("hash_conflict")
    view = HomeView(
        id=f"V{call.app.id[1:]}{user.id[1:]}",
        app=call.app.id,
        user=user.id,
        hash=call.workspace.next_ts(call.now),
        blocks=tuple(given["blocks"]),
        callback_id=str(given.get("callback_id") or ""),
        private_metadata=str(given.get("private_metadata") or ""),
        external_id=str(given.get("external_id") or ""),
    )
    call.workspace.publish_home(view)
    return {"view": view_json(view, call.workspace)}


def _given(call: Call) -> Json:
    view = call.arguments.object("view", "invalid_arguments")
    if view is None:
        raise invalid_arguments("missing required field: view")
    if view.get("type") != "home":
        raise invalid_arguments("must be `home` [json-pointer:/view/type]")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise invalid_arguments("missing required field: blocks [json-pointer:/view]")
    if len(str(view.get("private_metadata") or "")) > PRIVATE_METADATA_LIMIT:
        raise invalid_arguments("must be less than 3001 characters [json-pointer:/view]")
    if len(json.dumps(view)) > VIEW_LIMIT:
        raise SlackError("view_too_large")
    check_blocks(blocks, BLOCKS_LIMIT)
    return view


VIEWS: Methods = {"views.publish": Method(publish)}
