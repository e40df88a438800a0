"""What every provider that streams from a vendor must do, whatever the vendor's wire format."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kit.scripted_model import MidStreamError, Round, ScriptedCall, says
from kit.vendors import VENDORS, Vendor
from slackbot.errors import ModelBusy, ModelError, ModelStreamCut
from slackbot.messages import Attachment, Message, TokenUsage, ToolCall, ToolResult
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NET = 30.0  # seconds after which what waits for ever fails
QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec("search_docs", "Search.", {"type": "object", "properties": {}})


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each of them; the fixture of its name starts it."""
    name: str = request.param
    return VENDORS[name](request.getfixturevalue(name))


@pytest.fixture(autouse=True)
async def _nothing_is_left_over() -> AsyncIterator[None]:
    """Collect what a test let go of: unclosed connections warn then, as do unfetched errors."""
    unfetched: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unfetched.append(context))
    gc.freeze()  # to look at all that was there before would take most of the time
    yield
    gc.collect()
    gc.unfreeze()
    assert unfetched == []


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
    server, model = await vendor.start([Round(text=["a ", "b ", "c"], ending="hang")])
    heard: list[str] = []

    async def on_text(piece: str) -> None:
        heard.append(piece)

    task = asyncio.create_task(model.complete(QUESTION, on_text=on_text))
    await _until(lambda: "".join(heard) == "a b c")

    assert server.open_streams == 1
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


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


async def test_people_may_say_several_things_in_a_row(vendor: Vendor) -> None:
    """Or nothing at all, which not every vendor takes."""
    server, model = await vendor.start([says("Yes.")])
    thread = [Message("user", "first"), Message("user", "  "), *QUESTION]

    response = await model.complete(thread)

    assert response.content == "Yes."
    assert "first" in str(server.requests[0])


async def test_a_file_that_no_vendor_reads_is_no_obstacle(vendor: Vendor) -> None:
    """The model is told its name."""
    server, model = await vendor.start([says("I cannot read that.")])
    file = Attachment("tool.bin", "application/octet-stream", b"\x00\xff")

    response = await model.complete([Message("user", "What is this?", attachments=(file,))])

    assert response.content == "I cannot read that."
    assert "tool.bin" in str(server.requests[0])


async def test_an_empty_answer_is_an_answer(vendor: Vendor) -> None:
    _, model = await vendor.start([Round()])
    response = await model.complete(QUESTION, on_text=_ignore)
    assert (response.content, response.tool_calls) == ("", ())


async def test_usage_tells_cached_tokens_apart(vendor: Vendor) -> None:
    usage = TokenUsage(120, 34, cache_read_tokens=5600, cache_write_tokens=78)
    _, model = await vendor.start([Round(text=["x"], usage=usage)])
    assert (await model.complete(QUESTION)).usage == usage


async def test_the_reason_for_stopping_is_told(vendor: Vendor) -> None:
    rounds = [Round(text=["half"], stop_reason=reason) for reason in vendor.stop_reasons]
    _, model = await vendor.start(rounds)
    told = [(await model.complete(QUESTION)).stop_reason for _ in rounds]
    assert tuple(told) == vendor.stop_reasons


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


@pytest.mark.parametrize("vendor", ["anthropic", "bedrock", "openai"], indirect=True)
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


async def test_cancelled_streams_free_their_places(vendor: Vendor) -> None:
    """All sixteen places hang in a read; once cancelled, all sixteen can work again."""
    places = 16

    def script(request: Any) -> Round:
        hangs = "hang" in str(request["messages"])
        return Round(text=["Hello"], ending="hang") if hangs else says("free")

    server, model = await vendor.start(script)
    heard = asyncio.Semaphore(0)

    async def on_text(_: str) -> None:
        heard.release()

    hanging = [
        asyncio.create_task(model.complete([Message("user", "hang")], on_text=on_text))
        for _ in range(places)
    ]
    for _ in hanging:
        await heard.acquire()
    assert server.open_streams == places

    for task in hanging:
        task.cancel()
    async with asyncio.timeout(NET):
        ended = await asyncio.gather(*hanging, return_exceptions=True)
        answers = await asyncio.gather(*(model.complete(QUESTION) for _ in range(places)))

    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert [answer.content for answer in answers] == ["free"] * places
    await _until(lambda: server.open_streams == 0)


async def test_the_loop_is_never_held_up_by_a_stop(vendor: Vendor) -> None:
    """Closing a body that is being read blocks until the model speaks; a stop must not.

    This model lives on the same loop, so that both would wait for each other.
    """
    _, model = await vendor.start([Round(text=["Hello"], ending="hang")])
    heard = asyncio.Event()

    async def on_text(_: str) -> None:
        heard.set()

    task = asyncio.create_task(model.complete(QUESTION, on_text=on_text))
    await heard.wait()
    task.cancel()
    async with asyncio.timeout(NET):
        await asyncio.wait([task])

    assert task.cancelled()


async def test_cancelling_before_the_answer_begins_waits_for_nobody(vendor: Vendor) -> None:
    server, model = await vendor.start([replace(vendor.refusals[0][0], after=2 * NET)])
    task = asyncio.create_task(model.complete(QUESTION))
    await _until(lambda: len(server.requests) == 1)

    task.cancel()
    async with asyncio.timeout(NET):
        await asyncio.wait([task])

    assert task.cancelled()


async def test_what_the_vendor_says_after_a_cancel_is_nobodys_error(vendor: Vendor) -> None:
    """The thread ends when the vendor speaks, and can work again."""
    refusal = replace(vendor.refusals[0][0], after=0.1)
    server, model = await vendor.start([says("first"), refusal, says("free")])
    await model.complete(QUESTION)  # what has threads that stay has them now
    before = threading.active_count()
    task = asyncio.create_task(model.complete(QUESTION))
    await _until(lambda: len(server.requests) == 2)

    task.cancel()
    await asyncio.wait([task])
    await _until(lambda: threading.active_count() <= before)

    assert (await model.complete(QUESTION)).content == "free"


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(NET):
        while not condition():  # noqa: ASYNC110 - the fake has no event for this
            await asyncio.sleep(0.01)
