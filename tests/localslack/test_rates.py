"""Rate limits: what Slack documents, how calls are counted, and what the real SDK sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from localslack import SLACK_LIMITS, Limit, LocalSlack
from localslack.methods import METHODS
from localslack.rates import narrowest
from localslack.tiers import Lane, Tiers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, Workspace

    PassTime = Callable[[float], None]


class TestTheTable:
    def test_every_method_that_is_answered_has_its_limit(self) -> None:
        assert set(SLACK_LIMITS) == set(METHODS)

    @pytest.mark.parametrize(
        ("method", "calls"),
        [
            ("chat.startStream", 20),
            ("chat.stopStream", 20),
            ("chat.appendStream", 100),
            ("chat.update", 50),
            ("reactions.add", 50),
            ("reactions.list", 20),
            ("conversations.history", 50),
            ("conversations.replies", 50),
            ("users.conversations", 50),
        ],
    )
    def test_a_tier_is_so_many_calls_a_minute(self, method: str, calls: int) -> None:
        assert SLACK_LIMITS[method] == (Limit(calls, 60.0, "workspace"),)

    def test_messages_are_one_a_second_for_each_channel_and_some_hundred_a_minute_in_all(
        self,
    ) -> None:
        channel, workspace = SLACK_LIMITS["chat.postMessage"]
        assert (channel.scope, channel.calls / channel.seconds) == ("channel", 1.0)
        assert (workspace.scope, workspace.calls) == ("workspace", 300)

    def test_searches_are_counted_for_each_asker(self) -> None:
        assert SLACK_LIMITS["assistant.search.context"] == (Limit(10, 60.0, "user"),)

    def test_a_refusal_holds_for_what_is_counted_together(self) -> None:
        assert narrowest("chat.postMessage") == "channel"
        assert narrowest("chat.update") == "workspace"
        assert narrowest("no.such.method") == "workspace"

    @pytest.mark.parametrize(("calls", "seconds"), [(0, 1.0), (1, 0.0)])
    def test_a_limit_allows_something(self, calls: int, seconds: float) -> None:
        with pytest.raises(ValueError, match="at least one call"):
            Limit(calls, seconds)


class Hand:
    """A clock that is set by hand, by its hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


STEPS = st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ab")), max_size=60)


@given(steps=STEPS, calls=st.integers(1, 4), seconds=st.integers(1, 40))
def test_no_stretch_of_time_ever_sees_more_calls_than_the_limit(
    steps: list[tuple[float, str]], calls: int, seconds: int
) -> None:
    hand = Hand()
    tiers = Tiers({"m": (Limit(calls, seconds, "channel"),)}, hand)
    admitted: dict[str, list[float]] = {"a": [], "b": []}
    for wait, channel in steps:
        hand.now += wait
        if tiers.enter(Lane(app="A", method="m", channel=channel)) is None:
            admitted[channel].append(hand.now)
    for times in admitted.values():
        for first, later in zip(times, times[calls:], strict=False):
            assert later - first >= seconds - 1e-6


@given(steps=STEPS)
def test_who_waits_as_long_as_told_is_let_in_and_violates_nothing(
    steps: list[tuple[float, str]],
) -> None:
    hand = Hand()
    tiers = Tiers({"m": (Limit(2, 7.0, "channel"), Limit(3, 20.0))}, hand)
    for wait, channel in steps:
        hand.now += wait
        lane = Lane(app="A", method="m", channel=channel)
        tries = 0
        while (seconds := tiers.enter(lane)) is not None:
            assert seconds >= 1
            hand.now += seconds
            tries += 1
        assert tries <= 2  # one for each of the limits
    assert not tiers.violations


