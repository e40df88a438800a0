"""The client of a source that is down, throttles, or refuses the token: when it is asked again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from pydantic import BaseModel
from structlog.testing import capture_logs

from kit.loopback import serving
from kit.sleeps import Sleeps
from slackbot.errors import SourceError, SourceNotFound, SourceUnauthorized, SourceUnavailable
from slackbot.resilience.body import MAX_COMMAS
from slackbot.resilience.breaker import FAILURES
from slackbot.resilience.deadline import time_limit
from slackbot.resilience.http import Credentials, SourceClient, Timeouts
from slackbot.resilience.retry import Retrier, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from slackbot.errors import SlackbotError

IMPATIENT = Timeouts(connect=5, read=0.2, total=5)


class Answer(BaseModel):
    value: int


@dataclass
class Wiki:
    """A server that answers as a test says, its client, and a clock that a test moves."""

    client: SourceClient = field(init=False)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = '{"value": 1}'
    hangs: bool = False
    asked: int = 0
    now: float = 1_000.0
    sleeps: Sleeps = field(default_factory=Sleeps)

    async def handle(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        return web.Response(status=self.status, text=self.text, headers=self.headers)

    def is_refused(self) -> bool:
        return self.client.is_refused

    async def ask(self, path: str = "/thing") -> Answer:
        return await self.client.get(path, Answer)

    async def fail(self, times: int = 1, error: type[SlackbotError] = SourceError) -> None:
        for _ in range(times):
            with pytest.raises(error):
                await self.ask()


@asynccontextmanager
async def wiki_of(timeouts: Timeouts = IMPATIENT, attempts: int = 1) -> AsyncIterator[Wiki]:
    wiki = Wiki()
    async with serving(wiki.handle) as origin:
        wiki.client = SourceClient(
            "Wiki",
            origin,
            Credentials.bearer("s3cret"),
            timeouts=timeouts,
            retrier=Retrier(
                policy=RetryPolicy(attempts=attempts), sleep=wiki.sleeps, chance=lambda: 0.0
            ),
            clock=lambda: wiki.now,
        )
        try:
            yield wiki
        finally:
            await wiki.client.aclose()


@pytest.fixture
async def wiki() -> AsyncIterator[Wiki]:
    async with wiki_of() as made:
        yield made


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 520])
async def test_a_source_that_fails_again_and_again_is_left_alone(wiki: Wiki, status: int) -> None:
    wiki.status = status
    await wiki.fail(FAILURES)
    with pytest.raises(SourceUnavailable, match="Wiki is down and not asked for a while"):
        await wiki.ask()
    assert wiki.asked == FAILURES
    assert wiki.client.breaker.state == "open"


async def test_a_source_that_hangs_costs_nobody_time_for_long(wiki: Wiki) -> None:
    wiki.hangs = True
    await wiki.fail(FAILURES)
    async with asyncio.timeout(1):
        await wiki.fail(50)
    assert wiki.asked == FAILURES


async def test_nobody_listening_is_down() -> None:
    client = SourceClient(
        "Wiki",
        "http://127.0.0.1:9",
        None,
        retrier=Retrier(policy=RetryPolicy(attempts=1)),
    )
    for _ in range(FAILURES):
        with pytest.raises(SourceUnavailable):
            await client.get("/thing", Answer)
    assert client.breaker.state == "open"
    await client.aclose()


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 410, 422])
async def test_a_refusal_shows_that_the_source_is_up(wiki: Wiki, status: int) -> None:
    wiki.status = status
    await wiki.fail(9)
    assert wiki.client.breaker.state == "closed"
    assert wiki.asked == 9


@pytest.mark.parametrize(
    "text",
    ["<html>log in</html>", f'{{"value": [{"0," * (MAX_COMMAS + 1)}0]}}'],
    ids=["HTML", "values"],
)
async def test_one_unreadable_document_does_not_take_the_others_away(wiki: Wiki, text: str) -> None:
    wiki.text = text
    await wiki.fail(FAILURES, SourceUnavailable)
    assert wiki.client.breaker.state == "closed"


async def test_whoever_gives_up_early_says_nothing_of_the_source(wiki: Wiki) -> None:
    wiki.hangs = True
    for _ in range(FAILURES):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await wiki.ask()
    assert wiki.client.breaker.state == "closed"


@pytest.mark.parametrize(
    ("status", "headers", "text", "seconds"),
    [
        (429, {"Retry-After": "40"}, "", 40),
        (429, {"X-RateLimit-Reset": "1030"}, "", 30),
        (429, {"X-RateLimit-Reset": "1970-01-01T00:17:10Z", "X-RateLimit-Remaining": "0"}, "", 30),
        (429, {"X-RateLimit-Remaining": "57"}, "You have exceeded a secondary rate limit.", 60),
        (403, {"X-RateLimit-Remaining": "57"}, "You have exceeded a secondary rate limit.", 60),
        (403, {"Retry-After": "40"}, "", 40),
        (429, {"Retry-After": "999999"}, "", 3600),
    ],
)
async def test_a_limit_that_cannot_be_waited_for_is_not_asked_against_again(
    wiki: Wiki, status: int, headers: Mapping[str, str], text: str, seconds: float
) -> None:
    """The limit of one kind of call: others are made, and the source is not taken for down."""
    wiki.status, wiki.headers, wiki.text = status, headers, text
    await wiki.fail(FAILURES + 1, SourceUnavailable)
    assert wiki.asked == 1
    wiki.status, wiki.headers, wiki.text = 200, {}, '{"value": 1}'
    assert await wiki.ask("/other") == Answer(value=1)
    wiki.now += seconds - 1
    await wiki.fail(error=SourceUnavailable)
    wiki.now += 1
    assert await wiki.ask() == Answer(value=1)


async def test_nobody_waits_for_longer_than_the_run_has_time() -> None:
    async with wiki_of(Timeouts(total=60), attempts=4) as wiki:
        wiki.status, wiki.headers = 429, {"Retry-After": "10"}
        with pytest.raises(SourceUnavailable):
            async with time_limit(8):
                await wiki.ask()
        assert wiki.sleeps.seconds == []


async def test_an_operator_is_told_once_that_the_token_is_refused(wiki: Wiki) -> None:
    with capture_logs() as logs:
        wiki.status = 401
        await wiki.fail(3, SourceUnauthorized)
        assert wiki.is_refused()
        wiki.status = 404
        await wiki.fail(error=SourceNotFound)
        wiki.status = 200
        await wiki.ask()
        assert not wiki.is_refused()
        wiki.status = 401
        await wiki.fail(3, SourceUnauthorized)
    alerts = [line for line in logs if line["log_level"] == "error"]
    assert [alert["event"] for alert in alerts] == ["source.unauthorized"] * 2
    assert alerts[0]["source"] == "Wiki"
    assert "put a new one into the settings" in alerts[0]["advice"]


def test_the_bounds_of_a_call_end_before_those_of_the_tool_that_makes_it() -> None:
    assert Timeouts.within(20) == Timeouts()
    assert Timeouts.within(5).total < 5
