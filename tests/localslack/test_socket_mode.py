"""Socket Mode frame by frame: tickets, hello, envelopes, acks, redelivery, several sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from localslack import DeliveryRules, LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, Workspace

QUICK = DeliveryRules(ack_within=0.02, retries=(0.0, 0.02, 0.02))


class Link:
    """One WebSocket, as an app holds it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> dict[str, Any]:
        frame = await self.socket.receive_json(timeout=2)
        assert isinstance(frame, dict)
        return frame

    async def ack(self, frame: dict[str, Any]) -> None:
        await self.socket.send_json({"envelope_id": frame["envelope_id"]})

    async def is_silent(self) -> bool:
        try:
            await self.socket.receive(timeout=0.05)
        except TimeoutError:
            return True
        return False


class Links:
    """Opens WebSockets, past their hello."""

    def __init__(self, client: AsyncWebClient, app: App, stack: AsyncExitStack) -> None:
        self._client = client
        self._app = app
        self._stack = stack
        self.http: aiohttp.ClientSession

    async def url(self) -> str:
        opened = await self._client.apps_connections_open(app_token=self._app.app_token)
        return str(opened["url"])

    async def open(self) -> Link:
        link = await self.open_at(await self.url())
        assert (await link.frame())["type"] == "hello"
        return link

    async def open_at(self, url: str) -> Link:
        return Link(await self._stack.enter_async_context(self.http.ws_connect(url)))


@pytest.fixture
async def links(client: AsyncWebClient, app: App) -> AsyncIterator[Links]:
    async with AsyncExitStack() as stack:
        opener = Links(client, app, stack)
        opener.http = await stack.enter_async_context(aiohttp.ClientSession())
        yield opener


async def test_the_first_frame_is_hello(links: Links, app: App) -> None:
    link = await links.open_at(await links.url())
    hello = await link.frame()
    assert hello["type"] == "hello"
    assert hello["num_connections"] == 1
    assert hello["connection_info"] == {"app_id": app.id}
    assert hello["debug_info"]["approximate_connection_time"] > 0


