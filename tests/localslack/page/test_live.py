"""What open windows are told: in order, as it stands, and to nobody who may not see it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, WSMsgType, web

from kit.visitor import NET, Visitor
from localslack import LocalSlack
from localslack.page import live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from kit.visitor import Live
    from localslack import Channel, Workspace

    Json = dict[str, Any]


ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)


@pytest.fixture
async def session(slack: LocalSlack) -> AsyncIterator[ClientSession]:
    async with ClientSession(slack.url) as session:
        yield session


@pytest.fixture
async def window(session: ClientSession) -> Live:
    """Ana's window."""
    return await Visitor(session, "ana").open_window()


@pytest.fixture
async def bens_window(session: ClientSession) -> Live:
    return await Visitor(session, "ben").open_window()


def is_message(ts: str) -> Any:
    return lambda frame: frame["type"] == "message" and frame["message"]["ts"] == ts


async def waiting(slack: LocalSlack, *windows: Live) -> list[list[Json]]:
    """Return the frames that each window had yet to read before a message that is said now."""
    known = [len(window.frames) for window in windows]
    ts = slack.say("ana", "general", "the end")
    for window in windows:
        await window.until(is_message(ts))
    return [window.frames[start:-1] for window, start in zip(windows, known, strict=True)]


async def test_every_window_is_told_of_a_message_and_of_the_channel_it_stands_in(
    window: Live, bens_window: Live, slack: LocalSlack, general: Channel
) -> None:
    ts = slack.say("ana", general, "@ben hello")
    for each, counts in ((window, (0, 0)), (bens_window, (1, 1))):
        said, channel = await each.next(), await each.next()
        assert (said["type"], said["seq"]) == ("message", 2)
        assert said["message"]["ts"] == ts
        assert (channel["type"], channel["seq"]) == ("channel", 3)
        assert channel["channel"]["latest"] == ts
        assert (channel["channel"]["unread"], channel["channel"]["mentions"]) == counts


async def test_what_changes_comes_whole(
    window: Live, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    ts = slack.say("ana", general, "one")
    await window.until(is_message(ts))
    slack.react("ben", general, ts, "eyes")
    marked = await window.until(is_message(ts))
    assert [mark["name"] for mark in marked["message"]["reactions"]] == ["eyes"]
    slack.unreact("ben", general, ts, "eyes")
    bare = await window.until(is_message(ts))
    assert bare["message"]["reactions"] == []
    slack.edit("ana", general, ts, "two")
    edited = await window.until(is_message(ts))
    assert (edited["message"]["text"], edited["message"]["edited"]) == ("two", True)


async def test_a_reply_tells_of_its_root_too(
    window: Live, slack: LocalSlack, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    await window.until(is_message(root))
    reply = slack.say("ben", general, "reply", thread_ts=root)
    await window.until(is_message(reply))
    told = await window.until(is_message(root))
    assert (told["message"]["reply_count"], told["message"]["latest_reply"]) == (1, reply)
    slack.delete("ben", general, reply)
    gone = await window.until(lambda frame: frame["type"] == "removed")
    assert (gone["channel"], gone["ts"]) == (general.id, reply)
    told = await window.until(is_message(root))
    assert told["message"]["reply_count"] == 0


async def test_a_root_with_replies_leaves_a_tombstone(
    window: Live, slack: LocalSlack, general: Channel
) -> None:
    root = slack.say("ana", general, "root")
    slack.say("ben", general, "reply", thread_ts=root)
    await window.until(is_message(root))
    slack.delete("ana", general, root)
    stone = await window.until(is_message(root))
    assert (stone["message"]["subtype"], stone["message"]["reply_count"]) == ("tombstone", 1)


async def test_a_stream_costs_a_frame_now_and_then_and_ends_with_all_of_its_text(
    window: Live, slack: LocalSlack, client: AsyncWebClient, workspace: Workspace, general: Channel
) -> None:
    root = slack.say("ana", general, "@slackbot go")
    started = await client.chat_startStream(
        channel=general.id,
        thread_ts=root,
        recipient_team_id=workspace.team_id,
        recipient_user_id=workspace.user("ana").id,
        markdown_text="0 ",
    )
    place = {"channel": general.id, "ts": started["ts"]}
    began = asyncio.get_running_loop().time()
    for number in range(1, 100):
        await client.chat_appendStream(**place, markdown_text=f"{number} ")
    await client.chat_stopStream(**place)
    took = asyncio.get_running_loop().time() - began
    await window.until(
        lambda frame: is_message(started["ts"])(frame) and not frame["message"]["streaming"]
    )
    shown = [frame["message"] for frame in window.frames if is_message(started["ts"])(frame)]
    assert shown[-1]["text"].split() == [str(number) for number in range(100)]
    lengths = [len(message["text"]) for message in shown]
    assert lengths == sorted(lengths)
    assert len(shown) <= took / live.FRAME_SECONDS + 2


async def test_frames_are_numbered_and_keep_the_order_of_what_happened(
    window: Live, slack: LocalSlack, general: Channel
) -> None:
    said = [slack.say("ben", general, f"m{number}") for number in range(50)]
    await window.until(is_message(said[-1]))
    told = [frame["message"]["ts"] for frame in window.frames if frame["type"] == "message"]
    assert told == said
    assert [frame["seq"] for frame in window.frames] == list(range(1, len(window.frames) + 1))


async def test_what_is_gone_before_it_was_told_is_not_told(
    window: Live, slack: LocalSlack, general: Channel
) -> None:
    first = slack.say("ana", general, "first")
    await window.until(is_message(first))
    ts = slack.say("ben", general, "oops")
    slack.delete("ben", general, ts)
    [frames] = await waiting(slack, window)
    assert not any(is_message(ts)(frame) for frame in frames)


async def test_nobody_is_told_of_a_channel_that_they_are_not_in(
    window: Live,
    bens_window: Live,
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
) -> None:
    secret = workspace.add_channel("secret", ["ben", "slackbot"])
    ts = slack.say("ben", secret, "hush")
    slack.react("ben", secret, ts, "eyes")
    await client.assistant_threads_setStatus(channel_id=secret.id, thread_ts=ts, status="at it")
    slack.say("ben", secret, "more", thread_ts=ts)
    workspace.mark_read(secret.id, "ben", ts)
    slack.delete("ben", secret, ts)
    workspace.archive(secret.id)
    direct = slack.open_dm("ben", "slackbot")
    slack.say("ben", direct, "psst")
    anas, bens = await waiting(slack, window, bens_window)
    assert anas == []
    assert all(place in json.dumps(bens) for place in (secret.id, direct.id))


async def test_what_one_is_told_alone_reaches_nobody_else(
    window: Live,
    bens_window: Live,
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
    general: Channel,
) -> None:
    ana = workspace.user("ana").id
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "only you"}}]
    await client.chat_postEphemeral(channel=general.id, user=ana, text="x", blocks=blocks)
    told = (await window.until(lambda frame: frame["type"] == "ephemeral"))["ephemeral"]
    assert told["channel"] == general.id
    assert told["blocks"][0]["text"]["text"] == "only you"
    workspace.unwhisper(workspace.ephemeral(general.id, told["ts"]))
    gone = await window.until(lambda frame: frame["type"] == "removed")
    assert gone["ts"] == told["ts"]
    assert await waiting(slack, bens_window) == [[]]


