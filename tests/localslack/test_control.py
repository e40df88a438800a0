"""The control API, as another program of this machine uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError

from localslack import EventOdds, Odds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack

    Json = dict[str, Any]
    Refusal = Callable[[Awaitable[object]], Awaitable[str]]


@dataclass(frozen=True)
class Program:
    """Another program. `session` has the workspace's address as its base."""

    session: ClientSession

    async def ask(self, what: str, **body: object) -> Json:
        """Do something; a refusal has `error`."""
        async with self.session.post(f"/control/{what}", json=body) as response:
            assert response.status == 200
            answer: Json = await response.json()
            assert answer["ok"] == ("error" not in answer)
            return answer

    async def read(self, what: str, **query: str) -> Json:
        """Return what a reading route answers; a refusal has `error`."""
        async with self.session.get(f"/control/{what}", params=query) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "no-store"
            answer: Json = await response.json()
            return answer


@pytest.fixture
async def program(slack: LocalSlack) -> AsyncIterator[Program]:
    async with ClientSession(slack.url) as session:
        yield Program(session)


class TestFaults:
    async def test_the_next_calls_of_a_method_fail(
        self, program: Program, client: AsyncWebClient, refusal: Refusal
    ) -> None:
        await program.ask("faults", do="next", method="auth.test", error="fatal_error", times=2)
        state = await program.read("state")
        assert state["faults"]["scripted"] == {"auth.test": 2}
        assert [await refusal(client.auth_test()) for _ in range(2)] == ["fatal_error"] * 2
        assert (await client.auth_test())["ok"]
        assert (await program.read("state"))["faults"]["scripted"] == {}

    async def test_a_lasting_fault_holds_until_all_is_cleared(
        self, program: Program, client: AsyncWebClient, refusal: Refusal
    ) -> None:
        lasting = {"method": "auth.test", "rate_limited": 0, "times": None}
        await program.ask("faults", do="next", **lasting)
        assert await refusal(client.auth_test()) == "ratelimited"
        assert (await program.read("state"))["faults"]["scripted"] == {"auth.test": None}
        await program.ask("faults", do="clear")
        assert (await client.auth_test())["ok"]

    async def test_the_weather_is_made_and_told(self, program: Program, slack: LocalSlack) -> None:
        odds = {"http_before": 0.5, "slow": 1, "errors": ["fatal_error"]}
        await program.ask(
            "faults", do="weather", seed=7, calls={"chat.*": odds}, events={"twice": 1}
        )
        weather = slack.faults.weather_now
        assert weather.seed == 7
        assert weather.calls == {"chat.*": Odds(http_before=0.5, slow=1, errors=("fatal_error",))}
        assert weather.events == EventOdds(twice=1)
        told = (await program.read("state"))["faults"]["weather"]
        assert told["calls"]["chat.*"]["http_before"] == 0.5
        assert told["events"]["twice"] == 1
        assert (await program.ask("faults", do="weather", **told))["ok"]  # what it tells, it takes
        assert slack.faults.weather_now == weather

    async def test_the_limits_of_slack_are_turned_on_and_off(
        self, program: Program, client: AsyncWebClient, general: Channel, refusal: Refusal
    ) -> None:
        await program.ask("faults", do="limits", on=True)
        for _ in range(5):
            await client.chat_postMessage(channel=general.id, text="x")
        for _ in range(2):
            assert await refusal(client.chat_postMessage(channel=general.id, text="x"))
        limits = (await program.read("state"))["limits"]
        assert limits["on"] is True
        (violation,) = limits["violations"]
        assert (violation["method"], violation["early"]) == ("chat.postMessage", 5)
        await program.ask("faults", do="limits", on=False)
        await client.chat_postMessage(channel=general.id, text="x")

    async def test_nothing_is_reached_for_a_time(
        self, program: Program, slack: LocalSlack, pass_time: Callable[[float], None]
    ) -> None:
        await program.ask("faults", do="outage", seconds=30)
        pass_time(10)
        assert slack.faults.outage_seconds == 20
        assert (await program.read("state"))["faults"]["outage"] == 20


class TestSockets:
    async def test_they_are_dropped(
        self, program: Program, slack: LocalSlack, bolt: AsyncApp
    ) -> None:
        assert bolt is not None  # connected
        assert (await program.read("state"))["connections"] == 1
        await program.ask("sockets", do="drop")
        await slack.until(lambda: not slack.connections)

    async def test_they_are_refused(self, program: Program, slack: LocalSlack) -> None:
        await program.ask("sockets", do="refuse", times=2, seconds=10, reason="link_disabled")
        refusing = (await program.read("state"))["faults"]["refusing"]
        assert refusing == {"times": 2, "seconds": 10}
        refusals = [slack.faults.take_refusal() for _ in range(3)]
        assert [refusal and refusal.reason for refusal in refusals] == ["link_disabled"] * 3


