"""Rate limits: what servers tell of them in headers, and which of them are used up."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from slackbot.resilience.retry import RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_LIMIT: Final = 3600.0  # seconds, as GitHub's are; a reset beyond is a mistake of the source


class UsedUpLimits:
    """The limits, by name, that are known to be used up. `clock` is in seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def add(self, limit: str, until: float) -> None:
        """Take in that a limit is used up, until so many seconds since the epoch."""
        self._until[limit] = min(until, self._clock() + LONGEST_LIMIT)

    def require(self, limit: str) -> None:
        """Raise `RateLimited` while a limit is used up."""
        wait = self._until.get(limit, 0.0) - self._clock()
        if wait > 0:
            raise RateLimited("its rate limit is used up", wait)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), if it is valid."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - now, 0.0)


def used_up_until(headers: Mapping[str, str]) -> float | None:
    """Return when a rate limit that is used up starts anew, in seconds since the epoch.

    Nothing if some of it is left, or if the server does not tell. GitHub tells in seconds ("Rate
    limits for the REST API", GitHub Docs), Atlassian by date ("Rate limiting", Jira Cloud).
    """
    return _reset_in(headers) if headers.get("X-RateLimit-Remaining") == "0" else None


def told_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a server that refuses asks to wait: Retry-After, else by its reset.

    A reset counts unless the server says that some of its limit is left: it means another one then.
    """
    retry_after = parse_retry_after(headers.get("Retry-After"), now)
    if retry_after is not None or headers.get("X-RateLimit-Remaining", "0") != "0":
        return retry_after
    reset = _reset_in(headers)
    return None if reset is None else max(reset - now, 0.0)


def _reset_in(headers: Mapping[str, str]) -> float | None:
    reset = headers.get("X-RateLimit-Reset", "")
    if reset.isascii() and reset.isdecimal():
        return float(reset)
    try:
        moment = datetime.fromisoformat(reset)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
