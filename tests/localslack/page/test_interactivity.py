"""Buttons, response_url, Home tab and Stop, between the page and the unmodified slack_bolt app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from kit.visitor import Visitor
from localslack.interactivity import responses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.respond.async_respond import AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from kit.visitor import Live
    from localslack import App, Channel, LocalSlack, Workspace

    Json = dict[str, Any]

BUTTON = {
    "type": "button",
    "action_id": "approve",
    "value": "42",
    "text": {"type": "plain_text", "text": "Approve"},
}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": {"type": "plain_text", "text": "Good"}, "value": "good"},
    "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "bad"},
}
SELECT: dict[str, Any] = {
    "type": "static_select",
    "action_id": "pick",
    "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}],
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "actions", "block_id": "choices", "elements": [BUTTON, SELECT]},
    {"type": "context_actions", "block_id": "votes", "elements": [FEEDBACK]},
]


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
async def window(ana: Visitor) -> Live:
    return await ana.open_window()


@pytest.fixture
async def question(client: AsyncWebClient, general: Channel) -> str:
    """The ts of a message with something to press."""
    said = await client.chat_postMessage(channel=general.id, text="Well?", blocks=BLOCKS)
    return str(said["ts"])


@pytest.fixture
async def pressed(bolt: AsyncApp, slack: LocalSlack) -> Callable[[], Awaitable[Json]]:
    """Wait for the next block_actions that the app is told of, and return its payload."""
    heard: list[Json] = []

    @bolt.action({"type": "block_actions", "action_id": "approve"})
    @bolt.action({"type": "block_actions", "action_id": "pick"})
    @bolt.action({"type": "block_actions", "action_id": "feedback"})
    async def hear(ack: AsyncAck, body: Json) -> None:
        await ack()
        heard.append(body)

    async def wait() -> Json:
        await slack.until(lambda: heard)
        return heard.pop()

    return wait


def press(block_id: str, action_id: str, **action: object) -> Json:
    return {"do": "press", "block_id": block_id, "action_id": action_id, "action": action}


class TestPress:
    """What the app is told."""

    async def test_a_button_in_a_channel(  # one of each fixture is what the story needs
        self,
        ana: Visitor,
        question: str,
        pressed: Callable[[], Awaitable[Json]],
        workspace: Workspace,
        app: App,
        general: Channel,
    ) -> None:
        lie = {"value": "43", "type": "overflow"}
        done = await ana.act(**press("choices", "approve", **lie), channel="general", ts=question)
        assert done == {"ok": True}
        payload = await pressed()
        assert payload["type"] == "block_actions"
        assert payload["user"]["id"] == workspace.user("ana").id
        assert payload["api_app_id"] == app.id
        assert payload["team"]["id"] == workspace.team_id
        assert payload["trigger_id"]
        assert payload["channel"] == {"id": general.id, "name": "general"}
        assert payload["container"] == {
            "type": "message",
            "message_ts": question,
            "channel_id": general.id,
            "is_ephemeral": False,
        }
        assert payload["message"]["text"] == "Well?"
        assert [block["block_id"] for block in payload["message"]["blocks"]] == [
            "choices",
            "votes",
        ]
        assert payload["state"] == {"values": {}}
        [action] = payload["actions"]
        assert action.pop("action_ts")
        assert action == {
            "type": "button",
            "block_id": "choices",
            "action_id": "approve",
            "value": "42",
            "text": {"type": "plain_text", "text": "Approve"},
        }

    async def test_a_vote_says_which_of_the_two(
        self, ana: Visitor, question: str, pressed: Callable[[], Awaitable[Json]]
    ) -> None:
        place = {"channel": "general", "ts": question}
        await ana.act(**press("votes", "feedback", value="bad"), **place)
        [action] = (await pressed())["actions"]
        assert action["value"] == "bad"
        assert action["text"]["text"] == "Bad"
        other = await ana.act(**press("votes", "feedback", value="great"), **place)
        assert other["error"] == "action_not_found"

    async def test_a_choice_is_told_and_kept_in_the_state(
        self, ana: Visitor, question: str, pressed: Callable[[], Awaitable[Json]]
    ) -> None:
        chosen = {"selected_option": SELECT["options"][0]}
        await ana.act(**press("choices", "pick", **chosen), channel="general", ts=question)
        payload = await pressed()
        assert payload["actions"][0]["selected_option"] == chosen["selected_option"]
        assert payload["state"]["values"]["choices"]["pick"] == chosen | {"type": "static_select"}

    async def test_a_button_beside_a_section_with_ids_that_slack_gave(
        self,
        ana: Visitor,
        client: AsyncWebClient,
        bolt: AsyncApp,
        general: Channel,
        slack: LocalSlack,
    ) -> None:
        heard: list[Json] = []

        @bolt.action(re.compile(".*"))
        async def hear(ack: AsyncAck, action: Json) -> None:
            await ack()
            heard.append(action)

        text = {"type": "mrkdwn", "text": "x"}
        nameless = {key: BUTTON[key] for key in ("type", "value", "text")}
        section = {"type": "section", "text": text, "accessory": nameless}
        await client.chat_postMessage(channel=general.id, text="x", blocks=[section])
        [message] = (await ana.read("messages", channel="general"))["messages"]
        [shown] = message["blocks"]
        ids = (shown["block_id"], shown["accessory"]["action_id"])
        await ana.act(**press(*ids), channel="general", ts=message["ts"])
        [action] = await slack.until(lambda: heard)
        assert (action["block_id"], action["action_id"], action["value"]) == (*ids, "42")

    async def test_in_a_thread_of_a_direct_channel(
        self,
        ana: Visitor,
        slack: LocalSlack,
        client: AsyncWebClient,
        pressed: Callable[[], Awaitable[Json]],
    ) -> None:
        direct = slack.open_dm("ana", "slackbot")
        root = slack.say("ana", direct, "hello")
        said = await client.chat_postMessage(
            channel=direct.id, text="x", blocks=BLOCKS, thread_ts=root
        )
        await ana.act(**press("choices", "approve"), channel=direct.id, ts=said["ts"])
        payload = await pressed()
        assert payload["channel"]["name"] == "directmessage"
        assert payload["container"]["thread_ts"] == root

    @pytest.mark.parametrize(
        ("block_id", "action_id"), [("choices", "nothing"), ("nothing", "approve"), ("", "")]
    )
    async def test_what_is_not_there_cannot_be_pressed(
        self, ana: Visitor, question: str, bolt: AsyncApp, block_id: str, action_id: str
    ) -> None:
        refused = await ana.act(**press(block_id, action_id), channel="general", ts=question)
        assert refused["error"] == "action_not_found"

    async def test_what_a_person_wrote_has_nothing_to_press(
        self, ana: Visitor, slack: LocalSlack, general: Channel
    ) -> None:
        ts = slack.say("ben", general, "x")
        refused = await ana.act(**press("typed", "x"), channel="general", ts=ts)
        assert refused["error"] == "app_not_found"

    async def test_with_no_app_to_hear_it_one_is_told(self, ana: Visitor, question: str) -> None:
        refused = await ana.act(**press("choices", "approve"), channel="general", ts=question)
        assert refused["error"] == "app_not_connected"


class TestResponse:
    """What the app may answer at the response_url."""

    @pytest.fixture
    def answer_with(self, bolt: AsyncApp) -> Callable[..., None]:
        """Let the app answer a press with Bolt's `respond`."""

        def register(**response: object) -> None:
            @bolt.action("approve")
            async def answer(ack: AsyncAck, respond: AsyncRespond) -> None:
                await ack()
                await respond(**response)  # type: ignore[arg-type] # as a test gives them

        return register

    @pytest.fixture
    async def response_url(
        self, ana: Visitor, question: str, pressed: Callable[[], Awaitable[Json]]
    ) -> str:
        await ana.act(**press("choices", "approve"), channel="general", ts=question)
        return str((await pressed())["response_url"])

    async def test_by_default_only_who_pressed_is_told(
        self, ana: Visitor, window: Live, question: str, answer_with: Callable[..., None]
    ) -> None:
        answer_with(text="Thanks!")
        await ana.act(**press("choices", "approve"), channel="general", ts=question)
        told = (await window.until(lambda frame: frame["type"] == "ephemeral"))["ephemeral"]
        assert told["text"] == "Thanks!"
        assert len((await ana.read("messages", channel="general"))["messages"]) == 1

    async def test_it_can_say_it_to_everyone_in_the_thread(
        self,
        ana: Visitor,
        slack: LocalSlack,
        workspace: Workspace,
        question: str,
        answer_with: Callable[..., None],
    ) -> None:
        answer_with(text="Approved.", response_type="in_channel", thread_ts=question)
        await ana.act(**press("choices", "approve"), channel="general", ts=question)
        [reply] = await slack.until(lambda: workspace.thread("general", question)[1:])
        assert (reply.text, reply.bot_id is None) == ("Approved.", False)

    async def test_it_can_replace_what_was_pressed(
        self,
        ana: Visitor,
        slack: LocalSlack,
        workspace: Workspace,
        question: str,
        answer_with: Callable[..., None],
    ) -> None:
        answer_with(text="Approved.", replace_original=True)
        await ana.act(**press("choices", "approve"), channel="general", ts=question)
        await slack.until(lambda: workspace.message("general", question).text == "Approved.")
        message = workspace.message("general", question)
        assert (message.blocks, message.edited is None) == ((), False)

    async def test_it_can_take_away_what_was_pressed(
        self,
        ana: Visitor,
        slack: LocalSlack,
        workspace: Workspace,
        question: str,
        answer_with: Callable[..., None],
    ) -> None:
        answer_with(delete_original=True)
        await ana.act(**press("choices", "approve"), channel="general", ts=question)
        await slack.until(lambda: workspace.room("general").find(question) is None)

    @pytest.mark.parametrize("take_away", [False, True])
    async def test_what_one_was_told_alone_can_be_replaced_and_taken_away(
        self,
        ana: Visitor,
        ben: Visitor,
        window: Live,
        client: AsyncWebClient,
        workspace: Workspace,
        general: Channel,
        answer_with: Callable[..., None],
        take_away: bool,
    ) -> None:
        user = workspace.user("ana").id
        await client.chat_postEphemeral(channel=general.id, user=user, text="x", blocks=BLOCKS)
        told = (await window.until(lambda frame: frame["type"] == "ephemeral"))["ephemeral"]
        answer_with(text="**Done**", replace_original=not take_away, delete_original=take_away)
        on = {"channel": "general", "ephemeral_ts": told["ts"]}
        assert (await ben.act(**press("choices", "approve"), **on))["error"] == "message_not_found"
        assert await ana.act(**press("choices", "approve"), **on) == {"ok": True}
        kind = "removed" if take_away else "ephemeral"
        frame = await window.until(lambda frame: frame["type"] == kind)
        if take_away:
            assert frame["ts"] == told["ts"]
            refused = await ana.act(**press("choices", "approve"), **on)
            assert refused["error"] == "message_not_found"
        else:
            assert frame["ephemeral"] == told | {"text": "**Done**", "blocks": []}

    async def test_an_ephemeral_press_tells_of_no_message(
        self,
        ana: Visitor,
        window: Live,
        client: AsyncWebClient,
        workspace: Workspace,
        general: Channel,
        pressed: Callable[[], Awaitable[Json]],
    ) -> None:
        user = workspace.user("ana").id
        await client.chat_postEphemeral(channel=general.id, user=user, text="x", blocks=BLOCKS)
        told = (await window.until(lambda frame: frame["type"] == "ephemeral"))["ephemeral"]
        on = {"channel": "general", "ephemeral_ts": told["ts"]}
        await ana.act(**press("choices", "approve"), **on)
        payload = await pressed()
        assert "message" not in payload
        assert payload["container"]["is_ephemeral"]
        assert payload["response_url"]

    async def test_it_is_good_for_five_answers(
        self, session: ClientSession, response_url: str
    ) -> None:
        for _ in range(5):
            async with session.post(response_url, json={"text": "x"}) as answer:
                assert (answer.status, await answer.text()) == (200, "ok")
        async with session.post(response_url, json={"text": "x"}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (404, "used_url")

    async def test_it_is_good_for_half_an_hour(
        self, session: ClientSession, response_url: str, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(1_799)
        async with session.post(response_url, json={"text": "x"}) as answer:
            assert answer.status == 200
        pass_time(1)
        async with session.post(response_url, json={"text": "x"}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (404, "expired_url")

    async def test_of_very_many_the_oldest_ends_early(
        self,
        session: ClientSession,
        response_url: str,
        slack: LocalSlack,
        workspace: Workspace,
        question: str,
        app: App,
    ) -> None:
        message = workspace.message("general", question)
        for _ in range(responses.KEPT):
            newest = slack.interactions.responses.open(app, "U1", message)
        for url, status in ((response_url, 404), (newest, 200)):
            async with session.post(url, json={"text": "x"}) as answer:
                assert answer.status == status

    async def test_nobody_can_guess_one(self, session: ClientSession) -> None:
        async with session.post("/response/x", json={"text": "x"}) as answer:
            assert answer.status == 404

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ("{", "invalid_payload"),
            ("[]", "invalid_payload"),
            ("{}", "no_text"),
            ('{"blocks": [{"type": "spell"}]}', "invalid_blocks"),
        ],
    )
    async def test_what_makes_no_message_is_refused(
        self, session: ClientSession, response_url: str, body: str, error: str
    ) -> None:
        async with session.post(response_url, data=body) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, error)

    async def test_what_is_gone_cannot_be_replaced(
        self,
        session: ClientSession,
        response_url: str,
        client: AsyncWebClient,
        question: str,
        general: Channel,
    ) -> None:
        await client.chat_delete(channel=general.id, ts=question)
        replacement = {"text": "x", "replace_original": True}
        async with session.post(response_url, json=replacement) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, "message_not_found")


