"""Trouble by chance, for a time, and of sockets and events: what an app sees of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from localslack import DeliveryRules, EventOdds, Odds
from localslack.fault import Fault
from localslack.weather import HTTP_STATUSES, Passage, Weather

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack
    from localslack.faults import DisconnectReason

    Frames: TypeAlias = AsyncGenerator[dict[str, Any]]

METHODS = ("chat.postMessage", "chat.update", "reactions.add", "auth.test")
BAD = Odds(
    rate_limited=0.1,
    http_before=0.1,
    http_after=0.1,
    reset_before=0.1,
    reset_after=0.1,
    error=0.1,
    slow=0.3,
    drop_sockets=0.1,
)


class TestChances:
    @given(seed=st.integers(), order=st.lists(st.sampled_from(METHODS), max_size=80))
    def test_the_nth_call_of_a_method_meets_the_same_however_calls_are_mixed(
        self, seed: int, order: list[str]
    ) -> None:
        mixed, sorted_ = Weather(seed=seed, calls={"*": BAD}), Weather(seed=seed, calls={"*": BAD})
        met = [(method, mixed.fault(method)) for method in order]
        assert sorted(met, key=lambda pair: pair[0]) == [
            (method, sorted_.fault(method)) for method in sorted(order)
        ]

    def test_every_kind_comes_about_as_often_as_its_chance_says(self) -> None:
        weather = Weather(seed=4, calls={"*": BAD})
        met = [weather.fault("chat.update") for _ in range(5000)]
        faults = [fault for fault in met if fault is not None]
        kinds = Counter((_kind(fault), fault.after_effect) for fault in faults)
        kinds.pop((None, False))
        assert len(kinds) == 6
        assert all(times == pytest.approx(500, rel=0.2) for times in kinds.values())
        assert sum(fault.delay > 0 for fault in faults) == pytest.approx(1500, rel=0.1)
        assert sum(fault.drop_sockets for fault in faults) == pytest.approx(500, rel=0.2)
        assert {fault.http_status for fault in faults} == {None, *HTTP_STATUSES}

    def test_what_the_patterns_that_fit_bring_comes_together(self) -> None:
        weather = Weather(
            calls={
                "*": Odds(slow=1, delay=2),
                "chat.update": Odds(error=1, errors=("x",), slow=1, delay=1),
                "chat.*": Odds(error=1, errors=("y",), drop_sockets=1),
            }
        )
        assert weather.fault("auth.test") == Fault(delay=2)
        assert weather.fault("chat.update") == Fault(error="x", delay=2, drop_sockets=True)
        assert weather.fault("chat.delete") == Fault(error="y", delay=2, drop_sockets=True)
        assert Weather(calls={"chat.*": Odds(error=1)}).fault("auth.test") is None

    def test_an_event_that_comes_late_twice_and_swapped_comes_twice_and_later(self) -> None:
        odds = EventOdds(late=1, late_by=2, twice=1, twice_after=3, swapped=1, drop_sockets=1)
        passage = Weather(events=odds).passage()
        assert passage == Passage(waits=(2.05, 5.05), drop_sockets=True)
        assert Weather().passage() == Passage(waits=(0.0,))

    def test_chances_and_times_are_checked(self) -> None:
        for wrong in (
            lambda: Odds(error=1.1),
            lambda: Odds(http_before=0.6, reset_after=0.6),
            lambda: EventOdds(late=-0.1),
        ):
            with pytest.raises(ValueError, match="from 0 to 1"):
                wrong()
        for negative in (lambda: Odds(delay=-1), lambda: EventOdds(late_by=-1)):
            with pytest.raises(ValueError, match="not negative"):
                negative()


class TestCalls:
    async def test_the_weather_holds_for_its_methods_until_it_is_cleared(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel
    ) -> None:
        slack.faults.weather(1, {"chat.*": Odds(error=1, errors=("fatal_error",))})
        await client.auth_test()
        with pytest.raises(SlackApiError, match="fatal_error"):
            await client.chat_postMessage(channel=general.id, text="x")
        slack.faults.clear()
        await client.chat_postMessage(channel=general.id, text="x")

    async def test_what_is_scripted_comes_before_the_weather(
        self, slack: LocalSlack, client: AsyncWebClient
    ) -> None:
        slack.faults.weather(1, {"*": Odds(error=1, errors=("fatal_error",))})
        slack.faults.next("auth.test", error="token_revoked")
        codes = []
        for _ in range(2):
            with pytest.raises(SlackApiError) as caught:
                await client.auth_test()
            codes.append(caught.value.response["error"])
        assert codes == ["token_revoked", "fatal_error"]

    async def test_a_slow_answer_is_an_answer(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel
    ) -> None:
        slack.faults.next("chat.postMessage", delay=0.1)
        assert (await client.chat_postMessage(channel=general.id, text="slow"))["ok"]
        assert slack.calls[-1].outcome == "ok"

    async def test_a_slow_call_takes_effect_at_once_and_who_has_no_patience_does_not_know(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel
    ) -> None:
        slack.faults.next("chat.postMessage", delay=600)
        call = asyncio.create_task(client.chat_postMessage(channel=general.id, text="did it?"))
        await slack.until(lambda: slack.workspace.room(general.id).latest, timeout=30)
        assert (await client.auth_test())["ok"]
        assert not call.done()
        call.cancel()
        await asyncio.wait([call])
        (message,) = slack.workspace.room(general.id).messages()
        assert message.text == "did it?"

    @pytest.mark.parametrize("fault", [{"http_status": 503}, {"error": "fatal_error"}])
    async def test_a_call_may_fail_after_it_took_effect(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel, fault: dict[str, Any]
    ) -> None:
        slack.faults.next("chat.postMessage", **fault, after_effect=True)
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=general.id, text="x")
        assert [message.text for message in slack.workspace.room(general.id).messages()] == ["x"]

    async def test_an_outage_cuts_everything_until_it_is_over(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        app: App,
        bolt: AsyncApp,
        pass_time: Callable[[float], None],
    ) -> None:
        assert bolt is not None  # connected
        url = await _address(client, app)
        slack.outage(600)
        await slack.until(lambda: not slack.connections)
        with pytest.raises(aiohttp.ClientError):
            await client.auth_test()
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientError):
                await http.ws_connect(url)
            pass_time(600)
            await client.auth_test()
            assert slack.faults.outage_seconds == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"error": "x", "delay": -1.0},
        {"rate_limited": -1.0},
        {"http_status": 200},
        {"reset": "before", "after_effect": True},
    ],
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"negative|http_status|after_effect"):
        Fault(**wrong)


class TestEvents:
    @pytest.fixture
    async def frames(self, client: AsyncWebClient, app: App) -> AsyncIterator[Frames]:
        """What one socket is sent, each envelope acked at once."""
        async with aclosing(_acked(await _address(client, app))) as frames:
            yield frames

    async def test_an_event_comes_late(
        self, slack: LocalSlack, frames: Frames, general: Channel
    ) -> None:
        await anext(frames)
        slack.faults.weather(1, events=EventOdds(late=1, late_by=0.3))
        ts = slack.say("ana", general, "x")
        slack.faults.clear()
        slack.say("ana", general, "overtakes")
        told = [await anext(frames) for _ in range(2)]
        assert [_text(frame) for frame in told] == ["overtakes", "x"]
        assert told[1]["payload"]["event"]["ts"] == ts
        assert told[1]["retry_attempt"] == 0

    async def test_an_event_comes_twice_although_it_was_acked(
        self, slack: LocalSlack, frames: Frames, general: Channel
    ) -> None:
        await anext(frames)
        slack.faults.weather(1, events=EventOdds(twice=1, twice_after=0.2))
        slack.say("ana", general, "x")
        first = await anext(frames)
        await slack.until(lambda: slack.deliveries[0].acked)
        again = await anext(frames)
        assert [frame["retry_attempt"] for frame in (first, again)] == [0, 1]
        assert first["payload"]["event_id"] == again["payload"]["event_id"]
        assert first["envelope_id"] != again["envelope_id"]

    async def test_events_change_places(
        self, slack: LocalSlack, frames: Frames, general: Channel
    ) -> None:
        await anext(frames)
        slack.faults.weather(3, events=EventOdds(swapped=0.5))
        said = [str(number) for number in range(10)]
        for text in said:
            slack.say("ana", general, text)
        told = [_text(await anext(frames)) for _ in said]
        assert sorted(told) == said
        assert told != said

    async def test_an_event_may_bring_the_sockets_down_and_then_comes_again(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        app: App,
        frames: Frames,
        general: Channel,
    ) -> None:
        await anext(frames)
        slack.faults.weather(1, events=EventOdds(drop_sockets=1))
        slack.say("ana", general, "x")
        slack.faults.clear()
        await slack.until(lambda: not slack.connections)
        async with aclosing(_acked(await _address(client, app))) as later:
            assert (await anext(later))["type"] == "hello"
            again = await anext(later)
        assert (_text(again), again["retry_attempt"]) == ("x", 1)

    @pytest.fixture
    def rules(self) -> DeliveryRules:
        return DeliveryRules(ack_within=0.2, retries=(0.5,))

    async def test_a_call_may_bring_the_sockets_down(
        self, slack: LocalSlack, bolt: AsyncApp
    ) -> None:
        slack.faults.next("auth.test", drop_sockets=True)
        assert (await bolt.client.auth_test())["ok"]
        await slack.until(lambda: not slack.connections)


class TestRefusedSockets:
    @pytest.fixture
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with aiohttp.ClientSession() as http:
            yield http

    async def test_they_are_refused_for_a_time(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        app: App,
        http: aiohttp.ClientSession,
        pass_time: Callable[[float], None],
    ) -> None:
        async def connect() -> str:
            url = await _address(client, app)
            async with http.ws_connect(url) as socket:
                return str((await socket.receive_json(timeout=2))["type"])

        slack.refuse_sockets(seconds=300)
        for _ in range(2):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await connect()
            assert caught.value.status == 503
            pass_time(150)
        assert await connect() == "hello"

    @pytest.mark.parametrize("reason", ["too_many_websockets", "link_disabled"])
    async def test_with_a_reason_they_are_told_it_and_closed(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        app: App,
        http: aiohttp.ClientSession,
        reason: DisconnectReason,
    ) -> None:
        slack.refuse_sockets(1, reason=reason)
        url = await _address(client, app)
        async with http.ws_connect(url) as socket:
            frame = await socket.receive_json(timeout=2)
            assert (frame["type"], frame["reason"]) == ("disconnect", reason)
            assert (await socket.receive(timeout=2)).type is aiohttp.WSMsgType.CLOSE
        assert slack.connections == 0


async def _address(client: AsyncWebClient, app: App) -> str:
    return str((await client.apps_connections_open(app_token=app.app_token))["url"])


async def _acked(url: str) -> Frames:
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        while True:
            frame = await socket.receive_json(timeout=5)
            if "envelope_id" in frame:
                await socket.send_json({"envelope_id": frame["envelope_id"]})
            yield frame


def _kind(fault: Fault) -> str | None:
    return "http" if fault.http_status else "error" if fault.error else fault.failure


def _text(frame: dict[str, Any]) -> str:
    return str(frame["payload"]["event"]["text"])
