"""A run that nobody waits for any more gives its connection back at once."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from kit.aws import account_at
from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import Refusal, Round, says
from slackbot.llm.bedrock import BedrockProvider
from slackbot.messages import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kit.scripted_model import Request, Step

RUNS = 64
NET = 30.0  # seconds after which what waits for ever fails
NEVER = 2 * NET
SILENT, HALF_WAY, FREE = "silent", "half-way", "free"


def _script(request: Request) -> Step:
    """Never begin, begin and never end, or answer: as asked."""
    match request["messages"][0]["content"][0]["text"]:
        case "silent":
            return Refusal(code="ThrottlingException", after=NEVER)
        case "half-way":
            return Round(text=["Well, "], ending="hang")
        case _:
            return says("free")


@pytest.fixture
async def bedrock() -> AsyncIterator[tuple[FakeBedrock, BedrockProvider]]:
    """A model that may hang, and a provider with as many connections as there are runs."""
    async with FakeBedrock(_script) as fake:
        provider = BedrockProvider(
            account_at(fake.url), model_id="m", max_concurrency=RUNS, read_timeout=NEVER
        )
        yield fake, provider
        await provider.close()


@pytest.mark.parametrize("hanging", [[SILENT], [HALF_WAY], [SILENT, HALF_WAY]])
@pytest.mark.usefixtures("unmeasured")
async def test_sixty_four_cancelled_runs_leave_all_connections_free(
    bedrock: tuple[FakeBedrock, BedrockProvider], hanging: list[str]
) -> None:
    """All of them hang, before the first byte or after it; then as many others are answered."""
    fake, model = bedrock
    runs = [
        asyncio.create_task(model.complete([Message("user", hanging[n % len(hanging)])]))
        for n in range(RUNS)
    ]
    await _until(lambda: len(fake.requests) == RUNS)

    for run in runs:
        run.cancel()
    async with asyncio.timeout(NET):
        ended = await asyncio.gather(*runs, return_exceptions=True)
        answers = await asyncio.gather(*(_ask(model, FREE) for _ in range(RUNS)))

    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert answers == ["free"] * RUNS
    await fake.idle(NET)
    gc.collect()  # an error that nobody fetched would warn here


async def test_who_asks_when_all_connections_are_taken_waits_in_line(
    bedrock: tuple[FakeBedrock, BedrockProvider],
) -> None:
    fake, model = bedrock
    runs = [asyncio.create_task(_ask(model, SILENT)) for _ in range(RUNS)]
    await _until(lambda: len(fake.requests) == RUNS)
    late = asyncio.create_task(_ask(model, FREE))
    given_up = asyncio.create_task(_ask(model, FREE))
    await asyncio.sleep(0.05)
    assert len(fake.requests) == RUNS

    given_up.cancel()
    runs[0].cancel()
    async with asyncio.timeout(NET):
        assert await late == "free"
    for run in runs:
        run.cancel()
    await asyncio.wait([*runs, given_up])


async def test_a_run_that_is_cancelled_before_it_has_a_connection_never_waits(
    bedrock: tuple[FakeBedrock, BedrockProvider],
) -> None:
    fake, model = bedrock
    run = asyncio.create_task(model.complete([Message("user", SILENT)]))
    await asyncio.sleep(0)
    run.cancel()
    await asyncio.wait([run])
    assert run.cancelled()
    assert await _ask(model, FREE) == "free"
    assert fake.open_streams == 0


async def _ask(model: BedrockProvider, question: str) -> str:
    return (await model.complete([Message("user", question)])).content


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(NET):
        while not condition():  # noqa: ASYNC110 - the fake rings no bell
            await asyncio.sleep(0.01)
