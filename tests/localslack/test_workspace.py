"""The state of a workspace, without any network."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from localslack import App, Channel, Message, SlackError, Workspace
from localslack.changes import Change, MessageDeleted, MessagePosted, ReactionAdded, StatusSet
from localslack.model import Ephemeral, Status
from localslack.room import Window
from localslack.workspace import EPHEMERALS_KEPT

NOW = 1_700_000_000.0


def said(workspace: Workspace, channel: Channel, body: str, **more: str) -> Message:
    ana = workspace.user("ana")
    ts = workspace.next_ts(NOW)
    message = Message(channel=channel.id, ts=ts, user=ana.id, body=body)
    return workspace.post(replace(message, **more), NOW)  # type: ignore[arg-type] # text fields


def test_people_and_channels_are_found_by_id_and_by_name(workspace: Workspace) -> None:
    ana = workspace.user("ana")
    assert workspace.user("@Ana") == workspace.user(ana.id) == ana
    assert workspace.channel("#general") == workspace.channel("general")


@pytest.mark.parametrize(
    ("look_up", "code"),
    [
        (lambda workspace: workspace.user("eve"), "user_not_found"),
        (lambda workspace: workspace.channel("secret"), "channel_not_found"),
        (lambda workspace: workspace.message("general", "1.0"), "message_not_found"),
    ],
)
def test_what_does_not_exist_is_refused(workspace: Workspace, look_up: object, code: str) -> None:
    assert callable(look_up)
    with pytest.raises(SlackError, match=code):
        look_up(workspace)


def test_a_name_belongs_to_one_user(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="there is a Ana already"):
        workspace.add_person("Ana")


def test_two_people_have_one_direct_channel(workspace: Workspace) -> None:
    assert workspace.open_direct("ana", "ben") == workspace.open_direct("ben", "ana")
    assert workspace.open_direct("ana", "slackbot").kind == "im"


def test_people_join_and_leave(workspace: Workspace, general: Channel) -> None:
    cleo = workspace.add_person("cleo")
    workspace.join("general", "cleo")
    assert cleo.id in workspace.room(general.id).members
    workspace.leave("general", "cleo")
    assert cleo.id not in workspace.room(general.id).members


def test_a_token_lets_its_app_in_until_it_is_revoked(workspace: Workspace, app: App) -> None:
    tokens = (app.bot_token, app.app_token, workspace.add_user_token("ana", app))
    callers = [workspace.caller(token) for token in tokens]
    assert [caller and (caller.app, caller.kind, caller.user) for caller in callers] == [
        (app, "bot", app.user_id),
        (app, "app", app.user_id),
        (app, "user", workspace.user("ana").id),
    ]
    workspace.revoke(app)
    assert [workspace.caller(token) for token in tokens] == [None, None, None]


def test_a_thread_holds_its_replies_in_order(workspace: Workspace, general: Channel) -> None:
    root = said(workspace, general, "root")
    first = said(workspace, general, "first", thread_ts=root.ts)
    said(workspace, general, "elsewhere")
    second = said(workspace, general, "second", thread_ts=root.ts)
    assert workspace.thread("general", root.ts) == [root, first, second]
    assert workspace.thread("general", "1.0") == ()


@pytest.mark.parametrize("code", ["thread_not_found", "cannot_reply_to_message"])
def test_a_reply_needs_a_root(workspace: Workspace, general: Channel, code: str) -> None:
    root = said(workspace, general, "root")
    reply = said(workspace, general, "reply", thread_ts=root.ts)
    thread_ts = "1.0" if code == "thread_not_found" else reply.ts
    with pytest.raises(SlackError, match=code):
        said(workspace, general, "lost", thread_ts=thread_ts)


def test_the_timeline_leaves_replies_out_unless_they_were_broadcast(
    workspace: Workspace, general: Channel
) -> None:
    root = said(workspace, general, "root")
    said(workspace, general, "reply", thread_ts=root.ts)
    told = said(workspace, general, "told", thread_ts=root.ts, subtype="thread_broadcast")
    timeline = workspace.room(general.id).timeline(Window(0, 1 << 60), 10)
    assert timeline == [told, root]


def test_a_deleted_reply_leaves_nothing(workspace: Workspace, general: Channel) -> None:
    root = said(workspace, general, "root")
    first, second = (said(workspace, general, text, thread_ts=root.ts) for text in ("1", "2"))
    workspace.delete(first, NOW)
    assert workspace.thread("general", root.ts) == [root, second]
    workspace.delete(second, NOW)
    assert workspace.thread("general", root.ts) == [root]
    workspace.delete(root, NOW)
    assert workspace.room(general.id).find(root.ts) is None


def test_a_deleted_root_with_replies_leaves_a_tombstone(
    workspace: Workspace, general: Channel
) -> None:
    root = said(workspace, general, "root")
    reply = said(workspace, general, "reply", thread_ts=root.ts)
    changes: list[Change] = []
    workspace.listen(changes.append)
    workspace.delete(root, NOW)
    tombstone = workspace.message("general", root.ts)
    assert (tombstone.subtype, tombstone.user) == ("tombstone", "USLACKBOT")
    assert workspace.thread("general", root.ts) == [tombstone, reply]
    assert [type(change) for change in changes] == [MessageDeleted]


def test_reactions_are_counted_once_a_person(workspace: Workspace, general: Channel) -> None:
    message = said(workspace, general, "root")
    ben = workspace.user("ben").id
    workspace.react(message, ben, "eyes", NOW)
    with pytest.raises(SlackError, match="already_reacted"):
        workspace.react(message, ben, "eyes", NOW)
    workspace.unreact(message, ben, "eyes", NOW)
    with pytest.raises(SlackError, match="no_reaction"):
        workspace.unreact(message, ben, "eyes", NOW)
    assert not workspace.room(general.id).reactions(message.ts)


def test_what_someone_reacted_to_is_known_the_last_first(
    workspace: Workspace, general: Channel
) -> None:
    ben = workspace.user("ben").id
    first, second, gone = (said(workspace, general, text) for text in ("1", "2", "3"))
    for message in (first, second, gone):
        workspace.react(message, ben, "eyes", NOW)
    workspace.react(first, ben, "x", NOW)
    workspace.unreact(first, ben, "eyes", NOW)
    workspace.delete(gone, NOW)
    assert workspace.reacted_to(ben) == [first, second]
    workspace.unreact(first, ben, "x", NOW)
    assert workspace.reacted_to(ben) == [second]


def test_a_status_expires(workspace: Workspace, app: App, general: Channel) -> None:
    root = said(workspace, general, "root")
    status = Status(
        channel=general.id,
        thread_ts=root.ts,
        user=app.user_id,
        text="is thinking",
        expires_at=NOW + 120,
    )
    workspace.set_status(status)
    assert workspace.status("general", root.ts, NOW + 119) == "is thinking"
    assert workspace.status("general", root.ts, NOW + 120) == ""
    workspace.set_status(replace(status, text=""))
    assert workspace.status("general", root.ts, NOW) == ""


def test_a_status_goes_with_its_thread(workspace: Workspace, app: App, general: Channel) -> None:
    root = said(workspace, general, "root")
    workspace.set_status(
        Status(
            channel=general.id,
            thread_ts=root.ts,
            user=app.user_id,
            text="is thinking",
            expires_at=NOW + 120,
        )
    )
    workspace.delete(root, NOW)
    assert list(workspace.statuses(NOW)) == []


async def test_a_subscription_gets_the_changes_until_it_is_closed(
    workspace: Workspace, general: Channel
) -> None:
    with workspace.subscribe() as changes:
        message = said(workspace, general, "root")
        workspace.react(message, workspace.user("ben").id, "eyes", NOW)
        seen = [await anext(aiter(changes)) for _ in range(2)]
    said(workspace, general, "after")
    assert [type(change) for change in seen] == [MessagePosted, ReactionAdded]
    changes.close()  # closing twice does no harm
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(aiter(changes))


def test_speaking_clears_ones_own_status_only(
    workspace: Workspace, app: App, general: Channel
) -> None:
    root = said(workspace, general, "root")
    other = workspace.add_app("otherbot")
    workspace.join("general", "otherbot")
    for user in (app.user_id, other.user_id):
        workspace.set_status(
            Status(
                channel=general.id,
                thread_ts=root.ts,
                user=user,
                text="is thinking",
                expires_at=NOW + 120,
            )
        )
    changes: list[Change] = []
    workspace.listen(changes.append)
    said(workspace, general, "by slackbot", thread_ts=root.ts, user=app.user_id, bot_id=app.bot_id)
    assert workspace.status("general", root.ts, NOW) == "is thinking"
    said(
        workspace,
        general,
        "by the other",
        thread_ts=root.ts,
        user=other.user_id,
        bot_id=other.bot_id,
    )
    assert workspace.status("general", root.ts, NOW) == ""
    assert [type(change) for change in changes] == [MessagePosted, MessagePosted, StatusSet]


def test_what_one_was_told_alone_is_forgotten_in_the_end(workspace: Workspace) -> None:
    """Its buttons work as long as it is one of the last."""
    general, ana = workspace.channel("general").id, workspace.user("ana").id
    told = [
        Ephemeral(channel=general, ts=f"{number}.0", user="U1", to=ana, text="x")
        for number in range(1, EPHEMERALS_KEPT + 2)
    ]
    for ephemeral in told:
        workspace.whisper(ephemeral)
    assert workspace.ephemeral("general", told[1].ts) == told[1]
    with pytest.raises(SlackError, match="message_not_found"):
        workspace.ephemeral("general", told[0].ts)
    changes: list[Change] = []
    workspace.listen(changes.append)
    workspace.unwhisper(told[0])
    assert changes == []
