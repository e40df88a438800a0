"""How the Web API lets callers in, reads arguments and words its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from localslack import App, Channel, LocalSlack, Workspace

    ClientFor: TypeAlias = Callable[[str], AsyncWebClient]
    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]


async def test_auth_test_says_whose_token_it_is(
    client: AsyncWebClient, slack: LocalSlack, app: App
) -> None:
    answer = await client.auth_test()
    assert answer["team"] == "Acme"
    assert answer["user_id"] == app.user_id
    assert answer["bot_id"] == app.bot_id
    assert f"{answer['url']}api" == slack.api_url


@pytest.mark.parametrize("base_url", ["{api}", "{api}/"])
async def test_the_base_url_works_with_and_without_a_slash(
    slack: LocalSlack, app: App, base_url: str
) -> None:
    url = base_url.format(api=slack.api_url)
    assert slack.api_url.endswith("/api")
    assert (await AsyncWebClient(app.bot_token, base_url=url).auth_test())["ok"]


@pytest.mark.parametrize(
    ("token", "code"),
    [("", "not_authed"), ("xoxb-forged", "invalid_auth"), ("{app}", "not_allowed_token_type")],
)
async def test_callers_without_the_right_token_are_refused(
    client_for: ClientFor, app: App, token: str, code: str, refusal: Refusal
) -> None:
    client = client_for(token.format(app=app.app_token))
    assert await refusal(client.auth_test()) == code


async def test_a_socket_is_opened_with_the_app_level_token_only(
    client: AsyncWebClient, app: App, refusal: Refusal
) -> None:
    wrong = client.apps_connections_open(app_token=app.bot_token)
    assert await refusal(wrong) == "not_allowed_token_type"
    answer = await client.apps_connections_open(app_token=app.app_token)
    assert answer["url"].startswith("ws://127.0.0.1:")


async def test_a_revoked_app_is_refused(
    client: AsyncWebClient, workspace: Workspace, app: App, refusal: Refusal
) -> None:
    workspace.revoke(app)
    assert await refusal(client.auth_test()) == "invalid_auth"


async def test_an_unknown_method_is_named(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.shout")
    assert caught.value.response.data == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.shout",
    }


async def test_a_missing_scope_is_named_with_those_provided(
    workspace: Workspace, client_for: ClientFor
) -> None:
    poor = workspace.add_app("poor", scopes=["users:read", "chat:write"])
    client = client_for(poor.bot_token)
    with pytest.raises(SlackApiError) as caught:
        await client.reactions_list()
    assert caught.value.response["needed"] == "reactions:read"
    assert caught.value.response["provided"] == "chat:write,users:read"
    answer = await client.auth_test()
    assert answer.headers["x-oauth-scopes"] == "chat:write,users:read"


async def test_reading_needs_the_scope_of_the_kind_of_channel(
    workspace: Workspace, client_for: ClientFor, refusal: Refusal
) -> None:
    reader = workspace.add_app("reader", scopes=["channels:history"])
    private = workspace.add_channel("board", ["ana", "reader"], private=True)
    public = workspace.add_channel("news", ["ana", "reader"])
    client = client_for(reader.bot_token)
    assert (await client.conversations_history(channel=public.id))["ok"]
    refused = client.conversations_history(channel=private.id)
    assert await refusal(refused) == "missing_scope"


async def raw(slack: LocalSlack, **request: object) -> dict[str, object]:
    async with aiohttp.ClientSession() as session:
        url = f"{slack.api_url}/chat.postMessage"
        async with session.post(url, **request) as response:  # type: ignore[arg-type] # forwarded
            answer = await response.json()
    assert isinstance(answer, dict)
    return answer


async def test_form_query_and_json_mean_the_same(
    slack: LocalSlack, app: App, general: Channel
) -> None:
    values = {"channel": general.id, "text": "hi", "token": app.bot_token}
    bearer = {"Authorization": f"Bearer {app.bot_token}"}
    answers = [
        await raw(slack, data=values),
        await raw(slack, json=values),
        await raw(slack, params=values, headers=bearer),
        await raw(slack, json=values | {"blocks": None}, headers=bearer),
    ]
    assert [answer["ok"] for answer in answers] == [True] * 4


@pytest.mark.parametrize(
    ("body", "code"), [("{not json", "invalid_json"), ("[]", "json_not_object")]
)
async def test_a_body_that_is_no_json_object_is_refused(
    slack: LocalSlack, body: str, code: str
) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await raw(slack, data=body, headers=headers))["error"] == code


async def test_lists_and_objects_may_be_json_in_a_form(
    slack: LocalSlack, app: App, general: Channel
) -> None:
    blocks = '[{"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}]'
    values = {"channel": general.id, "token": app.bot_token}
    assert (await raw(slack, data=values | {"blocks": blocks}))["ok"]
    for wrong in ("[1]", "{}", "{"):
        answer = await raw(slack, data=values | {"blocks": wrong})
        assert answer["error"] == "invalid_blocks_format"


async def test_a_missing_argument_is_named(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.postMessage", json={"text": "hi"})
    assert caught.value.response["error"] == "invalid_arguments"
    messages = caught.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: channel"]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("chat.postMessage", {"channel": {"id": "C1"}, "text": "hi"}),
        ("conversations.history", {"channel": "general", "limit": "many"}),
        ("conversations.history", {"channel": "general", "limit": 0}),
    ],
)
async def test_an_argument_of_the_wrong_type_is_refused(
    client: AsyncWebClient, method: str, arguments: dict[str, object], refusal: Refusal
) -> None:
    assert await refusal(client.api_call(method, json=arguments)) == "invalid_arguments"


async def test_calls_are_logged_without_their_tokens(
    slack: LocalSlack, client: AsyncWebClient, general: Channel, refusal: Refusal
) -> None:
    await client.chat_postMessage(channel=general.id, text="hi")
    await refusal(client.users_info(user="U404"))
    first, second = slack.calls
    assert (first.method, first.app, first.outcome) == ("chat.postMessage", "slackbot", "ok")
    assert first.arguments == {"channel": general.id, "text": "hi"}
    assert first.at == slack.clock()
    assert (second.method, second.outcome) == ("users.info", "user_not_found")


async def test_until_gives_up_in_time(slack: LocalSlack) -> None:
    with pytest.raises(TimeoutError):
        await slack.until(lambda: None, timeout=0.01)
