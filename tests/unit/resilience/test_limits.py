"""What servers tell of their rate limits, and how long such a limit is kept in mind."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from slackbot.resilience.limits import (
    LONGEST_LIMIT,
    UsedUpLimits,
    parse_retry_after,
    told_to_wait,
    used_up_until,
)
from slackbot.resilience.retry import RateLimited

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
        (format_datetime(datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC), usegmt=True), 30.0),
        (format_datetime(datetime(2026, 11, 21, 9, 0, tzinfo=UTC), usegmt=True), 0.0),
        ("Sat, 21 Nov 2026 10:00:30 -0000", 30.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999", None),
        ("9" * 5_000, math.inf),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW.timestamp()) == seconds


SOON = str(int(NOW.timestamp()) + 40)
BY_DATE = "2026-11-21T10:00:40Z"


@pytest.mark.parametrize(
    ("headers", "until", "wait"),
    [
        ({}, None, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": SOON}, float(SOON), 40.0),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": SOON}, None, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, 1.0, 0.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": BY_DATE}, float(SOON), 40.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": BY_DATE[:-1]}, float(SOON), 40.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, None, None),
        ({"X-RateLimit-Remaining": "0"}, None, None),
        ({"X-RateLimit-Reset": SOON}, None, 40.0),
        (
            {"Retry-After": "7", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": SOON},
            float(SOON),
            7.0,
        ),
    ],
)
def test_a_limit_that_is_used_up_says_when_it_starts_anew(
    headers: dict[str, str], until: float | None, wait: float | None
) -> None:
    assert used_up_until(headers) == until
    assert told_to_wait(headers, NOW.timestamp()) == wait


def test_a_used_up_limit_is_kept_in_mind_until_it_starts_anew() -> None:
    now = 1_000.0
    limits = UsedUpLimits(lambda: now)
    limits.add("search", 1_060.0)
    limits.require("issues")
    with pytest.raises(RateLimited) as caught:
        limits.require("search")
    assert caught.value.retry_after == 60.0
    now = 1_060.0
    limits.require("search")


def test_a_limit_is_kept_in_mind_for_an_hour_at_most() -> None:
    now = 1_000.0
    limits = UsedUpLimits(lambda: now)
    limits.add("search", math.inf)
    now += LONGEST_LIMIT
    limits.require("search")
