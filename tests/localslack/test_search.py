"""search.messages, assistant.search.context and the lists of channels: who finds what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from inline_snapshot import snapshot

from localslack.action_tokens import LIFETIME_SECONDS, action_token
from localslack.events import events_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack, Workspace

    ClientFor: TypeAlias = Callable[[str], AsyncWebClient]
    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]

CONTEXT = "assistant.search.context"


@pytest.fixture
def ana(client_for: ClientFor, workspace: Workspace, app: App) -> AsyncWebClient:
    """A client that acts for Ana."""
    return client_for(workspace.add_user_token("ana", app))


@pytest.fixture
def rooms(workspace: Workspace) -> None:
    """Channels beside #general: one without Ana, a private one with her and one without."""
    workspace.add_person("gus", restricted=True)
    workspace.add_channel("random", ["ben"])
    workspace.add_channel("board", ["ana", "slackbot"], private=True)
    workspace.add_channel("leads", ["ben"], private=True)
    workspace.join("general", "gus")


async def found(client: AsyncWebClient, query: str, **more: Any) -> list[str]:
    answer = await client.search_messages(query=query, **more)
    return [match["text"] for match in answer["messages"]["matches"]]


def token_for(slack: LocalSlack, app: App, person: str) -> str:
    """Let someone ask the bot; return the action token that it is given."""
    ts = slack.say(person, "general", f"@{app.name} what?")
    return action_token(slack.workspace.message("general", ts), app)


async def context(client: AsyncWebClient, **arguments: Any) -> dict[str, Any]:
    answer = await client.api_call(CONTEXT, json=arguments)
    results: dict[str, Any] = answer["results"]
    return results


async def contents(client: AsyncWebClient, **arguments: Any) -> list[str]:
    return [message["content"] for message in (await context(client, **arguments))["messages"]]


async def test_a_match_tells_where_it_was_said_and_by_whom(
    ana: AsyncWebClient, slack: LocalSlack, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    slack.say("ben", general, "The train leaves", thread_ts=root)
    answer = await ana.search_messages(query="train")
    matches = answer["messages"].pop("matches")
    assert answer["query"] == "train"
    assert answer["messages"] == snapshot(
        {
            "total": 1,
            "pagination": {
                "total_count": 1,
                "page": 1,
                "per_page": 20,
                "page_count": 1,
                "first": 1,
                "last": 1,
            },
            "paging": {"count": 20, "total": 1, "page": 1, "pages": 1},
        }
    )
    site = slack.api_url.removesuffix("/api")
    assert matches[0].pop("permalink").replace(site, "") == snapshot(
        "/archives/C0LOCAL0001/p1700000000000001?thread_ts=1700000000.000000&cid=C0LOCAL0001"
    )
    assert matches == snapshot(
        [
            {
                "iid": "C0LOCAL0001-1700000000.000001",
                "team": "T0LOCAL0001",
                "score": 1.0986122886681098,
                "channel": {
                    "id": "C0LOCAL0001",
                    "name": "general",
                    "is_channel": True,
                    "is_group": False,
                    "is_im": False,
                    "is_mpim": False,
                    "is_private": False,
                    "is_shared": False,
                    "is_org_shared": False,
                    "is_ext_shared": False,
                    "is_pending_ext_shared": False,
                    "pending_shared": [],
                },
                "type": "message",
                "user": "U0LOCAL0002",
                "username": "ben",
                "ts": "1700000000.000001",
                "text": "The train leaves",
            }
        ]
    )


@pytest.mark.usefixtures("rooms")
async def test_a_person_finds_what_that_person_could_read(
    ana: AsyncWebClient, slack: LocalSlack, workspace: Workspace
) -> None:
    for person, channel in (
        ("ana", "general"), ("ben", "random"), ("ana", "board"), ("ben", "leads")
    ):  # fmt: skip
        slack.say(person, channel, f"train in {channel}")
    own, other = workspace.open_direct("ana", "ben"), workspace.open_direct("ben", "slackbot")
    slack.say("ben", own, "train in a direct message")
    slack.say("ben", other, "train to the bot")
    assert sorted(await found(ana, "train")) == [
        "train in a direct message", "train in board", "train in general", "train in random"
    ]  # fmt: skip
    answer = await ana.search_messages(query="train direct")
    assert answer["messages"]["matches"][0]["channel"]["name"] == workspace.user("ben").id


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("TRAINS", ["the release train", "a train"]),
        ("release train", ["the release train"]),
        ('"the release"', ["the release train"]),
        ('"release the"', []),
        ("train -release", ["a train"]),
        ("train in:random", []),
        ("train in:general from:ben", ["a train"]),
        ("train before:2023-11-15", ["the release train", "a train"]),
        ("train after:2023-11-14", []),
        ("aeroplane", []),
    ],
)
async def test_a_query_is_answered_as_it_says(
    ana: AsyncWebClient,
    slack: LocalSlack,
    workspace: Workspace,
    query: str,
    texts: list[str],
) -> None:
    workspace.add_channel("random", ["ben"])
    slack.say("ben", "general", "a train")
    slack.say("ana", "general", "the release train")
    assert await found(ana, query) == texts


