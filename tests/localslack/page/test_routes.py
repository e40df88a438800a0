"""The page over HTTP: what each person may read and do, and who is let in at all."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from kit.visitor import Visitor
from localslack import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, Workspace

    Json = dict[str, Any]


@pytest.fixture
async def session(slack: LocalSlack) -> AsyncIterator[ClientSession]:
    async with ClientSession(slack.url) as session:
        yield session


@pytest.fixture
def ana(session: ClientSession) -> Visitor:
    return Visitor(session, "ana")


@pytest.fixture
def ben(session: ClientSession) -> Visitor:
    return Visitor(session, "ben")


@pytest.fixture
def secret(workspace: Workspace) -> Channel:
    """A channel that ana is not in."""
    return workspace.add_channel("secret", ["ben", "slackbot"], private=True)


def texts(answer: Json) -> list[str]:
    return [message["text"] for message in answer["messages"]]


class TestState:
    """What the first paint needs."""

    async def test_it_holds_ones_own_channels_and_everyone(
        self, ana: Visitor, slack: LocalSlack, workspace: Workspace, secret: Channel
    ) -> None:
        workspace.add_channel("alpha", ["ana"], topic="Beginnings")
        direct = slack.open_dm("ana", "slackbot")
        slack.open_dm("ben", "slackbot")
        state = await ana.read("state")
        assert state["team"] == {"id": workspace.team_id, "name": "Acme"}
        assert state["me"]["name"] == "ana"
        assert [seat["name"] for seat in state["seats"]] == ["ana", "ben"]
        assert [user["name"] for user in state["users"]] == ["ana", "ben", "slackbot"]
        assert [channel["name"] for channel in state["channels"]] == ["alpha", "general", ""]
        assert state["channels"][0]["topic"] == "Beginnings"
        assert state["channels"][2]["id"] == direct.id
        assert state["channels"][2]["with"] == workspace.user("slackbot").id

    async def test_it_tells_people_from_apps(self, ana: Visitor, workspace: Workspace) -> None:
        workspace.add_person("cleo", real_name="Cleo Tan", title="Site Reliability")
        users = {user["name"]: user for user in (await ana.read("state"))["users"]}
        assert users["cleo"]["title"] == "Site Reliability"
        assert users["cleo"]["app_id"] is None
        assert users["slackbot"]["is_bot"]
        assert users["slackbot"]["app_id"] == next(iter(workspace.apps)).id

    async def test_who_is_not_named_is_the_first_to_have_a_seat(
        self, session: ClientSession
    ) -> None:
        async with session.get("/page/state") as answer:
            assert (await answer.json())["me"]["name"] == "ana"

    async def test_only_those_who_were_given_a_seat_have_one(self, workspace: Workspace) -> None:
        async with (
            LocalSlack(workspace, seats=["ben"]) as slack,
            ClientSession(slack.url) as session,
        ):
            assert (await Visitor(session, "ana").read("state"))["error"] == "user_not_found"
            state = await Visitor(session, "ben").read("state")
            assert [seat["name"] for seat in state["seats"]] == ["ben"]

    async def test_a_status_is_shown_to_those_who_are_there(
        self,
        ana: Visitor,
        ben: Visitor,
        slack: LocalSlack,
        client: AsyncWebClient,
        secret: Channel,
        pass_time: Callable[[float], None],
    ) -> None:
        ts = slack.say("ben", secret, "@slackbot hush")
        await client.assistant_threads_setStatus(
            channel_id=secret.id, thread_ts=ts, status="is looking", loading_messages=["Soon"]
        )
        assert (await ana.read("state"))["statuses"] == []
        [status] = (await ben.read("state"))["statuses"]
        assert (status["text"], status["loading_messages"]) == ("is looking", ["Soon"])
        pass_time(121)
        assert (await ben.read("state"))["statuses"] == []


class TestMessages:
    """Stretches of a channel, and threads."""

    @pytest.fixture
    def said(self, slack: LocalSlack, general: Channel) -> list[str]:
        return [slack.say("ana", general, f"m{number}") for number in range(10)]

    async def test_they_come_oldest_first_and_page_by_page(
        self, ben: Visitor, said: list[str]
    ) -> None:
        last = await ben.read("messages", channel="general", limit="4")
        assert texts(last) == ["m6", "m7", "m8", "m9"]
        assert (last["has_more"], last["has_newer"]) == (True, False)
        middle = await ben.read("messages", channel="general", limit="4", before=said[6])
        assert texts(middle) == ["m2", "m3", "m4", "m5"]
        assert (middle["has_more"], middle["has_newer"]) == (True, True)
        first = await ben.read("messages", channel="general", limit="4", before=said[2])
        assert texts(first) == ["m0", "m1"]
        assert not first["has_more"]
        later = await ben.read("messages", channel="general", limit="4", after=said[3])
        assert texts(later) == ["m4", "m5", "m6", "m7"]
        assert later["has_newer"]
        end = await ben.read("messages", channel="general", limit="4", after=said[7])
        assert (texts(end), end["has_newer"]) == (["m8", "m9"], False)

    @pytest.mark.parametrize(
        ("place", "shown", "more", "newer"),
        [
            (0, ["m0", "m1", "m2", "m3"], False, True),
            (5, ["m3", "m4", "m5", "m6"], True, True),
            (9, ["m6", "m7", "m8", "m9"], True, False),
        ],
    )
    async def test_a_permalink_shows_what_stands_around_it(
        self,
        ben: Visitor,
        said: list[str],
        place: int,
        shown: list[str],
        more: bool,
        newer: bool,
    ) -> None:
        around = await ben.read("messages", channel="general", limit="4", around=said[place])
        assert texts(around) == shown
        assert (around["has_more"], around["has_newer"]) == (more, newer)

    async def test_a_permalink_to_a_reply_shows_where_its_thread_began(
        self, ben: Visitor, slack: LocalSlack, general: Channel, said: list[str]
    ) -> None:
        reply = slack.say("ben", general, "re", thread_ts=said[0])
        around = await ben.read("messages", channel="general", limit="2", around=reply)
        assert texts(around) == ["m0", "m1"]

    async def test_a_permalink_to_nothing_shows_what_stands_about_that_time(
        self, ben: Visitor, said: list[str]
    ) -> None:
        around = await ben.read("messages", channel="general", limit="2", around="1.000000")
        assert texts(around) == ["m0", "m1"]

    async def test_a_root_knows_its_thread_and_replies_stand_there_only(
        self, ben: Visitor, slack: LocalSlack, workspace: Workspace, general: Channel
    ) -> None:
        root = slack.say("ana", general, "root")
        slack.say("ben", general, "quiet", thread_ts=root)
        loud = slack.say("ana", general, "loud", thread_ts=root, broadcast=True)
        slack.react("ben", general, root, "eyes")
        listed = await ben.read("messages", channel="general")
        assert texts(listed) == ["root", "loud"]
        shown, broadcast = listed["messages"]
        assert shown["reply_count"] == 2
        people = [workspace.user(name).id for name in ("ben", "ana")]
        assert shown["reply_users"] == people
        assert shown["latest_reply"] == loud
        assert shown["reactions"] == [{"name": "eyes", "emoji": "👀", "users": [people[0]]}]
        assert (broadcast["broadcast"], broadcast["reply_count"]) == (True, 0)
        thread = await ben.read("thread", channel="general", ts=root)
        assert texts(thread) == ["root", "quiet", "loud"]
        assert await ben.read("thread", channel="general", ts=loud) == thread

    async def test_a_thread_that_is_not_there_is_refused(self, ben: Visitor) -> None:
        missing = await ben.read("thread", channel="general", ts="1.0")
        assert missing["error"] == "thread_not_found"

    @pytest.mark.parametrize(
        "query",
        [{}, {"channel": "general", "limit": "0"}, {"channel": "general", "before": "yesterday"}],
    )
    async def test_queries_that_make_no_sense_are_refused(
        self, ben: Visitor, query: dict[str, str]
    ) -> None:
        assert (await ben.read("messages", **query))["error"] == "invalid_arguments"

    async def test_a_stream_shows_its_tasks_and_plan_while_it_is_written(
        self, ben: Visitor, slack: LocalSlack, client: AsyncWebClient, workspace: Workspace
    ) -> None:
        ts = slack.say("ben", "general", "@slackbot plan this")
        task = {"type": "task_update", "id": "t1", "title": "Read", "status": "in_progress"}
        started = await client.chat_startStream(
            channel=workspace.channel("general").id,
            thread_ts=ts,
            recipient_team_id=workspace.team_id,
            recipient_user_id=workspace.user("ben").id,
            task_display_mode="plan",
            chunks=[{"type": "plan_update", "title": "Two steps"}, task],
        )
        place = {"channel": workspace.channel("general").id, "ts": started["ts"]}
        [_, shown] = (await ben.read("thread", channel="general", ts=ts))["messages"]
        assert shown["streaming"]
        assert (shown["plan_title"], shown["task_display"]) == ("Two steps", "plan")
        assert [task["status"] for task in shown["tasks"]] == ["in_progress"]
        done = task | {"status": "complete"}
        await client.chat_stopStream(**place, chunks=[done])
        [_, shown] = (await ben.read("thread", channel="general", ts=ts))["messages"]
        assert not shown["streaming"]
        assert shown["plan_title"] == "Two steps"
        assert [task["status"] for task in shown["tasks"]] == ["complete"]

    async def test_what_can_be_pressed_has_ids_to_press_it_by(
        self, ben: Visitor, client: AsyncWebClient, general: Channel
    ) -> None:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
        await client.chat_postMessage(
            channel=general.id,
            text="x",
            blocks=[
                {"type": "divider"},
                {"type": "actions", "block_id": "mine", "elements": [button, button]},
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "x"},
                    "accessory": button | {"action_id": "go"},
                },
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "x"},
                    "accessory": {"type": "image", "image_url": "x", "alt_text": "x"},
                },
            ],
        )
        [message] = (await ben.read("messages", channel="general"))["messages"]
        divider, actions, section, picture = message["blocks"]
        assert divider["block_id"]
        assert actions["block_id"] == "mine"
        assert len({element["action_id"] for element in actions["elements"]}) == 2
        assert section["accessory"]["action_id"] == "go"
        assert "action_id" not in picture["accessory"]


class TestUnread:
    """What the badges count."""

    @staticmethod
    async def counts(visitor: Visitor, name: str = "general") -> tuple[int, int]:
        channels = (await visitor.read("state"))["channels"]
        [channel] = [channel for channel in channels if channel["name"] == name]
        return channel["unread"], channel["mentions"]

    async def test_it_counts_what_others_said_and_what_is_for_me(
        self, ana: Visitor, ben: Visitor, slack: LocalSlack, general: Channel
    ) -> None:
        slack.say("ben", general, "one")
        root = slack.say("ben", general, "@ana two")
        slack.say("ben", general, "@here three")
        slack.say("ben", general, "quiet", thread_ts=root)
        slack.say("ben", general, "@ana psst", thread_ts=root)
        slack.say("ben", general, "four", thread_ts=root, broadcast=True)
        assert await self.counts(ana) == (4, 3)
        assert await self.counts(ben) == (0, 0)
        await ana.act("read", channel="general", ts=root)
        assert await self.counts(ana) == (2, 2)

    async def test_everything_in_a_direct_channel_is_for_me(
        self, ana: Visitor, slack: LocalSlack
    ) -> None:
        direct = slack.open_dm("ana", "ben")
        root = slack.say("ben", direct, "hello")
        slack.say("ben", direct, "there", thread_ts=root)
        assert await self.counts(ana, "") == (2, 2)

    async def test_whoever_writes_in_a_channel_has_read_it_and_a_reply_says_nothing_of_it(
        self, ana: Visitor, slack: LocalSlack, general: Channel
    ) -> None:
        root = slack.say("ben", general, "one")
        await ana.act("say", channel="general", text="re", thread_ts=root)
        assert await self.counts(ana) == (1, 0)
        await ana.act("say", channel="general", text="two")
        assert await self.counts(ana) == (0, 0)

    async def test_what_was_said_before_the_start_is_read(
        self, workspace: Workspace, slack: LocalSlack, general: Channel
    ) -> None:
        slack.say("ben", general, "history")
        workspace.mark_read("general", "ben", "1.000000")
        async with LocalSlack(workspace) as again, ClientSession(again.url) as session:
            assert await self.counts(Visitor(session, "ana")) == (0, 0)
            again.say("ben", general, "news")
            assert await self.counts(Visitor(session, "ana")) == (1, 0)

    async def test_what_was_deleted_counts_no_more(
        self, ana: Visitor, slack: LocalSlack, general: Channel
    ) -> None:
        ts = slack.say("ben", general, "@ana oops")
        slack.delete("ben", general, ts)
        assert await self.counts(ana) == (0, 0)


class TestActs:
    """What someone does, as the workspace has it afterwards."""

    async def test_a_message_is_said_changed_and_taken_back(
        self, ana: Visitor, workspace: Workspace
    ) -> None:
        said = await ana.act("say", channel="general", text="hello @ben")
        message = workspace.message("general", said["ts"])
        assert message.text == f"hello <@{workspace.user('ben').id}>"
        assert await ana.act("edit", channel="general", ts=message.ts, text="bye") == {"ok": True}
        assert workspace.message("general", message.ts).text == "bye"
        await ana.act("delete", channel="general", ts=message.ts)
        assert workspace.room("general").find(message.ts) is None

    async def test_a_reply_can_go_to_the_channel_too(
        self, ana: Visitor, workspace: Workspace
    ) -> None:
        root = (await ana.act("say", channel="general", text="a", broadcast=True))["ts"]
        assert workspace.message("general", root).subtype is None
        reply = await ana.act("say", channel="general", text="b", thread_ts=root, broadcast=True)
        assert workspace.message("general", reply["ts"]).subtype == "thread_broadcast"

    async def test_a_mark_is_set_and_taken_back(self, ana: Visitor, workspace: Workspace) -> None:
        ts = (await ana.act("say", channel="general", text="a"))["ts"]
        place = {"channel": "general", "ts": ts, "name": "eyes"}
        assert await ana.act("react", **place) == {"ok": True}
        assert (await ana.act("react", **place))["error"] == "already_reacted"
        assert await ana.act("unreact", **place) == {"ok": True}
        assert workspace.room("general").reactions(ts) == {}
        assert (await ana.act("unreact", **place))["error"] == "no_reaction"
        assert (await ana.act("react", **place | {"name": "nope"}))["error"] == "invalid_name"

    async def test_what_others_said_is_not_ones_own_to_change(
        self, ana: Visitor, slack: LocalSlack, general: Channel
    ) -> None:
        place = {"channel": "general", "ts": slack.say("ben", general, "x")}
        assert (await ana.act("edit", **place, text="y"))["error"] == "cant_update_message"
        assert (await ana.act("delete", **place))["error"] == "cant_update_message"

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ({"text": " \n "}, "no_text"),
            ({"text": "x" * 40_001}, "msg_too_long"),
            ({"text": "x", "thread_ts": "1.0"}, "thread_not_found"),
            ({"text": {"a": 1}}, "invalid_arguments"),
            ({"do": "read"}, "invalid_arguments"),
            ({"do": "read", "ts": "now"}, "invalid_arguments"),
            ({}, "invalid_arguments"),
        ],
    )
    async def test_what_cannot_be_said_or_read_is_refused(
        self, ana: Visitor, arguments: Json, error: str
    ) -> None:
        do = arguments.pop("do", "say")
        assert (await ana.act(do, channel="general", **arguments))["error"] == error

    async def test_a_direct_channel_is_opened_once(
        self, ana: Visitor, ben: Visitor, workspace: Workspace
    ) -> None:
        opened = await ana.act("open_dm", user=workspace.user("ben").id)
        assert opened["channel"]["kind"] == "im"
        assert opened["channel"]["with"] == workspace.user("ben").id
        again = await ben.act("open_dm", user="ana")
        assert again["channel"]["id"] == opened["channel"]["id"]

    async def test_nothing_is_said_in_a_closed_channel(
        self, ana: Visitor, workspace: Workspace
    ) -> None:
        workspace.archive("general")
        refused = await ana.act("say", channel="general", text="x")
        assert refused["error"] == "is_archived"
        [channel] = (await ana.read("state"))["channels"]
        assert channel["archived"]


class TestWalls:
    """Nobody sees, or does, what is not theirs."""

    async def test_no_route_shows_a_channel_that_one_is_not_in(
        self, ana: Visitor, slack: LocalSlack, secret: Channel
    ) -> None:
        ts = slack.say("ben", secret, "hush")
        for route in ("messages", "thread"):
            for channel in (secret.id, "secret"):
                answer = await ana.read(route, channel=channel, ts=ts, around=ts)
                assert answer == {"ok": False, "error": "channel_not_found"}

    @pytest.mark.parametrize(
        "do",
        ["say", "edit", "delete", "react", "unreact", "read", "press", "stop", "dm_opened"],
    )
    async def test_nothing_can_be_done_in_a_channel_that_one_is_not_in(
        self, ana: Visitor, slack: LocalSlack, workspace: Workspace, secret: Channel, do: str
    ) -> None:
        ts = slack.say("ben", secret, "hush")
        ids = {"block_id": "b0", "action_id": "a", "thread_ts": ts}
        arguments = {"ts": ts, "text": "x", "name": "eyes", "user": "ben", **ids}
        refused = await ana.act(do, channel=secret.id, **arguments)
        assert refused["error"] == "channel_not_found"
        assert [message.text for message in workspace.room(secret.id).messages()] == ["hush"]

    async def test_a_guest_knows_only_whom_they_share_a_channel_with(
        self, session: ClientSession, workspace: Workspace
    ) -> None:
        workspace.add_person("gil", restricted=True)
        workspace.add_person("hana")
        workspace.add_channel("project", ["gil", "ana"])
        hidden_app = next(iter(workspace.apps))
        gil = Visitor(session, "gil")
        state = await gil.read("state")
        assert state["me"]["is_guest"]
        assert [user["name"] for user in state["users"]] == ["ana", "gil"]
        assert [channel["name"] for channel in state["channels"]] == ["project"]
        assert (await gil.act("open_dm", user="hana"))["error"] == "user_not_visible"
        assert (await gil.act("open_dm", user="ana"))["ok"]
        assert (await gil.read("home", app=hidden_app.id))["error"] == "app_not_found"
        assert (await gil.read("messages", channel="general"))["error"] == "channel_not_found"

    @pytest.mark.parametrize("seat", ["nobody", "slackbot", "USLACKBOT", "../ana"])
    async def test_nobody_else_has_a_seat(
        self, session: ClientSession, app: App, seat: str
    ) -> None:
        visitor = Visitor(session, seat)
        for route in ("state", "messages", "thread", "home"):
            refused = await visitor.read(route, channel="general", ts="1.0", app=app.id)
            assert refused == {"ok": False, "error": "user_not_found"}
        refused = await visitor.act("say", channel="general", text="x")
        assert refused["error"] == "user_not_found"
        async with session.get("/page/live", params={"as": seat}) as answer:
            assert answer.status == 404

    async def test_what_one_was_told_alone_is_in_no_history(
        self, ana: Visitor, client: AsyncWebClient, workspace: Workspace, general: Channel
    ) -> None:
        await client.chat_postEphemeral(
            channel=general.id, user=workspace.user("ana").id, text="psst"
        )
        assert (await ana.read("messages", channel="general"))["messages"] == []


ROUTES = [
    ("GET", "/"),
    ("GET", "/static/app.css"),
    ("GET", "/archives/C0LOCAL0001/p1700000000000000"),
    ("GET", "/page/state?as=ana"),
    ("GET", "/page/messages?as=ana&channel=general"),
    ("GET", "/page/thread?as=ana&channel=general&ts=1.0"),
    ("GET", "/page/home?as=ana&app=A0LOCAL0001"),
    ("GET", "/page/live?as=ana"),
    ("POST", "/page/act"),
    ("POST", "/response/x"),
    ("POST", "/api/auth.test"),
    ("GET", "/link/"),
]


class TestStrangers:
    """Other sites in the same browser, and requests that are no page's."""

    @pytest.mark.parametrize(("method", "path"), ROUTES)
    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
            {"Host": "localhost:1; script-src *"},
            {"Host": "user@localhost"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:1"},
        ],
        ids=str,
    )
    async def test_other_sites_are_kept_out(
        self, session: ClientSession, method: str, path: str, headers: dict[str, str]
    ) -> None:
        async with session.request(method, path, headers=headers) as answer:
            assert answer.status == 403

    async def test_localhost_is_this_machine_too(
        self, session: ClientSession, slack: LocalSlack
    ) -> None:
        port = slack.url.rsplit(":", 1)[1].strip("/")
        own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}
        async with session.get("/page/state", headers=own) as answer:
            assert answer.status == 200
        said = {"as": "ana", "do": "say", "channel": "general", "text": "x"}
        async with session.post("/page/act", json=said, headers=own) as answer:
            assert (await answer.json())["ok"]

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            (b"{", "invalid_json"),
            (b"\xff\xfe{}", "invalid_json"),
            (b"[1]", "json_not_object"),
            (b"{}", "invalid_arguments"),
            (b'{"do": "fly"}', "unknown_method"),
            (b'{"do": ["say"]}', "invalid_arguments"),
            (b'{"as": {"a": 1}, "do": "say"}', "invalid_arguments"),
        ],
    )
    async def test_bodies_that_make_no_sense_are_refused(
        self, session: ClientSession, body: bytes, error: str
    ) -> None:
        headers = {"Content-Type": "application/json"}
        async with session.post("/page/act", data=body, headers=headers) as answer:
            assert answer.status == 200
            assert await answer.json() == {"ok": False, "error": error}

    async def test_a_body_must_say_that_it_is_json(self, session: ClientSession) -> None:
        body = b'{"as": "ana", "do": "say", "channel": "general", "text": "x"}'
        async with session.post("/page/act", data=body) as answer:
            assert answer.status == 415

    async def test_an_oversized_body_is_refused(
        self, session: ClientSession, workspace: Workspace
    ) -> None:
        said = {"as": "ana", "do": "say", "channel": "general", "text": "x" * 1_100_000}
        headers = {"Content-Type": "application/json"}
        body = io.BytesIO(json.dumps(said).encode())
        async with session.post("/page/act", data=body, headers=headers) as answer:
            assert answer.status == 413
        assert not list(workspace.room("general").messages())

    async def test_answers_are_kept_by_no_cache(self, session: ClientSession) -> None:
        async with session.get("/page/state") as answer:
            assert answer.headers["Cache-Control"] == "no-store"


