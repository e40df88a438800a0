"""Streams: who may write one, how long, in which mode, and what is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localslack.changes import Change, MessageChanged, MessagePosted, TextStreamed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import Channel, LocalSlack, Workspace

    ClientFor: TypeAlias = Callable[[str], AsyncWebClient]
    Refusal: TypeAlias = Callable[[Awaitable[object]], Awaitable[str]]

METADATA = {"event_type": "answer", "event_payload": {"source_ts": "1.0"}}


@pytest.fixture
def root(slack: LocalSlack, general: Channel) -> str:
    return slack.say("ana", general, "question")


@pytest.fixture
def place(workspace: Workspace, general: Channel, root: str) -> dict[str, Any]:
    """The arguments that a stream in a channel cannot do without."""
    return {
        "channel": general.id,
        "thread_ts": root,
        "recipient_user_id": workspace.user("ana").id,
        "recipient_team_id": workspace.team_id,
    }


async def test_a_stream_grows_and_ends_with_blocks_and_metadata(
    client: AsyncWebClient, workspace: Workspace, general: Channel, place: dict[str, Any]
) -> None:
    changes: list[Change] = []
    workspace.listen(changes.append)
    started = await client.chat_startStream(**place, markdown_text="**he")
    at = {"channel": general.id, "ts": started["ts"]}
    await client.chat_appendStream(**at, markdown_text="llo** ")
    footer = {"type": "context", "elements": [{"type": "mrkdwn", "text": "source"}]}
    answer = await client.chat_stopStream(
        **at, markdown_text="world", blocks=[footer], metadata=METADATA
    )
    message = workspace.message("general", started["ts"])
    assert answer["message"]["text"] == message.text == "*hello* world"
    assert [block["type"] for block in message.blocks] == ["markdown", "context"]
    assert message.metadata == METADATA
    assert message.edited is None
    kinds = [type(change) for change in changes]
    assert kinds == [MessagePosted, TextStreamed, TextStreamed, MessageChanged]


async def test_the_sdks_helper_streams_in_chunks(
    client: AsyncWebClient, workspace: Workspace, place: dict[str, Any]
) -> None:
    stream = await client.chat_stream(buffer_size=4, **place)
    for piece in ("one ", "two ", "x"):
        await stream.append(markdown_text=piece)
    await stream.stop(markdown_text="!", metadata=METADATA)
    assert stream.ts is not None
    message = workspace.message("general", stream.ts)
    assert message.text == "one two x!"
    assert message.stream is not None
    assert message.stream.mode == "chunks"


async def test_the_sdks_helper_may_stop_before_anything_was_flushed(
    client: AsyncWebClient, workspace: Workspace, place: dict[str, Any]
) -> None:
    stream = await client.chat_stream(**place)
    await stream.stop(markdown_text="short")
    assert stream.ts is not None
    assert workspace.message("general", stream.ts).text == "short"


@pytest.mark.parametrize(
    ("left_out", "code"),
    [
        ("thread_ts", "invalid_arguments"),
        ("recipient_user_id", "missing_recipient_user_id"),
        ("recipient_team_id", "missing_recipient_team_id"),
    ],
)
async def test_a_stream_in_a_channel_needs_a_thread_and_a_recipient(
    client: AsyncWebClient, place: dict[str, Any], refusal: Refusal, left_out: str, code: str
) -> None:
    del place[left_out]
    assert await refusal(client.api_call("chat.startStream", json=place)) == code


async def test_a_direct_channel_needs_no_recipient(
    client: AsyncWebClient, slack: LocalSlack
) -> None:
    direct = slack.open_dm("ana", "slackbot")
    root = slack.say("ana", direct, "hi")
    assert (await client.chat_startStream(channel=direct.id, thread_ts=root))["ok"]


async def test_a_stream_answers_a_message_that_exists(
    client: AsyncWebClient, place: dict[str, Any], refusal: Refusal
) -> None:
    place["thread_ts"] = "1.000000"
    assert await refusal(client.chat_startStream(**place)) == "thread_not_found"


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ({}, "no_text"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"chunks": [{"type": "markdown_text", "text": "x" * 6_001}] * 2}, "msg_too_long"),
        (
            {"markdown_text": "x", "chunks": [{"type": "markdown_text", "text": "x"}]},
            "cannot_provide_both_markdown_text_and_chunks",
        ),
        ({"chunks": [{"type": "poem", "text": "x"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "markdown_text"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "task_update", "title": "x"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "task_update", "id": "1", "status": "done"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "plan_update"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "blocks", "blocks": "x"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "blocks", "blocks": ["x"]}]}, "invalid_chunks"),
        ({"chunks": [{"type": "blocks", "blocks": [{"type": "spell"}]}]}, "invalid_blocks"),
        ({"chunks": "{"}, "invalid_chunks"),
    ],
)
async def test_pieces_that_are_refused(
    client: AsyncWebClient,
    general: Channel,
    place: dict[str, Any],
    refusal: Refusal,
    piece: dict[str, Any],
    code: str,
) -> None:
    started = await client.chat_startStream(**place)
    call = client.api_call(
        "chat.appendStream", json={"channel": general.id, "ts": started["ts"], **piece}
    )
    assert await refusal(call) == code


@pytest.mark.parametrize("first", ["text", "chunks"])
async def test_a_stream_stays_in_the_mode_of_its_first_content(
    client: AsyncWebClient, general: Channel, place: dict[str, Any], refusal: Refusal, first: str
) -> None:
    text: dict[str, Any] = {"markdown_text": "x"}
    chunks: dict[str, Any] = {"chunks": [{"type": "markdown_text", "text": "x"}]}
    begin, other = (text, chunks) if first == "text" else (chunks, text)
    at = {"channel": general.id, "ts": (await client.chat_startStream(**place))["ts"]}
    await client.chat_appendStream(**at, **begin)
    await client.chat_appendStream(**at, **begin)
    mixed = client.chat_appendStream(**at, **other)
    assert await refusal(mixed) == "streaming_mode_mismatch"


async def test_tasks_are_kept_by_their_id_and_blocks_are_added(
    client: AsyncWebClient, workspace: Workspace, general: Channel, place: dict[str, Any]
) -> None:
    task = {"type": "task_update", "id": "1", "title": "Searching", "status": "in_progress"}
    chunks: list[dict[str, Any]] = [
        task,
        {"type": "plan_update", "title": "Plan"},
        {"type": "blocks", "blocks": [{"type": "divider"}]},
    ]
    started = await client.chat_startStream(**place, chunks=chunks)
    done = {"type": "task_update", "id": "1", "status": "complete"}
    await client.chat_appendStream(channel=general.id, ts=started["ts"], chunks=[done])
    message = workspace.message("general", started["ts"])
    assert message.stream is not None
    assert message.stream.tasks == {"1": task | done}
    assert message.own_blocks == ({"type": "divider"},)


async def test_only_the_app_that_started_a_stream_may_write_it(
    client: AsyncWebClient,
    client_for: ClientFor,
    workspace: Workspace,
    general: Channel,
    place: dict[str, Any],
    refusal: Refusal,
) -> None:
    started = await client.chat_startStream(**place)
    other = workspace.add_app("otherbot")
    workspace.join("general", "otherbot")
    theirs = client_for(other.bot_token)
    call = theirs.chat_appendStream(channel=general.id, ts=started["ts"], markdown_text="x")
    assert await refusal(call) == "message_not_owned_by_app"


async def test_while_it_streams_a_message_cannot_be_changed_or_deleted(
    client: AsyncWebClient, general: Channel, place: dict[str, Any], refusal: Refusal
) -> None:
    at = {"channel": general.id, "ts": (await client.chat_startStream(**place))["ts"]}
    assert await refusal(client.chat_update(**at, text="x")) == "streaming_state_conflict"
    assert await refusal(client.chat_delete(**at)) == "cant_delete_message"
    await client.chat_stopStream(**at)
    assert (await client.chat_update(**at, text="x"))["ok"]
    assert (await client.chat_delete(**at))["ok"]


async def test_a_stopped_stream_takes_no_more(
    client: AsyncWebClient, general: Channel, place: dict[str, Any], refusal: Refusal
) -> None:
    at = {"channel": general.id, "ts": (await client.chat_startStream(**place))["ts"]}
    await client.chat_stopStream(**at)
    for call in (client.chat_appendStream(**at, markdown_text="x"), client.chat_stopStream(**at)):
        assert await refusal(call) == "message_not_in_streaming_state"


async def test_a_plain_message_is_no_stream(
    client: AsyncWebClient, general: Channel, refusal: Refusal
) -> None:
    posted = await client.chat_postMessage(channel=general.id, text="x")
    call = client.chat_appendStream(channel=general.id, ts=posted["ts"], markdown_text="x")
    assert await refusal(call) == "message_not_in_streaming_state"


async def test_a_stream_dies_after_five_minutes_and_can_then_be_changed(
    client: AsyncWebClient,
    workspace: Workspace,
    general: Channel,
    pass_time: Callable[[float], None],
    place: dict[str, Any],
    refusal: Refusal,
) -> None:
    started = await client.chat_startStream(**place, markdown_text="half")
    at = {"channel": general.id, "ts": started["ts"]}
    pass_time(299)
    await client.chat_appendStream(**at, markdown_text=" of it")
    pass_time(1)
    late = client.chat_stopStream(**at, markdown_text="!")
    assert await refusal(late) == "message_not_in_streaming_state"
    assert workspace.message("general", started["ts"]).text == "half of it"
    await client.chat_update(**at, markdown_text="all of it")
    assert workspace.message("general", started["ts"]).text == "all of it"


async def test_tasks_are_shown_in_one_of_two_ways(
    client: AsyncWebClient, place: dict[str, Any], workspace: Workspace, refusal: Refusal
) -> None:
    for mode, display in ((None, "timeline"), ("timeline", "timeline"), ("plan", "plan")):
        started = await client.chat_startStream(**place, task_display_mode=mode)
        stream = workspace.message("general", started["ts"]).stream
        assert stream is not None
        assert stream.display == display
    unknown = client.chat_startStream(**place, task_display_mode="table")
    assert await refusal(unknown) == "invalid_arguments"