async def test_what_has_the_rarer_words_comes_first_or_what_is_newer_where_that_is_wanted(
    client: AsyncWebClient, ana: AsyncWebClient, app: App, slack: LocalSlack
) -> None:
    for text in ("rare train", "train one", "train two"):
        slack.say("ben", "general", text)
    token = token_for(slack, app, "ana")
    asked: dict[str, Any] = {"query": "rare train", "action_token": token}
    assert await contents(client, **asked) == ["rare train", "train two", "train one"]
    newest = await contents(client, **asked, sort="timestamp")
    assert newest == ["train two", "train one", "rare train"]
    oldest = await found(ana, "train", sort="timestamp", sort_dir="asc")
    assert oldest == ["rare train", "train one", "train two"]


async def test_matches_come_page_by_page(ana: AsyncWebClient, slack: LocalSlack) -> None:
    for number in range(5):
        slack.say("ben", "general", f"train {number}")
    pages = [await found(ana, "train", count=2, page=number) for number in (1, 2, 3, 4)]
    assert [text[-1] for page in pages for text in page] == ["4", "3", "2", "1", "0"]
    assert [len(page) for page in pages] == [2, 2, 1, 0]


async def test_tombstones_are_not_found(ana: AsyncWebClient, slack: LocalSlack) -> None:
    root = slack.say("ana", "general", "root")
    slack.say("ben", "general", "reply", thread_ts=root)
    slack.delete("ana", "general", root)
    assert await found(ana, "deleted") == []


async def test_only_a_person_with_the_scope_searches_messages(
    client: AsyncWebClient,
    client_for: ClientFor,
    workspace: Workspace,
    app: App,
    ana: AsyncWebClient,
    refusal: Refusal,
) -> None:
    assert await refusal(client.search_messages(query="x")) == "not_allowed_token_type"
    narrow = client_for(workspace.add_user_token("ben", app, scopes=["users:read"]))
    assert await refusal(narrow.search_messages(query="x")) == "missing_scope"
    assert await refusal(ana.search_messages(query="")) == "no_query"
    assert await refusal(ana.users_info(user="ana")) == "not_allowed_token_type"


async def test_a_token_of_a_person_says_whose_it_is(
    workspace: Workspace, ana: AsyncWebClient
) -> None:
    told = await ana.auth_test()
    assert (told["user"], told["user_id"]) == ("ana", workspace.user("ana").id)
    assert told.get("bot_id") is None


async def test_a_context_result_tells_where_it_was_said_and_by_whom(
    client: AsyncWebClient, app: App, slack: LocalSlack
) -> None:
    slack.say("ben", "general", "The train leaves")
    token = token_for(slack, app, "ana")
    (message,) = (await context(client, query="train", action_token=token))["messages"]
    assert message.pop("permalink").startswith(slack.api_url.removesuffix("api") + "archives/")
    assert message == snapshot(
        {
            "author_name": "Ben Okafor",
            "author_user_id": "U0LOCAL0002",
            "team_id": "T0LOCAL0001",
            "channel_id": "C0LOCAL0001",
            "channel_name": "general",
            "message_ts": "1700000000.000000",
            "content": "The train leaves",
            "is_author_bot": False,
        }
    )


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize(
    ("person", "channels"), [("ana", ["general", "random"]), ("gus", ["general"])]
)
async def test_an_app_finds_what_stands_in_public_channels_that_the_asker_sees(
    client: AsyncWebClient, app: App, slack: LocalSlack, person: str, channels: list[str]
) -> None:
    for author, channel in (("ana", "board"), ("ben", "leads"), ("ben", "random")):
        slack.say(author, channel, f"train in {channel}")
    slack.say("ana", slack.open_dm("ana", "ben"), "train in a direct message")
    slack.say("ana", "general", "train in general")
    asked: dict[str, Any] = {"query": "train", "action_token": token_for(slack, app, person)}
    assert sorted(await contents(client, **asked)) == [f"train in {name}" for name in channels]
    everywhere = "public_channel,private_channel,im"
    assert len(await contents(client, **asked, channel_types=everywhere)) == len(channels)
    assert await contents(client, **asked, channel_types=["private_channel"]) == []
    assert await contents(client, **asked, content_types=["files"]) == []


async def test_half_of_the_words_suffice_for_an_app(
    client: AsyncWebClient, app: App, slack: LocalSlack
) -> None:
    for text in ("one two", "one", "one two three"):
        slack.say("ben", "general", text)
    asked: dict[str, Any] = {"query": "one two three", "action_token": token_for(slack, app, "ana")}
    assert await contents(client, **asked) == ["one two three", "one two"]