class TestHome:
    """The Home tab, from its opening to a button in it."""

    @pytest.fixture
    def greeted(self, bolt: AsyncApp) -> list[Json]:
        """The app shows a button to everyone who opens its Home tab; the events it heard."""
        heard: list[Json] = []

        @bolt.event("app_home_opened")
        async def greet(event: Json, client: AsyncWebClient) -> None:
            heard.append(event)
            if event["tab"] == "home":
                view = {"type": "home", "callback_id": "home", "blocks": BLOCKS}
                await client.views_publish(user_id=event["user"], view=view)

        return heard

    async def test_the_app_shows_something_to_who_opens_it(
        self, ana: Visitor, ben: Visitor, window: Live, app: App, greeted: list[Json]
    ) -> None:
        assert await ana.read("home", app=app.id) == {"view": None}
        await window.until(lambda frame: frame["type"] == "home")
        [event] = greeted
        assert event["channel"].startswith("D")
        assert "view" not in event
        view = (await ana.read("home", app=app.id))["view"]
        assert (view["type"], view["app_id"], view["callback_id"]) == ("home", app.id, "home")
        assert view["blocks"] == BLOCKS
        assert (await ben.read("home", app=app.id))["view"] is None

    async def test_the_app_is_shown_what_it_published(
        self, ana: Visitor, slack: LocalSlack, window: Live, app: App, greeted: list[Json]
    ) -> None:
        await ana.read("home", app=app.id)
        await window.until(lambda frame: frame["type"] == "home")
        published = (await ana.read("home", app=app.id))["view"]
        await slack.until(lambda: len(greeted) == 2)
        assert greeted[-1]["view"] == published

    async def test_a_press_in_it_names_the_view_and_can_change_it(
        self,
        ana: Visitor,
        ben: Visitor,
        window: Live,
        bolt: AsyncApp,
        app: App,
        greeted: list[Json],
    ) -> None:
        bodies: list[Json] = []

        @bolt.action("approve")
        async def change(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            bodies.append(body)
            view = {"type": "home", "blocks": [{"type": "divider"}]}
            user, known = body["user"]["id"], body["view"]["hash"]
            await client.views_publish(user_id=user, view=view, hash=known)

        await ana.read("home", app=app.id)
        await window.until(lambda frame: frame["type"] == "home")
        view = (await ana.read("home", app=app.id))["view"]
        await window.until(lambda frame: frame["type"] == "home")
        on = {"view_id": view["id"]}
        assert (await ben.act(**press("choices", "approve"), **on))["error"] == "view_not_found"
        assert await ana.act(**press("choices", "approve"), **on) == {"ok": True}
        await window.until(lambda frame: frame["type"] == "home")
        changed = (await ana.read("home", app=app.id))["view"]
        assert [block["type"] for block in changed["blocks"]] == ["divider"]
        [body] = bodies
        assert body["container"] == {"type": "view", "view_id": view["id"]}
        assert body["view"]["state"] == {"values": {}}
        assert not {"response_url", "channel", "message"} & body.keys()

    async def test_a_view_that_is_not_there_cannot_be_pressed(self, ana: Visitor) -> None:
        refused = await ana.act(**press("choices", "approve"), view_id="V1")
        assert refused["error"] == "view_not_found"

    async def test_opening_the_messages_tells_the_app_too(
        self, ana: Visitor, slack: LocalSlack, greeted: list[Json]
    ) -> None:
        direct = slack.open_dm("ana", "slackbot")
        await ana.act("dm_opened", channel=direct.id)
        await slack.until(lambda: greeted)
        assert (greeted[0]["tab"], greeted[0]["channel"]) == ("messages", direct.id)

    async def test_a_channel_or_a_colleague_is_no_app(
        self, ana: Visitor, slack: LocalSlack
    ) -> None:
        for channel in ("general", slack.open_dm("ana", "ben").id):
            assert await ana.act("dm_opened", channel=channel) == {"ok": True}
        assert not slack.deliveries

    async def test_an_app_that_is_not_there_has_none(self, ana: Visitor) -> None:
        assert (await ana.read("home", app="A1"))["error"] == "app_not_found"

    async def test_an_app_that_did_not_subscribe_is_not_told(
        self, ana: Visitor, slack: LocalSlack, workspace: Workspace
    ) -> None:
        quiet = workspace.add_app("quiet", events=["app_mention"])
        await ana.read("home", app=quiet.id)
        assert not slack.deliveries


class TestStop:
    """The Stop button of an answer."""

    @pytest.fixture
    def root(self, slack: LocalSlack, general: Channel) -> str:
        return slack.say("ana", general, "@slackbot go on")

    @staticmethod
    def stops(slack: LocalSlack) -> list[Json]:
        events = (delivery.event for delivery in slack.deliveries)
        return [event for event in events if event["type"] == "agent_session_stopped"]

    async def test_it_ends_the_stream_and_tells_the_app_which(
        self,
        ana: Visitor,
        slack: LocalSlack,
        client: AsyncWebClient,
        workspace: Workspace,
        general: Channel,
        root: str,
        refusal: Callable[[Awaitable[object]], Awaitable[str]],
    ) -> None:
        user = workspace.user("ana").id
        started = await client.chat_startStream(
            channel=general.id,
            thread_ts=root,
            recipient_team_id=workspace.team_id,
            recipient_user_id=user,
            markdown_text="on and on",
        )
        await ana.act("stop", channel="general", thread_ts=root)
        [event] = self.stops(slack)
        assert event.pop("event_ts")
        assert event == {
            "type": "agent_session_stopped",
            "user": user,
            "channel": general.id,
            "thread_ts": root,
            "streaming_message_ts": [started["ts"]],
        }
        more = client.chat_appendStream(
            channel=general.id, ts=started["ts"], markdown_text="and on"
        )
        assert await refusal(more) == "message_not_in_streaming_state"
        assert workspace.message("general", started["ts"]).text == "on and on"

    async def test_it_reaches_an_app_that_only_shows_a_status(
        self, ana: Visitor, slack: LocalSlack, client: AsyncWebClient, general: Channel, root: str
    ) -> None:
        await client.assistant_threads_setStatus(
            channel_id=general.id, thread_ts=root, status="is looking"
        )
        await ana.act("stop", channel="general", thread_ts=root)
        [event] = self.stops(slack)
        assert event["streaming_message_ts"] == []

    async def test_where_nothing_is_going_on_nobody_is_told(
        self, ana: Visitor, slack: LocalSlack, client: AsyncWebClient, general: Channel, root: str
    ) -> None:
        elsewhere = slack.say("ana", general, "@slackbot and this")
        await client.assistant_threads_setStatus(
            channel_id=general.id, thread_ts=elsewhere, status="is looking"
        )
        await ana.act("stop", channel="general", thread_ts=root)
        assert self.stops(slack) == []