async def test_a_status_comes_and_goes(
    window: Live, slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    ts = slack.say("ana", general, "@slackbot x")
    for status in ("is looking", ""):
        await client.assistant_threads_setStatus(channel_id=general.id, thread_ts=ts, status=status)
        frame = await window.until(lambda frame: frame["type"] == "status")
        assert (frame["status"]["text"], frame["status"]["thread_ts"]) == (status, ts)


async def test_channels_and_people_come_and_go(
    window: Live, slack: LocalSlack, workspace: Workspace
) -> None:
    opened = slack.open_dm("ben", "ana")
    frame = await window.until(lambda frame: frame["type"] == "channel")
    assert frame["channel"]["id"] == opened.id
    workspace.add_person("cleo")
    frame = await window.until(lambda frame: frame["type"] == "users")
    assert frame["users"][-1]["name"] == "cleo"
    project = workspace.add_channel("project", ["ben"])
    workspace.join("project", "ana")
    frame = await window.until(lambda frame: frame["type"] == "channel")
    assert (frame["channel"]["id"], frame["channel"]["members"]) == (project.id, 2)
    workspace.leave("project", "ben")
    frame = await window.until(lambda frame: frame["type"] == "channel")
    assert frame["channel"]["members"] == 1
    workspace.leave("project", "ana")
    frame = await window.until(lambda frame: frame["type"] == "left")
    assert frame["channel"] == project.id


async def test_reading_in_one_window_is_told_to_ones_others_and_to_nobody_else(
    session: ClientSession, window: Live, bens_window: Live, slack: LocalSlack, general: Channel
) -> None:
    ts = slack.say("ben", general, "x")
    await window.until(lambda frame: frame["type"] == "channel")
    await bens_window.until(lambda frame: frame["type"] == "channel")
    ana = Visitor(session, "ana")
    await ana.act("read", channel="general", ts=ts)
    frame = await window.until(lambda frame: frame["type"] == "channel")
    assert (frame["channel"]["unread"], frame["channel"]["last_read"]) == (0, ts)
    await ana.act("read", channel="general", ts=ts)
    assert await waiting(slack, window, bens_window) == [[], []]


async def test_a_new_home_tab_is_told_to_whom_it_is_for(
    window: Live,
    bens_window: Live,
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
) -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id=workspace.user("ana").id, view=view)
    frame = await window.until(lambda frame: frame["type"] == "home")
    assert frame["app"] == next(iter(workspace.apps)).id
    assert await waiting(slack, bens_window) == [[]]


async def test_what_a_page_says_is_of_no_consequence(
    window: Live, slack: LocalSlack, general: Channel
) -> None:
    await window.socket.send_str('{"do": "say"}')
    await window.socket.send_bytes(b"\x00")
    assert await waiting(slack, window) == [[]]


async def test_one_who_does_not_read_is_cut_off_and_holds_nobody_up(
    window: Live,
    session: ClientSession,
    slack: LocalSlack,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "MAX_PENDING", 50)
    wide = workspace.add_channel("wide", ["ben"])
    sluggish = await Visitor(session, "ben").open_window()
    for _ in range(200):  # of 400 kB each, until the pipes between are full
        for _ in range(10):
            slack.say("ben", wide, "x" * 40_000)
        await asyncio.sleep(live.FRAME_SECONDS)
        if slack.windows == 1:
            break
    assert slack.windows == 1
    while (received := await sluggish.socket.receive(timeout=NET)).type is WSMsgType.TEXT:
        pass
    assert received.type in ENDS
    ts = slack.say("ana", "general", "still here")
    await window.until(is_message(ts))


async def test_the_end_of_the_workspace_waits_for_no_window(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that lets its handlers end in their own time, as windows would not within a day."""
    runner = partial(web.AppRunner, access_log=None)
    monkeypatch.setattr(web, "AppRunner", lambda app, **_: runner(app, shutdown_timeout=86_400))
    async with LocalSlack(workspace) as slack, ClientSession(slack.url) as session:
        window = await Visitor(session, "ana").open_window()
        async with asyncio.timeout(NET):
            await slack.stop()
        assert (await window.socket.receive(timeout=NET)).type in ENDS