class TestOverHttp:
    @pytest.fixture
    async def slack(
        self, workspace: Workspace, clock: Callable[[], float]
    ) -> AsyncIterator[LocalSlack]:
        async with LocalSlack(workspace, clock=clock, tiers=SLACK_LIMITS) as server:
            yield server

    async def test_the_twenty_first_stream_of_a_minute_has_to_wait(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel, pass_time: PassTime
    ) -> None:
        root, ana = slack.say("ana", general, "x"), slack.workspace.user("ana")

        async def start() -> None:
            await client.chat_startStream(
                channel=general.id,
                thread_ts=root,
                recipient_user_id=ana.id,
                recipient_team_id=ana.team,
            )

        await start()
        pass_time(18.5)
        for _ in range(19):
            await start()
        with pytest.raises(SlackApiError) as caught:
            await start()
        answer = caught.value.response
        assert (answer.status_code, answer["ok"], answer["error"]) == (429, False, "ratelimited")
        assert answer.headers["Retry-After"] == "42"  # whole seconds, of 41.5
        assert slack.calls[-1].outcome == "ratelimited"
        assert len(slack.workspace.thread(general.id, root)) == 21  # nothing came of the last
        pass_time(42)
        await start()
        assert not slack.tiers.violations

    async def test_a_channel_takes_a_short_burst_and_the_others_are_free(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel, pass_time: PassTime
    ) -> None:
        other = slack.workspace.add_channel("other", ["slackbot"])
        for _ in range(5):
            await client.chat_postMessage(channel=general.id, text="x")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=general.id, text="x")
        assert caught.value.response.headers["Retry-After"] == "5"
        await client.chat_postMessage(channel=other.id, text="x")
        pass_time(5)
        await client.chat_postMessage(channel=general.id, text="x")
        assert not slack.tiers.violations

    async def test_a_call_within_the_time_told_is_a_violation(
        self,
        slack: LocalSlack,
        app: App,
        client: AsyncWebClient,
        general: Channel,
        pass_time: PassTime,
        refusal: Callable[[Awaitable[object]], Awaitable[str]],
    ) -> None:
        for _ in range(5):
            await client.chat_postMessage(channel=general.id, text="x")
        assert await refusal(client.chat_postMessage(channel=general.id, text="x")) == "ratelimited"
        pass_time(2)
        assert await refusal(client.chat_postMessage(channel=general.id, text="x")) == "ratelimited"
        (violation,) = slack.tiers.violations
        assert (violation.app, violation.method) == (app.id, "chat.postMessage")
        assert (violation.at, violation.early) == (slack.clock(), 3.0)

    async def test_searches_are_limited_for_each_asker(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel
    ) -> None:
        for person in ("ana", "ben"):
            slack.say(person, general, "@slackbot find it")
        tokens = [
            delivery.event["action_token"]
            for delivery in slack.deliveries
            if delivery.event["type"] == "app_mention"
        ]

        async def search(token: str) -> None:
            given = {"query": "x", "action_token": token}
            await client.api_call("assistant.search.context", json=given)

        for _ in range(10):
            await search(tokens[0])
        with pytest.raises(SlackApiError, match="ratelimited"):
            await search(tokens[0])
        await search(tokens[1])
        with pytest.raises(SlackApiError, match="invalid_action_token"):
            await search("forged")

    async def test_apps_do_not_use_up_each_others_limits(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        client_for: Callable[[str], AsyncWebClient],
        general: Channel,
    ) -> None:
        other = slack.workspace.add_app("otherbot")
        slack.workspace.join(general.id, "otherbot")
        for _ in range(5):
            await client.chat_postMessage(channel=general.id, text="x")
        await client_for(other.bot_token).chat_postMessage(channel=general.id, text="x")

    async def test_the_limit_stands_before_the_faults(
        self,
        slack: LocalSlack,
        client: AsyncWebClient,
        general: Channel,
        refusal: Callable[[Awaitable[object]], Awaitable[str]],
        pass_time: PassTime,
    ) -> None:
        for _ in range(5):
            await client.chat_postMessage(channel=general.id, text="x")
        slack.faults.next("chat.postMessage", error="is_archived")
        codes = []
        for _ in range(2):
            codes.append(await refusal(client.chat_postMessage(channel=general.id, text="x")))
            pass_time(5)
        assert codes == ["ratelimited", "is_archived"]

    async def test_what_never_reached_slack_does_not_count(
        self, slack: LocalSlack, client: AsyncWebClient, general: Channel, pass_time: PassTime
    ) -> None:
        slack.outage(1)
        for _ in range(5):
            with pytest.raises(aiohttp.ClientError):
                await client.chat_postMessage(channel=general.id, text="x")
        pass_time(1)
        await client.chat_postMessage(channel=general.id, text="x")


async def test_there_are_no_limits_unless_they_are_asked_for(
    slack: LocalSlack, client: AsyncWebClient, general: Channel
) -> None:
    for _ in range(30):
        await client.chat_postMessage(channel=general.id, text="x")
    assert {call.outcome for call in slack.calls} == {"ok"}


async def test_a_scripted_rate_limit_tells_violations_as_well(
    slack: LocalSlack, client: AsyncWebClient, general: Channel, pass_time: PassTime
) -> None:
    """The next call goes through, as scripted, and is noted: a bot must not have made it."""
    slack.faults.next("chat.postMessage", rate_limited=7)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=general.id, text="x")
    await client.auth_test()
    pass_time(6)
    await client.chat_postMessage(channel=general.id, text="x")
    pass_time(1)
    await client.chat_postMessage(channel=general.id, text="x")
    (violation,) = slack.tiers.violations
    assert violation.early == 1.0
