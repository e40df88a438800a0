"""F24, F25, F26: a source hangs, fails, talks nonsense, refuses the token, or a document.

Another source answers all the while. The tests print how long each answer took, of two seconds that
tools have here, in place of twenty.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from structlog.testing import capture_logs

from faults.checker import checked
from kit.loopback import serving
from kit.scripted_model import Round, ScriptedCall, says
from kit.world import bot_in, world
from slackbot.agent.dispatch import NOT_FOUND, NOT_REACHED
from slackbot.resilience import breaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    import pytest

    from kit.world import World

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOOL_SECONDS = "2"
ANSWER = "Run `payctl rollback` [1]."
UNREACHED = "I could not ask Jira just now, so something may be missing."
JIRA_NOT_REACHED = NOT_REACHED.format(source="Jira")
SEARCH_BOTH = Round(
    tool_calls=[
        ScriptedCall("search_confluence", '{"keywords": "roll back payments"}'),
        ScriptedCall("search_jira", '{"keywords": "roll back payments"}'),
    ]
)
READ_ISSUE = Round(tool_calls=[ScriptedCall("read_jira_issue", '{"key": "PAY-1"}')])


def answering(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return handler


async def hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("never reached")


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def loop(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path_qs)


async def to_another_origin(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://127.0.0.2:9/")


async def flood(request: web.Request) -> web.StreamResponse:
    """Send 100 MB, as far as anybody takes them."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b" " * 1_000_000)
    return response


async def packed_flood(request: web.Request) -> web.StreamResponse:
    """Send 100 MB in 100 KB."""
    response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
    await response.prepare(request)
    await response.write(await asyncio.to_thread(gzip.compress, b" " * 100_000_000, 1))
    return response


async def drip(request: web.Request) -> web.StreamResponse:
    """Send a byte now and then, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


FAULTS: Mapping[str, Handler] = {
    "hang": hang,
    "hang up": hang_up,
    "slow drip": drip,
    "500": answering(500),
    "503": answering(503),
    "429": answering(429),
    "429 for a minute": answering(429, headers={"Retry-After": "60"}),
    "429 for a blink": answering(429, headers={"Retry-After": "0"}),
    "no JSON": answering(200, b"<html>Log in</html>"),
    "JSON cut off": answering(200, b'{"issues": [{"key": "PAY-'),
    "other JSON": answering(200, b'[{"issues": 7}]'),
    "redirect loop": loop,
    "redirect elsewhere": to_another_origin,
    "100 MB": flood,
    "100 MB packed": packed_flood,
}


@dataclass
class Jira:
    """What stands in the place of Jira: does as it is told, and counts."""

    handler: Handler
    asked: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await self.handler(request)


@dataclass
class Model:
    """Has the tools called that it is told, then answers."""

    calls: Round = field(default_factory=lambda: SEARCH_BOTH)
    answer: str = ANSWER
    told: list[list[str]] = field(default_factory=list)

    def __call__(self, request: Mapping[str, Any]) -> Round:
        results = [
            block["toolResult"]["content"][0]["text"]
            for block in request["messages"][-1]["content"]
            if "toolResult" in block
        ]
        if not results:
            return self.calls
        self.told.append(results)
        return says(self.answer)


@asynccontextmanager
async def company_with(jira: Jira, model: Model) -> AsyncIterator[World]:
    """Open a world with a good Confluence and another Jira, and the bot in it."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[World]:
        async with (
            serving(jira.handle) as origin,
            world(
                model,
                JIRA_URL=origin,
                JIRA_API_TOKEN="not-a-secret",
                JIRA_PROJECTS="PAY",
                TOOL_TIMEOUT_SECONDS=TOOL_SECONDS,
            ) as here,
        ):
            yield here

    async with checked(opening()) as here, bot_in(here):
        yield here


async def test_f24_the_answer_names_the_source_that_could_not_be_asked(
    record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rests on the others, and is a normal answer otherwise."""
    monkeypatch.setattr(breaker, "FAILURES", 99)  # each fault is to be met, one after the other
    model, jira = Model(), Jira(hang)
    async with company_with(jira, model) as here:
        for name, jira.handler in FAULTS.items():
            began = time.perf_counter()
            asked = await here.ask("@slackbot how do we roll back?")
            took = time.perf_counter() - began
            record_property(f"F24 {name}, seconds to the answer", round(took, 2))
            assert asked.mark == "white_check_mark", name
            found, not_reached = model.told[-1]
            assert "Roll back the payments service" in found, name
            assert not_reached == JIRA_NOT_REACHED, name
            assert f"<{here.settings['CONFLUENCE_URL']}/wiki/" in asked.answer, name
            assert UNREACHED in asked.answer, name


async def test_f24_an_answer_that_names_the_source_itself_says_it_once() -> None:
    model = Model(answer="Run it [1]. Jira was not to be asked.")
    async with company_with(Jira(hang), model) as here:
        asked = await here.ask("@slackbot how do we roll back?")
        assert UNREACHED not in asked.answer


async def test_f24_everywhere_names_the_source_that_could_not_be_asked() -> None:
    everywhere = ScriptedCall("search_everywhere", '{"keywords": "roll back payments"}')
    model = Model(Round(tool_calls=[everywhere]))
    async with company_with(Jira(hang), model) as here:
        asked = await here.ask("@slackbot how do we roll back?")
        assert "Could not be asked: Jira." in model.told[0][0]
        assert "Roll back the payments service" in model.told[0][0]
        assert UNREACHED in asked.answer


async def test_f24_a_source_that_is_down_is_soon_left_alone(
    record_property: Callable[[str, object], None],
) -> None:
    model, jira = Model(), Jira(hang)
    async with company_with(jira, model) as here:
        for _ in range(breaker.FAILURES):
            await here.ask("@slackbot how do we roll back?")
        asked_before = jira.asked
        began = time.perf_counter()
        asked = await here.ask("@slackbot how do we roll back?")
        took = time.perf_counter() - began
        record_property("F24 seconds to the answer once it is known to be down", round(took, 2))
        assert UNREACHED in asked.answer
        assert model.told[-1][1] == JIRA_NOT_REACHED
        assert jira.asked == asked_before


async def test_f25_an_operator_is_told_once_that_the_token_is_refused() -> None:
    model = Model()
    with capture_logs() as logs:
        async with company_with(Jira(answering(401)), model) as here:
            for _ in range(breaker.FAILURES + 1):
                asked = await here.ask("@slackbot how do we roll back?")
                assert UNREACHED in asked.answer
                assert "401" not in asked.answer
    (alert,) = (line for line in logs if line["log_level"] == "error")
    assert (alert["event"], alert["source"]) == ("source.unauthorized", "Jira")
    assert "token" in alert["advice"]
    assert "not-a-secret" not in str(logs)


async def test_f26_what_is_forbidden_reads_like_what_is_not_there() -> None:
    told: set[str] = set()
    for status in (403, 404):
        model = Model(READ_ISSUE, answer="I found nothing.")
        async with company_with(Jira(answering(status)), model) as here:
            asked = await here.ask("@slackbot what is PAY-1?")
            told |= {model.told[0][0], asked.answer}
    assert told == {NOT_FOUND, "I found nothing."}
