"""When calls leave, in virtual time: against a Slack that counts them by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from kit.metrics import samples
from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.ops.metrics import Metrics
from slackbot.slack.api.failures import SlackFailure
from slackbot.slack.api.lane import PUMP
from slackbot.slack.api.priorities import Importance, Priority, if_unclear, never
from slackbot.slack.api.rates import SLACK_LIMITS, TIER_2, TIER_4, Limit, tier_of
from slackbot.slack.api.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

METHOD = "chat.postMessage"
TWO_IN_TEN = {METHOD: (Limit(2, 10.0),)}
PATIENT = Priority(Importance.FINAL, 10_000.0, if_unclear)
HASTY = Priority(Importance.PROGRESS, 1.0, never)


@dataclass
class Counter:
    """A Slack that lets `limit` pass, takes `latency` seconds, and keeps who came when.

    `early` are the calls that were sent although it had said to wait.
    """

    limit: Limit = field(default_factory=lambda: Limit(1_000_000))
    latency: float = 0.1
    arrived: list[tuple[str, float]] = field(default_factory=list)
    refused: int = 0
    early: int = 0
    told_until: float = -1.0
    errors: list[str] = field(default_factory=list)

    def send(self, name: str = "") -> Callable[[], Awaitable[str]]:
        async def send() -> str:
            self.early += virtual_clock() < self.told_until
            await asyncio.sleep(self.latency / 2)
            now = virtual_clock()
            recent = [at for _, at in self.arrived if at > now - self.limit.seconds]
            await asyncio.sleep(self.latency / 2)
            if self.errors:
                raise SlackFailure(METHOD, self.errors.pop(0))
            if len(recent) >= self.limit.calls:
                self.refused += 1
                wait = recent[-self.limit.calls] + self.limit.seconds - now
                self.told_until = virtual_clock() + wait
                raise SlackFailure(METHOD, "ratelimited", wait)
            self.arrived.append((name, now))
            return name

        return send

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.arrived]


def traffic(limits: Mapping[str, tuple[Limit, ...]] | None = None) -> Traffic:
    return Traffic(limits or {}, clock=virtual_clock)


async def nothing_waits() -> None:
    """Let what is under way end; the pump must not outlive those in line."""
    await asyncio.sleep(0.01)
    assert [task for task in asyncio.all_tasks() if task.get_name() == PUMP] == []


def test_without_a_limit_calls_leave_at_once() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(latency=1.0), traffic()
        await asyncio.gather(*(lanes.call(METHOD, slack.send(), HASTY) for _ in range(50)))
        assert {at for _, at in slack.arrived} == {0.5}

    in_virtual_time(scenario())


def test_calls_keep_within_the_limit_and_leave_as_soon_as_it_lets_them() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(Limit(2, 10.0)), traffic(TWO_IN_TEN)
        await asyncio.gather(*(lanes.call(METHOD, slack.send(), PATIENT) for _ in range(6)))
        assert slack.refused == 0
        assert [round(at) for _, at in slack.arrived] == [0, 0, 10, 10, 20, 20]
        await nothing_waits()

    in_virtual_time(scenario())


def test_the_important_goes_first_and_then_who_came_first() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 10.0),)})
        kinds = [Importance.SIGN, Importance.PROGRESS, Importance.FINAL, Importance.START]
        calls = [
            lanes.call(
                METHOD, slack.send(f"{kind.name}{number}"), replace(PATIENT, importance=kind)
            )
            for number, kind in enumerate((Importance.BACKGROUND, *kinds, *kinds))
        ]
        await asyncio.gather(*calls)
        assert slack.names == [
            "BACKGROUND0", "FINAL3", "FINAL7", "START4", "START8", "PROGRESS2", "PROGRESS6",
            "SIGN1", "SIGN5",
        ]  # fmt: skip

    in_virtual_time(scenario())


def test_what_is_sparing_never_holds_up_the_rest() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(Limit(8, 10.0)), traffic({METHOD: (Limit(8, 10.0),)})
        sparing = replace(PATIENT, importance=Importance.SPARING)
        flood = [
            asyncio.create_task(lanes.call(METHOD, slack.send("flood"), sparing)) for _ in range(9)
        ]
        await asyncio.sleep(5)
        await lanes.call(METHOD, slack.send("other"), HASTY)
        assert slack.names == ["flood", "flood", "other"]
        await asyncio.gather(*flood)
        assert slack.names.count("flood") == 9
        assert slack.refused == 0

    in_virtual_time(scenario())


def test_who_cannot_wait_is_told_at_once_and_nothing_is_sent() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 10.0),)})
        await lanes.call(METHOD, slack.send("first"), HASTY)
        with pytest.raises(SlackFailure) as caught:
            await lanes.call(METHOD, slack.send("second"), HASTY)
        assert (caught.value.code, caught.value.passing) == ("throttled", True)
        assert caught.value.retry_after == pytest.approx(10.0)
        assert slack.names == ["first"]
        assert virtual_clock() == pytest.approx(0.1)
        await nothing_waits()

    in_virtual_time(scenario())


def test_patience_ends_while_nobody_knows_when_there_is_room() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(latency=60.0), traffic({METHOD: (Limit(1, 10.0),)})
        first = asyncio.create_task(lanes.call(METHOD, slack.send(), PATIENT))
        await asyncio.sleep(1)
        with pytest.raises(SlackFailure, match="throttled") as caught:
            await lanes.call(METHOD, slack.send(), HASTY)
        assert caught.value.retry_after is None
        assert virtual_clock() == pytest.approx(2.0)
        await first

    in_virtual_time(scenario())


def test_a_channels_limit_holds_up_no_other_channel() -> None:
    async def scenario() -> None:
        slack = Counter()
        lanes = traffic({METHOD: (Limit(1, 10.0, per_channel=True), Limit(3, 10.0))})
        await asyncio.gather(
            *(
                lanes.call(METHOD, slack.send(channel), PATIENT, channel=channel)
                for channel in ("a", "a", "b", "c", "d")
            )
        )
        assert (sorted(slack.names[:3]), sorted(slack.names[3:])) == (["a", "b", "c"], ["a", "d"])

    in_virtual_time(scenario())


def test_channels_in_which_nothing_is_said_are_forgotten() -> None:
    async def scenario() -> int:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 1.0, per_channel=True),)})
        for number in range(2_000):
            await lanes.call(METHOD, slack.send(), PATIENT, channel=f"C{number}")
        return len(lanes._lanes[METHOD]._windows)

    assert in_virtual_time(scenario()) < 300


def test_after_a_refusal_nothing_is_sent_until_slack_said_and_then_one_by_one() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(Limit(1, 10.0)), traffic()
        await asyncio.gather(*(lanes.call(METHOD, slack.send(), PATIENT) for _ in range(8)))
        assert (len(slack.arrived), slack.early) == (8, 0)
        assert slack.refused <= 7 + 7  # all at once at first, then the one that finds out
        await nothing_waits()

    in_virtual_time(scenario())


def test_a_refusal_that_outlasts_the_patience_is_passed_on() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(Limit(1, 100.0)), traffic()
        await lanes.call(METHOD, slack.send(), HASTY)
        with pytest.raises(SlackFailure, match="ratelimited"):
            await lanes.call(METHOD, slack.send(), replace(PATIENT, patience=50.0))
        assert virtual_clock() < 1

    in_virtual_time(scenario())


@pytest.mark.parametrize(
    ("code", "repeats", "sent"),
    [
        ("http_503", if_unclear, 2),
        ("http_503", never, 1),
        ("service_unavailable", never, 2),
        ("not_in_channel", if_unclear, 1),
    ],
)
def test_what_may_be_repeated_is_repeated(
    code: str, repeats: Callable[[SlackFailure], bool], sent: int
) -> None:
    async def scenario() -> None:
        slack, lanes = Counter(errors=[code]), traffic()
        calls = 0
        send = slack.send()

        async def counted() -> str:
            nonlocal calls
            calls += 1
            return await send()

        call = lanes.call(METHOD, counted, replace(PATIENT, repeats=repeats))
        if sent == 1:
            with pytest.raises(SlackFailure, match=code):
                await call
        else:
            await call
            assert virtual_clock() > 0.5
        assert calls == sent

    in_virtual_time(scenario())


def test_an_error_of_ours_is_not_repeated_and_leaves_no_hole() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 10.0),)})

        async def broken() -> str:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await lanes.call(METHOD, broken, PATIENT)
        await lanes.call(METHOD, slack.send(), PATIENT)
        assert virtual_clock() == pytest.approx(10.1)

    in_virtual_time(scenario())


def test_one_that_is_cancelled_in_line_leaves_its_place_to_the_next() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 10.0),)})
        tasks = [
            asyncio.create_task(lanes.call(METHOD, slack.send(str(number)), PATIENT))
            for number in range(3)
        ]
        await asyncio.sleep(5)
        tasks[1].cancel()
        await asyncio.wait(tasks)
        assert slack.names == ["0", "2"]
        assert virtual_clock() < 11
        await nothing_waits()

    in_virtual_time(scenario())


def test_one_that_is_cancelled_as_its_turn_comes_takes_no_room() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(latency=0.0), traffic({METHOD: (Limit(1, 10.0),)})
        await lanes.call(METHOD, slack.send("0"), PATIENT)
        lane = lanes._lanes[METHOD]
        second = asyncio.create_task(lanes.call(METHOD, slack.send("1"), PATIENT))
        await asyncio.sleep(10)
        while lane._line:  # noqa: ASYNC110 # the very moment counts
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        await lanes.call(METHOD, slack.send("2"), PATIENT)
        assert slack.names == ["0", "2"]
        assert virtual_clock() == pytest.approx(10.0)

    in_virtual_time(scenario())


def test_when_all_are_cancelled_nobody_waits_on() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 1_000.0),)})
        tasks = [asyncio.create_task(lanes.call(METHOD, slack.send(), PATIENT)) for _ in range(5)]
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await nothing_waits()

    in_virtual_time(scenario())


def test_a_lane_without_room_tells_so_once_a_minute() -> None:
    async def scenario() -> None:
        slack, lanes = Counter(), traffic({METHOD: (Limit(1, 3.0),)})
        await asyncio.gather(*(lanes.call(METHOD, slack.send(), PATIENT) for _ in range(30)))

    with capture_logs() as logs:
        in_virtual_time(scenario())
    told = [line for line in logs if line["event"] == "slack.throttled"]
    assert len(told) == 2
    assert told[0] == {
        "event": "slack.throttled", "log_level": "info", "method": METHOD, "waiting": 29,
    }  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 4),
    st.floats(1, 20),
    st.booleans(),
    st.lists(
        st.tuples(st.floats(0, 8), st.sampled_from(Importance), st.floats(0, 200)),
        min_size=1, max_size=40,
    ),
)  # fmt: skip
def test_slack_never_refuses_who_knows_its_limit_and_is_never_asked_inside_a_wait(
    calls: int, seconds: float, known: bool, arrivals: list[tuple[float, Importance, float]]
) -> None:
    async def scenario() -> None:
        limit = Limit(calls, seconds)
        slack, lanes = Counter(limit), traffic({METHOD: (limit,)} if known else {})

        async def one(after: float, importance: Importance, patience: float) -> None:
            await asyncio.sleep(after)
            began = virtual_clock()
            with suppress(SlackFailure):
                await lanes.call(METHOD, slack.send(), Priority(importance, patience, never))
            assert virtual_clock() - began <= patience + 0.11

        await asyncio.gather(*(one(*arrival) for arrival in arrivals))
        if known:
            assert slack.refused == 0
        assert slack.early == 0
        await nothing_waits()

    in_virtual_time(scenario())


def test_what_comes_of_each_call_is_counted_and_how_long_it_waited() -> None:
    async def scenario() -> None:
        metrics = Metrics()
        lanes = Traffic({METHOD: TIER_2}, clock=virtual_clock, metrics=metrics)
        failing = Counter(errors=["ratelimited", "channel_not_found", "timeout"])
        for _ in range(2):
            with pytest.raises(SlackFailure):
                await lanes.call(METHOD, failing.send(), replace(PATIENT, repeats=never))
        crowd = [lanes.call(METHOD, failing.send(), HASTY) for _ in range(18)]
        await asyncio.gather(*crowd, return_exceptions=True)
        read = samples(metrics)
        counted = {
            result: read[f"slackbot_slack_calls_total{{method={METHOD}}}{{result={result}}}"]
            for result in ("ok", "throttled", "refused", "unanswered", "no_room")
        }
        assert counted == {"ok": 17, "throttled": 1, "refused": 1, "unanswered": 1, "no_room": 1}
        assert read["slackbot_slack_wait_seconds_count{tier=2}"] == 21

    in_virtual_time(scenario())


def test_limits_are_told_apart_by_what_slack_calls_them() -> None:
    assert [tier_of(SLACK_LIMITS[method]) for method in ("reactions.list", "chat.update")] == [
        "2",
        "3",
    ]
    assert [tier_of(limits) for limits in (list(TIER_4), (Limit(1, 1.0),), ())] == [
        "4",
        "special",
        "none",
    ]
