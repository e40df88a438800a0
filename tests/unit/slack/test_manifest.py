"""The manifest asks for what the code uses, and for no more."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from localslack import App, LocalSlack, Workspace
from localslack.action_tokens import action_token
from slackbot.conversation import Incoming, Outcome
from slackbot.slack.connection import bolt_app
from slackbot.slack.delivery.deliveries import Deliveries
from slackbot.slack.events import BotIdentity
from slackbot.slack.gateway import METHOD_SCOPES, SlackGateway, web_client
from slackbot.slack.history import SlackHistorySource
from slackbot.slack.listeners import EVENT_SCOPES, register
from slackbot.slack.manifest import manifest
from slackbot.slack.people import SlackPeople
from slackbot.slack.reply import SlackReply
from slackbot.slack.thread import SlackThreads
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from slackbot.conversation import Amended, Reply, ThreadKey

FORBIDDEN_PREFIXES = ("chat:write.public", "channels:join", "files:write", "admin")
CALL_NOTHING = {"counting"}


def shown() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(manifest("askbot")))
    return loaded


def scopes() -> list[str]:
    found: list[str] = shown()["oauth_config"]["scopes"]["bot"]
    return found


def events() -> list[str]:
    found: list[str] = shown()["settings"]["event_subscriptions"]["bot_events"]
    return found


def test_the_scopes_are_those_of_the_calls_and_events() -> None:
    assert scopes() == [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "mpim:history",
        "reactions:read",
        "reactions:write",
        "search:read.public",
        "users:read",
    ]


def test_no_scope_lets_it_join_upload_administer_or_speak_where_it_is_not() -> None:
    asked = [scope for kind in shown()["oauth_config"]["scopes"].values() for scope in kind]
    assert [scope for scope in asked if scope.startswith(FORBIDDEN_PREFIXES)] == []
    assert asked


def test_the_app_is_reached_by_socket_mode_and_by_direct_message() -> None:
    assert shown()["settings"]["socket_mode_enabled"] is True
    assert shown()["features"]["app_home"]["messages_tab_enabled"] is True


async def test_the_gateway_calls_the_methods_of_its_table_and_no_others(
    gateway: SlackGateway,
    slack: LocalSlack,
    workspace: Workspace,
    app: App,
    question: Incoming,
) -> None:
    channel, ts = question.channel, question.ts
    await gateway.auth_test()
    await gateway.add_reaction(channel, ts, "eyes")
    await gateway.set_status(channel, ts, "x")
    stream = await gateway.start_stream(
        channel, ts, "x", recipient_team=question.team, recipient_user=question.asker
    )
    await gateway.append_stream(channel, stream, "y")
    await gateway.stop_stream(channel, stream, "z", None)
    await gateway.update(channel, stream, "xyz", None)
    await gateway.post(channel, ts, "x", None)
    await gateway.replies(channel, ts)
    await gateway.marked_by("U1")
    await gateway.whisper(channel, question.asker, lambda: "x", None)
    await gateway.delete(channel, stream)
    await gateway.user_info(question.asker)
    await gateway.channels()
    await gateway.history(channel)
    await gateway.search_context("x", question.action_token or "")
    async with web_client(workspace.add_user_token("ana", app), slack.api_url) as client:
        await SlackGateway(client).search_messages("x")
    public = {name for name in dir(SlackGateway) if not name.startswith("_")}
    assert len(public - CALL_NOTHING) == len(slack.calls)
    assert {call.method for call in slack.calls} == set(METHOD_SCOPES)


class Ears:
    """Keeps which channels it hears from."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def hear(self, incoming: Incoming, reply: Reply) -> None:
        self.heard.append(incoming.channel)

    def amend(self, amended: Amended) -> None:
        self.heard.append("amended")

    def cancel(self, thread: ThreadKey) -> None:
        self.heard.append(thread.channel)

    def interrupt(self) -> None:
        self.heard.append("interrupted")

    def charge(self, incoming: Incoming) -> None:
        self.heard.append("charged")

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        self.heard.append("followed")

    def doubt(self) -> None:
        self.heard.append("doubted")


async def test_every_event_of_the_manifest_is_listened_to_and_no_other(
    gateway: SlackGateway, bot: BotIdentity
) -> None:
    assert events() == sorted(EVENT_SCOPES)
    kinds = {"message.channels": "channel", "message.groups": "group"}
    async with web_client(None, "http://127.0.0.1:9/api") as client:
        app = bolt_app(client, "secret", bot)
        ears = Ears()
        listeners = register(
            app, ears, bot, lambda said: SlackReply(gateway, said, bot, Deliveries())
        )
        for name in (*events(), "reaction_added"):
            event = {
                "type": name.partition(".")[0],
                "channel_type": kinds.get(name, name.partition(".")[2]),
                "channel": name, "user": "U1", "ts": "1.0", "text": f"<@{bot.user_id}>",
                "thread_ts": "1.0",
            }  # fmt: skip
            body = {"type": "event_callback", "team_id": bot.team, "event": event}
            response = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
            assert response.status == 200
            for _ in range(10):  # Bolt runs listeners in tasks of their own
                await asyncio.sleep(0)
            await listeners.drain(1, 1)
    assert ears.heard == events()


@pytest.mark.parametrize("place", ["public", "private", "direct"])
async def test_the_scopes_suffice_for_a_whole_answer(place: str) -> None:
    workspace = Workspace()
    ana = workspace.add_person("ana")
    app = workspace.add_app("modest", scopes=scopes(), events=events())
    bot = BotIdentity(workspace.team_id, app.user_id, app.bot_id)
    channel = {
        "public": lambda: workspace.add_channel("open", ["ana", "modest"]),
        "private": lambda: workspace.add_channel("closed", ["ana", "modest"], private=True),
        "direct": lambda: workspace.open_direct("ana", "modest"),
    }[place]()
    async with (
        LocalSlack(workspace) as slack,
        web_client(app.bot_token, slack.api_url) as client,
    ):
        ts = slack.say("ana", channel, "@modest how?")
        gateway = SlackGateway(client)
        said = Incoming(
            team=bot.team, channel=channel.id, thread_ts=ts, ts=ts, asker=ana.id, text="how?"
        )
        deliveries = Deliveries()
        reply = SlackReply(gateway, said, bot, deliveries, flush_interval=0.01)
        await reply.acknowledge()
        await reply.status("is thinking…")
        await slack.until(lambda: len(slack.calls) == 2)
        await reply.write("So ", ())
        await slack.until(lambda: len(slack.calls) == 3)
        await reply.end(Outcome("answered", "So it is."))
        await deliveries.drain(1)
        await SlackThreads(gateway, bot).read(said.thread)
        people = SlackPeople(gateway)
        await people.name(ana.id)
        history = SlackHistorySource(gateway, bot, people, ["*", "closed"])
        context = RunContext(
            run_id="r", team=bot.team, channel=channel.id, thread_ts=ts, asker=ana.id, deadline=0,
            action_token=action_token(workspace.message(channel.id, ts), app),
        )  # fmt: skip
        await history.search("how")
        await history.search_for("how", context)
        assert {call.outcome for call in slack.calls} == {"ok"}