class TestFiles:
    """The page itself."""

    async def test_the_page_may_load_and_reach_only_what_is_its_own(
        self, session: ClientSession, slack: LocalSlack
    ) -> None:
        permalink = "/archives/C0LOCAL0001/p1700000000000000?thread_ts=1700000000.000000"
        for path in ("/", permalink):
            async with session.get(path) as answer:
                assert answer.status == 200
                assert answer.content_type == "text/html"
                policy = answer.headers["Content-Security-Policy"].split("; ")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in policy
        own = slack.url.removeprefix("http://").strip("/")
        assert f"connect-src 'self' ws://{own}" in policy
        assert not any("unsafe" in directive for directive in policy)

    async def test_a_file_is_asked_for_anew_and_sent_only_when_it_changed(
        self, session: ClientSession
    ) -> None:
        async with session.get("/static/app.css") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/css"
            assert answer.headers["Cache-Control"] == "no-cache"
            etag = answer.headers["ETag"]
        headers = {"If-None-Match": etag}
        async with session.get("/static/app.css", headers=headers) as answer:
            assert answer.status == 304

    async def test_modules_are_scripts(self, session: ClientSession) -> None:
        async with session.get("/static/render/mrkdwn.js") as answer:
            assert answer.content_type == "text/javascript"

    @pytest.mark.parametrize(
        "name",
        [
            "../routes.py",
            "%2e%2e/routes.py",
            "..%2froutes.py",
            "render/..%2f..%2froutes.py",
            "%2fetc%2fpasswd",
            "app.css%00",
            "nothing.css",
            "render",
            "render.js",
            "APP.CSS",
        ],
    )
    async def test_nothing_else_is_served(
        self, session: ClientSession, slack: LocalSlack, name: str
    ) -> None:
        url = URL(f"{slack.url}static/{name}", encoded=True)
        async with ClientSession() as plain, plain.get(url) as answer:
            assert answer.status == 404