async def test_an_app_finds_within_a_time_and_bots_where_they_are_wanted(
    client: AsyncWebClient, app: App, slack: LocalSlack, pass_time: Callable[[float], None]
) -> None:
    start = slack.clock()
    for text in ("train 1", "train 2"):
        slack.say("ben", "general", text)
        pass_time(60)
    await client.chat_postMessage(channel="general", text="train 3")
    asked: dict[str, Any] = {"query": "train", "action_token": token_for(slack, app, "ana")}
    assert await contents(client, **asked, after=int(start) + 1) == ["train 2"]
    assert await contents(client, **asked, before=int(start) + 1) == ["train 1"]
    assert len(await contents(client, **asked, include_bots=True)) == 3


async def test_context_results_come_page_by_page(
    client: AsyncWebClient, app: App, slack: LocalSlack
) -> None:
    for number in range(25):
        slack.say("ben", "general", f"train {number}")
    asked: dict[str, Any] = {"query": "train", "action_token": token_for(slack, app, "ana")}
    first = await client.api_call(CONTEXT, json={**asked, "limit": 50})
    assert len(first["results"]["messages"]) == 20
    cursor = first["response_metadata"]["next_cursor"]
    assert len(await contents(client, **asked, cursor=cursor)) == 5


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"query": ""}, "no_query"),
        ({"action_token": None}, "invalid_action_token"),
        ({"action_token": "rubbish"}, "invalid_action_token"),
        ({"action_token": "C0LOCAL0001.1700000000.000000.abcdef012345"}, "invalid_action_token"),
        ({"action_token": "ü.1.2.3"}, "invalid_action_token"),
        ({"after": "yesterday"}, "invalid_arguments"),
    ],
)
async def test_a_context_search_that_is_refused(
    client: AsyncWebClient,
    app: App,
    slack: LocalSlack,
    refusal: Refusal,
    arguments: dict[str, Any],
    code: str,
) -> None:
    asked = {"query": "what", "action_token": token_for(slack, app, "ana")} | arguments
    assert await refusal(client.api_call(CONTEXT, json=asked)) == code


async def test_an_action_token_is_short_lived(
    client: AsyncWebClient,
    app: App,
    slack: LocalSlack,
    pass_time: Callable[[float], None],
    refusal: Refusal,
) -> None:
    asked = {"query": "train", "action_token": token_for(slack, app, "ana")}
    pass_time(LIFETIME_SECONDS)
    assert await contents(client, **asked) == []
    pass_time(1)
    assert await refusal(client.api_call(CONTEXT, json=asked)) == "token_expired"


async def test_what_is_said_to_an_app_comes_with_an_action_token_and_nothing_else_does(
    client: AsyncWebClient, app: App, slack: LocalSlack, workspace: Workspace
) -> None:
    told: list[dict[str, Any]] = []
    workspace.listen(lambda change: told.extend(events_for(change, app, workspace)))
    slack.say("ana", "general", "hello")
    plain = slack.say("ana", "general", "hello again")
    await client.chat_postMessage(channel="general", text=f"I am <@{app.user_id}>")
    assert [event for event in told if "action_token" in event] == []
    told.clear()
    slack.say("ana", "general", "hello @slackbot")
    slack.say("ana", slack.open_dm("ana", "slackbot"), "hello")
    slack.edit("ana", "general", plain, "hello @slackbot")
    with_token = [event["type"] for event in told if "action_token" in event]
    assert with_token == ["app_mention", "message", "message", "app_mention"]


@pytest.mark.usefixtures("rooms")
async def test_an_app_lists_public_channels_and_the_private_ones_that_it_is_in(
    client: AsyncWebClient, workspace: Workspace
) -> None:
    async def names(**arguments: Any) -> list[str]:
        answer = await client.conversations_list(**arguments)
        return [channel["name"] for channel in answer["channels"]]

    workspace.archive("random")
    assert await names() == ["general", "random"]
    assert await names(exclude_archived=True) == ["general"]
    assert await names(types="public_channel,private_channel") == ["general", "random", "board"]
    pages = [
        len(page["channels"])
        async for page in await client.conversations_list(types="public_channel", limit=1)
    ]
    assert pages == [1, 1]


@pytest.mark.usefixtures("rooms")
async def test_an_app_lists_what_it_is_in_and_what_it_shares_with_somebody(
    client: AsyncWebClient, workspace: Workspace, refusal: Refusal
) -> None:
    async def names(**arguments: Any) -> list[str]:
        types = "public_channel,private_channel"
        answer = await client.users_conversations(types=types, **arguments)
        return [channel["name"] for channel in answer["channels"]]

    assert await names() == ["general", "board"]
    assert await names(user=workspace.user("ben").id) == ["general", "random"]
    assert await refusal(client.users_conversations(types="secret")) == "invalid_types"


async def test_each_type_of_channel_needs_its_scope(
    client_for: ClientFor, workspace: Workspace, refusal: Refusal
) -> None:
    narrow = client_for(workspace.add_app("narrow", scopes=["channels:read"]).bot_token)
    assert (await narrow.conversations_list())["channels"]
    assert await refusal(narrow.conversations_list(types="private_channel")) == "missing_scope"


def test_the_clock_of_these_tests_is_on_the_day_that_they_name(slack: LocalSlack) -> None:
    assert datetime.fromtimestamp(slack.clock(), UTC).strftime("%Y-%m-%d") == "2023-11-14"
