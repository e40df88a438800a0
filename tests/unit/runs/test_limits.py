"""Who may ask how much, and what those are told who ask more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from slackbot.conversation import Incoming, Late
from slackbot.runs import limits
from slackbot.runs.limits import Excess, RateLimits

NOW = 1_000_000.0
UPTIME = 100.0
ASKED = Incoming(team="T1", channel="C1", thread_ts="1.0", ts="1.0", asker="UANA", text="hello")
BEN = replace(ASKED, asker="UBEN")


@dataclass(slots=True)
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


def asked(rate_limits: RateLimits, *messages: Incoming) -> list[str | None]:
    """Ask one after the other; return by which limit each is refused, if it is."""
    refused: list[str | None] = []
    for message in messages:
        excess = rate_limits.excess(message)
        if excess is None:
            rate_limits.count(message)
        refused.append(None if excess is None else excess.limit)
    return refused


def test_one_person_too_many_times_is_refused_and_nobody_else() -> None:
    assert asked(RateLimits(2, 0), ASKED, ASKED, ASKED, BEN) == [
        None, None, "rate_limit_per_user", None,
    ]  # fmt: skip


def test_all_together_too_many_times_are_refused() -> None:
    assert asked(RateLimits(2, 3), ASKED, BEN, ASKED, BEN) == [
        None, None, None, "rate_limit_global",
    ]  # fmt: skip


def test_what_was_refused_does_not_count() -> None:
    clock = Clock()
    rate_limits = RateLimits(1, 0, clock=clock)
    asked(rate_limits, ASKED)
    for _ in range(59):
        clock.now += 1
        assert asked(rate_limits, ASKED) == ["rate_limit_per_user"]
    clock.now += 1
    assert asked(rate_limits, ASKED) == [None]


def test_an_excess_says_how_long_it_lasts() -> None:
    clock = Clock()
    rate_limits = RateLimits(2, 0, clock=clock)
    asked(rate_limits, ASKED)
    clock.now += 20
    asked(rate_limits, ASKED)
    clock.now += 17.5
    assert rate_limits.excess(ASKED) == Excess("rate_limit_per_user", 22.5)


def test_who_is_exempt_has_no_limit_of_their_own_and_counts_among_all() -> None:
    rate_limits = RateLimits(1, 3, exempt=["UANA"])
    assert asked(rate_limits, ASKED, ASKED, ASKED) == [None, None, None]
    assert asked(rate_limits, BEN) == ["rate_limit_global"]


def test_without_limits_nobody_is_refused() -> None:
    assert asked(RateLimits(0, 0), *[ASKED] * 1_000) == [None] * 1_000


@pytest.mark.parametrize("hours", [-2.0, -0.5, 2.0])
def test_a_wall_clock_that_is_set_opens_no_limit_and_silences_no_notice(hours: float) -> None:
    clock, wall = Clock(UPTIME), Clock()
    rate_limits = RateLimits(6, 8, clock=clock, wall=wall)
    assert asked(rate_limits, *[ASKED] * 7)[-1] == "rate_limit_per_user"
    assert rate_limits.notice("UANA", Excess("rate_limit_per_user", 60.0))
    wall.now += hours * 3600
    for _ in range(59):
        clock.now += 1
        wall.now += 1
        assert asked(rate_limits, ASKED) == ["rate_limit_per_user"]
    assert asked(rate_limits, *[BEN] * 3) == [None, None, "rate_limit_global"]
    clock.now += 1
    wall.now += 1
    assert rate_limits.notice("UANA", Excess("rate_limit_per_user", 60.0))
    assert asked(rate_limits, ASKED) == [None]


def test_what_the_record_says_will_be_said_counts_now() -> None:
    """Slack's clock may be ahead, or ours behind."""
    rate_limits = RateLimits(1, 0, clock=Clock(UPTIME), wall=Clock())
    assert asked(rate_limits, late(-500), ASKED) == [None, "rate_limit_per_user"]


def late(seconds: float) -> Incoming:
    """What was missed so many seconds ago."""
    return replace(ASKED, ts=f"{NOW - seconds:.6f}", late=Late(begun=False))


def test_what_was_missed_counts_when_it_was_said() -> None:
    """Found all at once, questions of a quarter of an hour are not too many for one minute."""
    rate_limits = RateLimits(1, 0, clock=Clock(UPTIME), wall=Clock())
    assert asked(rate_limits, late(900), ASKED, late(600), late(300)) == [None] * 4
    assert asked(rate_limits, late(590), late(240)) == ["rate_limit_per_user", None]


def test_a_flood_that_was_missed_is_refused_all_the_same() -> None:
    flood = [late(900 - number / 10) for number in range(100)]
    refused = asked(RateLimits(6, 0, clock=Clock(UPTIME), wall=Clock()), *flood)
    assert refused == [None] * 6 + ["rate_limit_per_user"] * 94


@pytest.mark.parametrize(
    ("excess", "sentence"),
    [
        (
            Excess("rate_limit_per_user", 22.1),
            "You've asked me a lot within a minute. Please try again in 23 seconds.",
        ),
        (
            Excess("rate_limit_global", 0.3),
            "I'm being asked more than I can take on just now. Please try again in 1 second.",
        ),
        (
            Excess("rate_limit_per_user", -500.0),
            "You've asked me a lot within a minute. Please ask again.",
        ),
    ],
)
def test_who_is_refused_reads_when_to_come_back(excess: Excess, sentence: str) -> None:
    assert excess.sentence == sentence


def test_everybody_is_told_at_most_once_a_minute() -> None:
    clock = Clock()
    rate_limits = RateLimits(1, 0, clock=clock)
    excess = Excess("rate_limit_per_user", 30.0)
    assert rate_limits.notice("UANA", excess)
    assert rate_limits.notice("UBEN", excess)
    clock.now += 59.9
    assert rate_limits.notice("UANA", excess) is None
    clock.now += 0.1
    assert rate_limits.notice("UANA", excess)


def test_a_notice_says_what_holds_when_it_leaves_and_its_minute_begins_then() -> None:
    clock = Clock()
    rate_limits = RateLimits(1, 0, clock=clock)
    excess = Excess("rate_limit_per_user", 30.0)
    notice = rate_limits.notice("UANA", excess)
    assert notice
    clock.now += 20
    assert notice.words().endswith("Please try again in 10 seconds.")
    clock.now += 50
    assert rate_limits.notice("UANA", excess) is None
    assert notice.words().endswith("Please ask again.")


def test_who_was_not_reached_is_told_with_the_next_message() -> None:
    rate_limits = RateLimits(1, 0, clock=Clock())
    excess = Excess("rate_limit_per_user", 30.0)
    notice = rate_limits.notice("UANA", excess)
    assert notice
    notice.lost()
    notice.lost()
    assert rate_limits.notice("UANA", excess)


def test_it_is_remembered_of_so_many_people_only_that_they_were_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "PEOPLE_MAX", 2)
    rate_limits = RateLimits(1, 0, clock=Clock())
    excess = Excess("rate_limit_per_user", 30.0)
    assert all(rate_limits.notice(person, excess) for person in ("UANA", "UBEN", "UCLEO"))
    assert not rate_limits.notice("UBEN", excess)
    assert rate_limits.notice("UANA", excess)
