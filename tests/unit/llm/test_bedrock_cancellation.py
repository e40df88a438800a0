"""A run that nobody waits for any more gives its thread and its connection back at once."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import Refusal, Round, says
from slackbot.llm.bedrock import BedrockProvider
from slackbot.llm.bedrock.interruption import Patience
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
    """A model that may hang, and a provider with as many threads as there are runs."""
    async with FakeBedrock(_script) as fake:
        provider = BedrockProvider(
            model_id="m",
            region="eu-central-1",
            access_key_id="AKIDEXAMPLE",
            secret_access_key="secret",
            endpoint_url=fake.url,
            max_concurrency=RUNS,
            read_timeout=NEVER,
        )
        yield fake, provider
        await provider.close()


@pytest.mark.parametrize("hanging", [[SILENT], [HALF_WAY], [SILENT, HALF_WAY]])
async def test_sixty_four_cancelled_runs_leave_all_threads_free(
    bedrock: tuple[FakeBedrock, BedrockProvider], hanging: list[str]
) -> None:
    """All threads hang, before the first byte or after it; then as many others are answered."""
    fake, model = bedrock
    await _until(lambda: _readers() == 0)
    runs = [
        asyncio.create_task(model.complete([Message("user", hanging[n % len(hanging)])]))
        for n in range(RUNS)
    ]
    await _until(lambda: len(fake.requests) == RUNS)
    assert _readers() == RUNS

    for run in runs:
        run.cancel()
    async with asyncio.timeout(NET):
        ended = await asyncio.gather(*runs, return_exceptions=True)
        answers = await asyncio.gather(*(_ask(model, FREE) for _ in range(RUNS)))

    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert answers == ["free"] * RUNS
    await _until(lambda: _readers() == 0)
    await fake.idle(NET)
    gc.collect()  # an error that nobody fetched from a thread would warn here


async def test_a_run_that_is_cancelled_before_it_has_a_connection_never_waits(
    bedrock: tuple[FakeBedrock, BedrockProvider],
) -> None:
    fake, model = bedrock
    await _until(lambda: _readers() == 0)
    run = asyncio.create_task(model.complete([Message("user", SILENT)]))
    await _until(lambda: _readers() == 1)
    run.cancel()
    await _until(lambda: _readers() == 0)
    assert await _ask(model, FREE) == "free"
    assert fake.open_streams == 0


def _readers() -> int:
    return sum(thread.name == "bedrock" for thread in threading.enumerate())


def test_a_wait_that_is_over_before_it_begins_does_not_begin() -> None:
    ours, theirs = socket.socketpair()
    patience = Patience()
    patience.end()
    with ours, theirs:
        with pytest.raises(ConnectionAbortedError), patience.waiting_on(ours):
            raise AssertionError("it began")
        theirs.send(b"x")
        assert ours.recv(1) == b"x"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_is_awaited_on_any_kind_of_connection_when_patience_is_over(
    bedrock: tuple[FakeBedrock, BedrockProvider], scheme: str
) -> None:
    """botocore's own managers make them, also for proxies."""
    _, model = bedrock
    await model.warm()
    session: Any = model._client()._endpoint.http_session  # type: ignore[attr-defined]
    managers = [session._manager, session._get_proxy_manager("http://127.0.0.1:9")]
    patience = Patience()
    patience.end()
    for manager in managers:
        connection = manager.pool_classes_by_scheme[scheme].ConnectionCls("127.0.0.1")
        connection.sock, theirs = socket.socketpair()
        with theirs, connection.sock, patience.kept(), pytest.raises(ConnectionAbortedError):
            connection.getresponse()


def test_a_connection_is_left_alone_when_it_is_not_waited_on_any_more() -> None:
    """It may be somebody else's by now."""
    ours, theirs = socket.socketpair()
    patience = Patience()
    with ours, theirs:
        with patience.waiting_on(ours):
            pass
        patience.end()
        theirs.send(b"x")
        assert ours.recv(1) == b"x"


def test_a_connection_that_broke_first_can_still_be_given_up() -> None:
    ours, theirs = socket.socketpair()
    patience = Patience()
    with theirs, patience.waiting_on(ours):
        ours.close()
        patience.end()


async def _ask(model: BedrockProvider, question: str) -> str:
    return (await model.complete([Message("user", question)])).content


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(NET):
        while not condition():  # noqa: ASYNC110 - threads and the fake ring no bell
            await asyncio.sleep(0.01)
