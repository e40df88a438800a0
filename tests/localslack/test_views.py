"""views.publish: what a Home tab may hold, and who wins when two publish at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Workspace

    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]

DIVIDER = {"type": "divider"}
VIEW: dict[str, Any] = {
    "type": "home",
    "blocks": [DIVIDER],
    "callback_id": "home",
    "private_metadata": "mine",
    "external_id": "e1",
}


@pytest.fixture
def ana(workspace: Workspace) -> str:
    return workspace.user("ana").id


async def test_a_view_is_answered_as_it_stands(
    client: AsyncWebClient, ana: str, workspace: Workspace, app: App
) -> None:
    view = (await client.views_publish(user_id=ana, view=VIEW))["view"]
    assert {key: view[key] for key in VIEW} == VIEW | {"blocks": [DIVIDER | {"block_id": "b0"}]}
    assert (view["app_id"], view["bot_id"], view["team_id"]) == (
        app.id,
        app.bot_id,
        workspace.team_id,
    )
    again = (await client.views_publish(user_id=ana, view=VIEW, hash=view["hash"]))["view"]
    assert again["id"] == view["id"] == again["root_view_id"]
    assert again["hash"] != view["hash"]


async def test_of_two_that_publish_at_once_the_first_wins(
    client: AsyncWebClient, ana: str, refusal: Refusal
) -> None:
    known = (await client.views_publish(user_id=ana, view=VIEW))["view"]["hash"]
    await client.views_publish(user_id=ana, view=VIEW, hash=known)
    second = client.views_publish(user_id=ana, view=VIEW, hash=known)
    assert await refusal(second) == "hash_conflict"


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (None, "invalid_arguments"),
        ("{", "invalid_arguments"),
        (VIEW | {"type": "modal"}, "invalid_arguments"),
        (VIEW | {"blocks": "none"}, "invalid_arguments"),
        (VIEW | {"blocks": ["x"]}, "invalid_arguments"),
        (VIEW | {"private_metadata": "x" * 3_001}, "invalid_arguments"),
        (VIEW | {"blocks": [DIVIDER] * 101}, "invalid_blocks"),
        (VIEW | {"blocks": [{"type": "spell"}]}, "invalid_blocks"),
        (VIEW | {"title": "x" * 250_001}, "view_too_large"),
    ],
    ids=range(9),
)
async def test_what_is_no_home_view_is_refused(
    client: AsyncWebClient, ana: str, refusal: Refusal, view: Any, code: str
) -> None:
    call = client.api_call("views.publish", json={"user_id": ana, "view": view})
    assert await refusal(call) == code


async def test_nobody_has_no_home(client: AsyncWebClient, refusal: Refusal) -> None:
    assert await refusal(client.views_publish(user_id="U1", view=VIEW)) == "user_not_found"


async def test_a_view_may_hold_a_hundred_blocks(client: AsyncWebClient, ana: str) -> None:
    await client.views_publish(user_id=ana, view=VIEW | {"blocks": [DIVIDER] * 100})
