"""What every provider that streams from a vendor must do, whatever the vendor's wire format."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from kit.scripted_model import MidStreamError, Refusal, Round, ScriptedCall, says
from slackbot.errors import (
    ContextExceeded,
    ModelBusy,
    ModelError,
    ModelRejected,
    ModelStreamCut,
)
from slackbot.messages import Message, TokenUsage, ToolCall, ToolResult
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kit.scripted_model import Script
    from slackbot.llm import LLMProvider
    from slackbot.messages import StopReason

QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec("search_docs", "Search.", {"type": "object", "properties": {}})


class Server(Protocol):
    @property
    def requests(self) -> list[Any]: ...
    @property
    def open_streams(self) -> int: ...


@dataclass(frozen=True)
class Vendor:
    """A provider under test: how to start it against a script, and the vendor's own errors."""

    start: Callable[[Script], Awaitable[tuple[Server, LLMProvider]]]
    refusals: tuple[tuple[Refusal, type[ModelError]], ...]
    mid_stream: tuple[str, ...]


@pytest.fixture(params=["bedrock"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    busy = (
        "ThrottlingException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ModelErrorException",
        "ServiceUnavailableException",
        "InternalServerException",
    )
    rejected = (
        "AccessDeniedException",
        "ExpiredTokenException",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
        "ValidationException",
    )
    too_long = (
        "Input is too long for requested model.",
        "The model returned: prompt is too long: 208310 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000",
    )
    return Vendor(
        start=request.getfixturevalue("bedrock"),
        refusals=(
            *((Refusal(code=code), ModelBusy) for code in busy),
            *((Refusal(code=code), ModelRejected) for code in rejected),
            *(
                (Refusal(code="ValidationException", message=text), ContextExceeded)
                for text in too_long
            ),
        ),
        mid_stream=(
            "throttlingException",
            "modelStreamErrorException",
            "internalServerException",
            "serviceUnavailableException",
        ),
    )


async def _ignore(_: str) -> None:
    """Somebody who does not listen."""


async def test_text_streams_in_order_and_adds_up_to_the_answer(vendor: Vendor) -> None:
    text = "Open the console, choose the release before, press *Roll back* — done. 🎉"
    _, model = await vendor.start([says(text)])
    pieces: list[str] = []

    async def on_text(piece: str) -> None:
        pieces.append(piece)

    response = await model.complete(QUESTION, on_text=on_text)

    assert "".join(pieces) == response.content == text
    assert all(pieces)
    assert response.stop_reason == "end"
    assert response.tool_calls == ()


async def test_text_is_handed_on_while_the_model_still_writes(vendor: Vendor) -> None:
    """The first piece is there long before the last is written."""
    _, model = await vendor.start([Round(text=["a ", "b ", "c"], piece_every=0.15)])
    heard_at: list[float] = []

    async def on_text(_: str) -> None:
        heard_at.append(time.monotonic())

    await model.complete(QUESTION, on_text=on_text)

    assert len(heard_at) == 3
    assert heard_at[-1] - heard_at[0] >= 0.2


async def test_without_a_listener_the_whole_text_comes_back(vendor: Vendor) -> None:
    _, model = await vendor.start([says("Just so.")])
    assert (await model.complete(QUESTION)).content == "Just so."


async def test_two_parallel_tool_calls_come_back_with_their_arguments(vendor: Vendor) -> None:
    script = Round(
        text=["I'll look."],
        tool_calls=[
            ScriptedCall("search_docs", '{"keywords": "payments roll back", "limit": 5}', "call_a"),
            ScriptedCall("search_docs", '{"keywords": "Zürich"}', "call_b"),
        ],
    )
    _, model = await vendor.start([script])

    response = await model.complete(QUESTION, tools=[SEARCH])

    assert response.content == "I'll look."
    assert response.stop_reason == "tool_calls"
    assert response.tool_calls == (
        ToolCall("call_a", "search_docs", {"keywords": "payments roll back", "limit": 5}),
        ToolCall("call_b", "search_docs", {"keywords": "Zürich"}),
    )


async def test_a_conversation_with_tool_results_and_errors_goes_on(vendor: Vendor) -> None:
    """The vendor's own rules hold for the history that we send: the fake would refuse it."""
    server, model = await vendor.start([says("There.")])
    calls = (ToolCall("a", "search_docs", {"keywords": "x"}), ToolCall("b", "nonsense"))
    results = (
        ToolResult("found it", call_id="a"),
        ToolResult("There is no such tool.", is_error=True, call_id="b"),
    )
    history = [
        *QUESTION,
        Message("assistant", " \n", tool_calls=calls),
        Message("user", "", tool_results=results),
    ]

    response = await model.complete(history, tools=[SEARCH])

    assert response.content == "There."
    assert len(server.requests) == 1


async def test_consecutive_messages_of_one_role_are_one_to_the_vendor(vendor: Vendor) -> None:
    server, model = await vendor.start([says("Yes.")])
    thread = [Message("user", "first"), Message("user", "  "), *QUESTION]

    await model.complete(thread)

    assert len(server.requests[0]["messages"]) == 1


async def test_an_empty_answer_is_an_answer(vendor: Vendor) -> None:
    _, model = await vendor.start([Round()])
    response = await model.complete(QUESTION, on_text=_ignore)
    assert (response.content, response.tool_calls) == ("", ())


async def test_usage_tells_cached_tokens_apart(vendor: Vendor) -> None:
    usage = TokenUsage(120, 34, cache_read_tokens=5600, cache_write_tokens=78)
    _, model = await vendor.start([Round(text=["x"], usage=usage)])
    assert (await model.complete(QUESTION)).usage == usage


@pytest.mark.parametrize(
    "reason", ["end", "max_tokens", "filtered", "malformed", "context_exceeded"]
)
async def test_the_reason_for_stopping_is_told(vendor: Vendor, reason: StopReason) -> None:
    _, model = await vendor.start([Round(text=["half an ans"], stop_reason=reason)])
    assert (await model.complete(QUESTION)).stop_reason == reason


@pytest.mark.parametrize("written", ['{"keywords": "pay', "[1]", '"payments"', "nonsense"])
async def test_arguments_that_are_no_json_object_are_kept_as_written(
    vendor: Vendor, written: str
) -> None:
    _, model = await vendor.start([Round(tool_calls=[ScriptedCall("search_docs", written, "a")])])
    response = await model.complete(QUESTION, tools=[SEARCH])
    assert response.tool_calls == (ToolCall("a", "search_docs", malformed=written),)


async def test_a_call_without_arguments_has_none(vendor: Vendor) -> None:
    _, model = await vendor.start([Round(tool_calls=[ScriptedCall("search_docs", "", "a")])])
    response = await model.complete(QUESTION, tools=[SEARCH])
    assert response.tool_calls == (ToolCall("a", "search_docs"),)


async def test_each_refusal_has_its_class_and_keeps_the_vendors_words(vendor: Vendor) -> None:
    _, model = await vendor.start([refusal for refusal, _ in vendor.refusals])
    for refusal, expected in vendor.refusals:
        with pytest.raises(ModelError) as caught:
            await model.complete(QUESTION)
        assert (refusal, type(caught.value)) == (refusal, expected)
        assert refusal.message in str(caught.value)


async def test_a_refusal_is_asked_about_once(vendor: Vendor) -> None:
    """Retries are the wrapper's; retries below them would multiply."""
    server, model = await vendor.start([vendor.refusals[0][0]])
    with pytest.raises(ModelBusy):
        await model.complete(QUESTION)
    assert len(server.requests) == 1


@pytest.mark.parametrize("ending", ["cut", "reset"])
async def test_a_stream_that_breaks_is_cut_not_complete(vendor: Vendor, ending: Any) -> None:
    _, model = await vendor.start([Round(text=["Half an "], ending=ending)])
    heard: list[str] = []

    async def on_text(piece: str) -> None:
        heard.append(piece)

    with pytest.raises(ModelStreamCut):
        await model.complete(QUESTION, on_text=on_text)
    assert heard == ["Half an "]


async def test_an_error_within_the_stream_cuts_it(vendor: Vendor) -> None:
    _, model = await vendor.start(
        [Round(text=["Half"], ending=MidStreamError(code)) for code in vendor.mid_stream]
    )
    for _ in vendor.mid_stream:
        with pytest.raises(ModelStreamCut, match="scripted"):
            await model.complete(QUESTION)


async def test_what_the_listener_raises_ends_the_stream_and_comes_through(vendor: Vendor) -> None:
    class NobodyThereError(Exception):
        pass

    async def on_text(_: str) -> None:
        raise NobodyThereError

    server, model = await vendor.start([Round(text=["Hello"], ending="hang")])

    with pytest.raises(NobodyThereError):
        await model.complete(QUESTION, on_text=on_text)
    await _until(lambda: server.open_streams == 0)


async def test_cancelled_streams_free_their_threads_within_a_second(vendor: Vendor) -> None:
    """All sixteen threads hang in a read; once cancelled, all sixteen can work again."""
    threads = 16

    def script(request: Any) -> Round:
        hangs = request["messages"][0]["content"][0]["text"] == "hang"
        return Round(text=["Hello"], ending="hang") if hangs else says("free")

    server, model = await vendor.start(script)
    heard = asyncio.Semaphore(0)

    async def on_text(_: str) -> None:
        heard.release()

    hanging = [
        asyncio.create_task(model.complete([Message("user", "hang")], on_text=on_text))
        for _ in range(threads)
    ]
    for _ in hanging:
        await heard.acquire()
    assert server.open_streams == threads

    began = time.monotonic()
    for task in hanging:
        task.cancel()
    ended = await asyncio.gather(*hanging, return_exceptions=True)
    answers = await asyncio.gather(*(model.complete(QUESTION) for _ in range(threads)))

    assert time.monotonic() - began < 1.0
    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert [answer.content for answer in answers] == ["free"] * threads
    await _until(lambda: server.open_streams == 0)
    gc.collect()  # an exception that nobody fetched from a reader would warn here


async def test_the_loop_is_never_held_up_by_a_stop(vendor: Vendor) -> None:
    """Closing a body that is being read blocks until the model speaks; a stop must not."""
    _, model = await vendor.start([Round(text=["Hello"], ending="hang")])
    heard = asyncio.Event()

    async def on_text(_: str) -> None:
        heard.set()

    task = asyncio.create_task(model.complete(QUESTION, on_text=on_text))
    await heard.wait()
    began = time.monotonic()
    task.cancel()
    await asyncio.wait([task])

    assert time.monotonic() - began < 0.1


async def test_cancelling_before_the_answer_begins_returns_at_once(vendor: Vendor) -> None:
    """The thread follows when the vendor speaks; what it says then is nobody's error."""
    refusal = replace(vendor.refusals[0][0], after=0.3)
    server, model = await vendor.start([refusal, says("free")])
    task = asyncio.create_task(model.complete(QUESTION))
    await _until(lambda: len(server.requests) == 1)

    began = time.monotonic()
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert time.monotonic() - began < 0.1
    await asyncio.sleep(0.4)
    gc.collect()
    assert (await model.complete(QUESTION)).content == "free"


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - the fake has no event for this
            await asyncio.sleep(0.01)