async def test_a_ticket_opens_one_socket(links: Links) -> None:
    url = await links.url()
    await links.open_at(url)
    for stale in (url, url.replace("ticket=", "ticket=forged")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await links.open_at(stale)
        assert caught.value.status == 403


async def test_an_event_comes_in_an_envelope(
    links: Links, slack: LocalSlack, general: Channel
) -> None:
    link = await links.open()
    ts = slack.say("ana", general, "x")
    envelope = await link.frame()
    assert envelope["type"] == "events_api"
    assert envelope["accepts_response_payload"] is False
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert envelope["payload"]["event"]["ts"] == ts
    await link.ack(envelope)
    await slack.until(lambda: slack.deliveries[0].acked)


@pytest.mark.parametrize("noise", ["hello?", "[]", "{}", '{"envelope_id": "unknown"}'])
async def test_what_is_no_ack_is_ignored(
    links: Links, slack: LocalSlack, general: Channel, noise: str
) -> None:
    link = await links.open()
    slack.say("ana", general, "x")
    envelope = await link.frame()
    await link.socket.send_str(noise)
    await link.socket.send_bytes(b"\x00")
    await link.ack(envelope)
    await slack.until(lambda: slack.deliveries[0].acked)


async def test_pings_are_answered(links: Links) -> None:
    link = await links.open()
    await link.socket.ping(b"are you there")
    assert await link.is_silent()  # the client takes the pong in; an error would show


class TestRedelivery:
    """An event that is not acked comes again, with the same event_id."""

    @pytest.fixture
    def rules(self) -> DeliveryRules:
        return QUICK

    async def test_an_event_comes_four_times_at_most(
        self, links: Links, slack: LocalSlack, general: Channel
    ) -> None:
        link = await links.open()
        slack.say("ana", general, "x")
        frames = [await link.frame() for _ in range(4)]
        assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
        assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout", "timeout"]
        assert len({frame["payload"]["event_id"] for frame in frames}) == 1
        assert len({frame["envelope_id"] for frame in frames}) == 4
        assert await link.is_silent()

    async def test_an_ack_of_any_of_them_ends_it(
        self, links: Links, slack: LocalSlack, general: Channel
    ) -> None:
        link = await links.open()
        slack.say("ana", general, "x")
        first = await link.frame()
        await link.frame()
        await link.ack(first)
        await slack.until(lambda: slack.deliveries[0].acked)
        assert await link.is_silent()

    async def test_it_comes_by_another_socket_when_the_first_is_cut(
        self, links: Links, slack: LocalSlack, general: Channel
    ) -> None:
        await links.open()
        slack.say("ana", general, "x")
        slack.drop_sockets()
        await slack.until(lambda: not slack.connections)
        link = await links.open()
        again = await link.frame()
        assert again["retry_attempt"] > 0
        await link.ack(again)
        await slack.until(lambda: slack.deliveries[0].acked)

    async def test_it_is_given_up_when_no_socket_comes_back(
        self, links: Links, slack: LocalSlack, general: Channel
    ) -> None:
        await links.open()
        slack.say("ana", general, "x")
        slack.drop_sockets()
        await slack.until(lambda: slack.deliveries[0].attempts == 4)
        await asyncio.sleep(3 * QUICK.ack_within)
        assert slack.deliveries[0].attempts == 4
        assert not slack.deliveries[0].acked


async def test_events_can_be_sent_again_by_hand(
    links: Links, slack: LocalSlack, general: Channel
) -> None:
    link = await links.open()
    ts = slack.say("ana", general, "hi @slackbot")
    slack.react("ben", general, ts, "eyes")
    first = [await link.frame() for _ in range(3)]
    for frame in first:
        await link.ack(frame)
    assert slack.redeliver(ts) == 3
    again = [await link.frame() for _ in range(3)]
    ids = [[frame["payload"]["event_id"] for frame in frames] for frames in (first, again)]
    assert ids[0] == ids[1]
    assert [frame["retry_attempt"] for frame in again] == [1, 1, 1]
    assert slack.redeliver("1.0") == 0


async def test_what_happens_while_no_socket_is_up_is_lost(
    links: Links, slack: LocalSlack, general: Channel
) -> None:
    slack.say("ana", general, "lost")
    link = await links.open()
    assert await link.is_silent()
    slack.say("ana", general, "heard")
    assert (await link.frame())["payload"]["event"]["text"] == "heard"


async def test_each_event_goes_to_one_of_the_sockets_in_turn(
    links: Links, slack: LocalSlack, general: Channel
) -> None:
    one, other = await links.open(), await links.open()
    for number in range(4):
        slack.say("ana", general, str(number))
    heard = [
        {(await link.frame())["payload"]["event"]["text"] for _ in range(2)}
        for link in (one, other)
    ]
    assert sorted(map(sorted, heard)) == [["0", "2"], ["1", "3"]]
    assert await one.is_silent()


async def test_an_app_has_ten_sockets_at_most(links: Links, slack: LocalSlack) -> None:
    for _ in range(10):
        await links.open()
    eleventh = await links.open_at(await links.url())
    frame = await eleventh.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
    assert (await eleventh.socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert slack.connections == 10


async def test_every_app_hears_for_itself(
    links: Links, slack: LocalSlack, workspace: Workspace, general: Channel
) -> None:
    other = workspace.add_app("otherbot")
    workspace.join("general", "otherbot")
    link = await links.open()
    slack.say("ana", general, "x")
    await link.frame()
    assert await link.is_silent()
    assert [delivery.app.id for delivery in slack.deliveries][1:] == [other.id]


@pytest.mark.parametrize(
    ("rules", "first"),
    [
        (DeliveryRules(mention_order="app_mention_first"), {"app_mention"}),
        (DeliveryRules(mention_order="message_first"), {"message"}),
        (DeliveryRules(mention_order="random", seed=7), {"app_mention", "message"}),
    ],
)
async def test_the_twins_of_a_mention_come_in_the_order_asked_for(
    links: Links, slack: LocalSlack, general: Channel, rules: DeliveryRules, first: set[str]
) -> None:
    link = await links.open()
    seen: set[str] = set()
    for _ in range(20):
        slack.say("ana", general, "hi @slackbot")
        twins = [(await link.frame())["payload"] for _ in range(2)]
        assert twins[0]["event"]["ts"] == twins[1]["event"]["ts"]
        assert twins[0]["event_id"] != twins[1]["event_id"]
        assert {twin["event"]["type"] for twin in twins} == {"app_mention", "message"}
        seen.add(twins[0]["event"]["type"])
    assert seen == first


async def test_a_warning_leaves_the_socket_open(links: Links, slack: LocalSlack) -> None:
    link = await links.open()
    slack.drop_sockets("warning")
    assert (await link.frame())["reason"] == "warning"
    assert await link.is_silent()


async def test_other_reasons_to_disconnect_close_it(links: Links, slack: LocalSlack) -> None:
    link = await links.open()
    slack.drop_sockets("refresh_requested")
    frame = await link.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "refresh_requested")
    assert (await link.socket.receive(timeout=2)).type is aiohttp.WSMsgType.CLOSE


async def test_nothing_is_left_when_the_server_stops(workspace: Workspace, app: App) -> None:
    before = asyncio.all_tasks()
    server = LocalSlack(workspace)
    await server.stop()  # stopping what never started does no harm
    async with server, aiohttp.ClientSession() as http:
        url = f"{server.api_url}/apps.connections.open"
        async with http.post(url, data={"token": app.app_token}) as response:
            address = (await response.json())["url"]
        async with http.ws_connect(address):
            await server.until(lambda: server.connections)
            server.say("ana", "general", "not acked")
            await server.stop()
            assert server.connections == 0
    assert asyncio.all_tasks() == before