class TestPeople:
    async def test_somebody_speaks_reacts_edits_and_deletes(
        self, program: Program, slack: LocalSlack, general: Channel
    ) -> None:
        root = await program.ask("people", do="say", **_here("ana"), text="hi @slackbot")
        here = _here("ben") | {"thread_ts": root["ts"]}
        reply = await program.ask("people", do="say", **here, text="me too")
        on_root = _here("ana") | {"ts": root["ts"]}
        await program.ask("people", do="edit", **on_root, text="hello @slackbot")
        await program.ask("people", do="react", **on_root, name="eyes")
        thread = slack.workspace.thread(general.id, root["ts"])
        assert [message.ts for message in thread] == [root["ts"], reply["ts"]]
        assert thread[0].text.startswith("hello <@")
        room = slack.workspace.room(general.id)
        assert list(room.reactions(root["ts"])) == ["eyes"]
        await program.ask("people", do="unreact", **on_root, name="eyes")
        assert not room.reactions(root["ts"])
        await program.ask("people", do="delete", **_here("ben"), ts=reply["ts"])
        assert len(slack.workspace.thread(general.id, root["ts"])) == 1

    async def test_the_bot_is_removed_comes_back_and_finds_the_channel_archived(
        self, program: Program, client: AsyncWebClient, general: Channel, refusal: Refusal
    ) -> None:
        codes = []
        for do in ("leave", "join", "archive"):
            assert (await program.ask("people", do=do, **_here("slackbot")))["ok"]
            try:
                await client.chat_postMessage(channel=general.id, text="x")
                codes.append("ok")
            except SlackApiError as error:
                codes.append(error.response["error"])
        assert codes == ["not_in_channel", "ok", "is_archived"]

    async def test_nobody_changes_what_another_wrote(self, program: Program) -> None:
        said = await program.ask("people", do="say", **_here("ana"), text="mine")
        changed = _here("ben") | {"ts": said["ts"], "text": "yours"}
        answer = await program.ask("people", do="edit", **changed)
        assert answer == {"ok": False, "error": "cant_update_message"}


class TestCalls:
    async def test_the_calls_are_told_without_tokens(
        self, program: Program, client: AsyncWebClient, app: App, general: Channel
    ) -> None:
        await client.auth_test()
        await client.chat_postMessage(channel=general.id, text="x")
        told = (await program.read("calls"))["calls"]
        assert [call["method"] for call in told] == ["auth.test", "chat.postMessage"]
        assert told[1]["arguments"] == {"channel": general.id, "text": "x"}
        assert (told[1]["app"], told[1]["outcome"]) == (app.name, "ok")
        assert app.bot_token not in str(told)

    async def test_they_are_told_by_method_since_a_time_the_last_of_them(
        self,
        program: Program,
        slack: LocalSlack,
        client: AsyncWebClient,
        pass_time: Callable[[float], None],
    ) -> None:
        for _ in range(3):
            await client.auth_test()
            pass_time(1)
        await client.users_info(user=slack.workspace.user("ana").id)
        since = str(slack.clock() - 2.5)
        assert len((await program.read("calls", method="auth.test"))["calls"]) == 3
        assert len((await program.read("calls", method="auth.test", after=since))["calls"]) == 2
        (last,) = (await program.read("calls", limit="1"))["calls"]
        assert last["method"] == "users.info"

    async def test_events_that_nobody_acked_are_counted(
        self, program: Program, slack: LocalSlack, general: Channel
    ) -> None:
        slack.say("ana", general, "x")
        assert (await program.read("state"))["deliveries"] == {"all": 1, "not_acked": 1}


class TestRefusals:
    @pytest.mark.parametrize(
        ("what", "body", "code"),
        [
            ("faults", {}, "invalid_arguments"),
            ("faults", {"do": "snow"}, "unknown_method"),
            ("faults", {"do": "next", "method": "auth.test"}, "invalid_arguments"),
            ("faults", {"do": "next", "method": "x", "http_status": "503"}, "invalid_arguments"),
            ("faults", {"do": "next", "method": "x", "colour": 1}, "invalid_arguments"),
            ("faults", {"do": "weather", "calls": {"*": 1}}, "invalid_arguments"),
            ("faults", {"do": "weather", "calls": {"*": {"slow": 2}}}, "invalid_arguments"),
            ("faults", {"do": "weather", "calls": {"*": {"fog": 1}}}, "invalid_arguments"),
            ("faults", {"do": "weather", "calls": []}, "invalid_arguments"),
            ("faults", {"do": "weather", "seed": 1.5}, "invalid_arguments"),
            ("faults", {"do": "outage", "seconds": -1}, "invalid_arguments"),
            ("faults", {"do": "outage", "seconds": "soon"}, "invalid_arguments"),
            ("sockets", {"do": "drop", "reason": "boredom"}, "invalid_arguments"),
            ("people", {"do": "say", "as": "nobody", "channel": "general"}, "invalid_arguments"),
            (
                "people",
                {"do": "say", "as": "nobody", "channel": "general", "text": "x"},
                "user_not_found",
            ),
        ],
    )
    async def test_what_makes_no_sense_is_refused(
        self, program: Program, slack: LocalSlack, what: str, body: Json, code: str
    ) -> None:
        assert (await program.ask(what, **body))["error"] == code
        assert slack.faults.weather_now.calls == {}
        assert slack.faults.scripted == {}

    async def test_a_question_that_makes_no_sense_is_refused(self, program: Program) -> None:
        assert (await program.read("calls", limit="0"))["error"] == "invalid_arguments"

    @pytest.mark.parametrize(("sent", "code"), [("{", "invalid_json"), ("[]", "json_not_object")])
    async def test_what_is_no_json_object_is_refused(
        self, program: Program, sent: str, code: str
    ) -> None:
        headers = {"Content-Type": "application/json"}
        async with program.session.post("/control/faults", data=sent, headers=headers) as response:
            assert (await response.json())["error"] == code

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Host": "attacker.example"}, 403),
            ({"Origin": "https://attacker.example"}, 403),
            ({"Content-Type": "text/plain"}, 415),
        ],
    )
    async def test_other_web_sites_are_kept_out(
        self, program: Program, slack: LocalSlack, headers: dict[str, str], status: int
    ) -> None:
        sent = '{"do": "next", "method": "auth.test", "error": "fatal_error"}'
        headers = {"Content-Type": "application/json"} | headers
        async with program.session.post("/control/faults", data=sent, headers=headers) as response:
            assert response.status == status
        assert slack.faults.scripted == {}


def _here(who: str) -> dict[str, str]:
    return {"as": who, "channel": "general"}
