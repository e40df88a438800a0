"""What is Chat Completions' own: the wire form, what servers make of it, time-outs, the client."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from openai import OpenAIError
from openai.types.chat import ChatCompletionChunk

from kit.conversations import EVERYTHING, conversations, words
from kit.fake_openai import FakeOpenAI, chunk, event, violation
from kit.loopback import serving
from kit.scripted_model import MidStreamError, Refusal, Round, says
from slackbot.errors import ContextExceeded, ModelBusy, ModelRejected, ModelStreamCut
from slackbot.llm.openai_compatible import OpenAICompatibleProvider
from slackbot.llm.openai_compatible.errors import vendor_errors
from slackbot.llm.openai_compatible.stream import PartialResponse
from slackbot.llm.openai_compatible.wire import to_wire
from slackbot.messages import (
    Attachment,
    LLMResponse,
    Message,
    TokenUsage,
    ToolCall,
    ToolResult,
)
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from unit.llm.conftest import StartOpenAI

NET = 30.0  # seconds after which what waits for ever fails
NOW = 1_760_000_000.0  # seconds since the epoch
QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec(
    "search_docs",
    "Search the documents.",
    {"type": "object", "properties": {"keywords": {"type": "string"}}, "required": ["keywords"]},
)


@asynccontextmanager
async def provider(**settings: Any) -> AsyncIterator[OpenAICompatibleProvider]:
    model = OpenAICompatibleProvider(model="m", **settings)
    try:
        yield model
    finally:
        await model.close()


def response_of(*chunks: dict[str, Any]) -> LLMResponse:
    partial = PartialResponse()
    for one in chunks:
        partial.add(ChatCompletionChunk.construct(**one))
    return partial.finished("m")


def call_piece(**piece: Any) -> dict[str, Any]:
    return chunk({"tool_calls": [piece]})


STOP = chunk({}, "stop")


async def test_the_whole_request(openai: StartOpenAI) -> None:
    """What goes over the wire for a conversation with everything in it."""
    fake, model = await openai([says("There.")])
    await model.complete(EVERYTHING, system="You are kind.", tools=[SEARCH])

    assert fake.requests == snapshot(
        [
            {
                "model": "test-model",
                "stream": True,
                "messages": [
                    {"role": "system", "content": "You are kind."},
                    {"role": "user", "content": "Hello"},
                    {"role": "assistant", "content": "Hi! What is it?"},
                    {
                        "role": "user",
                        "content": """\
How do we roll back payments?

In production.\
""",
                    },
                    {
                        "role": "assistant",
                        "content": "I'll look.",
                        "tool_calls": [
                            {
                                "id": "a",
                                "type": "function",
                                "function": {
                                    "name": "search_docs",
                                    "arguments": '{"keywords": "Zürich"}',
                                },
                            },
                            {
                                "id": "b",
                                "type": "function",
                                "function": {"name": "search_docs", "arguments": "{}"},
                            },
                        ],
                    },
                    {"role": "tool", "tool_call_id": "a", "content": "[1] Runbook"},
                    {
                        "role": "tool",
                        "tool_call_id": "b",
                        "content": "Error: The arguments were not valid JSON.",
                    },
                    {"role": "user", "content": "Anything?"},
                ],
                "max_tokens": 500,
                "stream_options": {"include_usage": True},
                "tools": [
                    {
                        "type": "function",
                        "function": {
                            "name": "search_docs",
                            "description": "Search the documents.",
                            "parameters": {
                                "type": "object",
                                "properties": {"keywords": {"type": "string"}},
                                "required": ["keywords"],
                            },
                        },
                    }
                ],
            }
        ]
    )


async def test_the_smallest_request(openai: StartOpenAI) -> None:
    """No system prompt, no tools: none of it is sent, and no temperature either."""
    fake, model = await openai([says("There.")])
    await model.complete(QUESTION, system=" ")
    assert fake.requests == snapshot(
        [
            {
                "model": "test-model",
                "stream": True,
                "messages": [{"role": "user", "content": "How do we roll back payments?"}],
                "max_tokens": 500,
                "stream_options": {"include_usage": True},
            }
        ]
    )


async def test_a_temperature_is_sent_if_it_is_set() -> None:
    async with (
        FakeOpenAI([says("There.")]) as fake,
        provider(base_url=fake.url, temperature=0.0) as model,
    ):
        await model.complete(QUESTION)
    assert fake.requests[0]["temperature"] == 0.0


FILES = Message(
    "user",
    "What is this?",
    attachments=(
        Attachment("screen.png", "image/png", b"\x89PNG"),
        Attachment("notes.md", "text/markdown", "# Über uns".encode()),
        Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),
        Attachment("plan.docx", "application/vnd.ms-word", b"PK"),
    ),
)


async def test_files_are_sent_as_far_as_every_server_takes_them(openai: StartOpenAI) -> None:
    """Images as such, text as text; of the others, the model is told that they were there."""
    fake, model = await openai([says("A plan.")])
    await model.complete([FILES])
    assert fake.requests[0]["messages"] == snapshot(
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
                    {
                        "type": "text",
                        "text": """\
[attachment notes.md]
# Über uns\
""",
                    },
                    {"type": "text", "text": "[attachment plan.pdf could not be passed on]"},
                    {"type": "text", "text": "[attachment plan.docx could not be passed on]"},
                ],
            }
        ]
    )


def test_openai_itself_takes_pdf() -> None:
    request: Any = to_wire("m", [FILES], "", (), takes_pdf=True)
    assert request["messages"][0]["content"][3] == snapshot(
        {
            "type": "file",
            "file": {
                "filename": "plan.pdf",
                "file_data": "data:application/pdf;base64,JVBERi0xLjc=",
            },
        }
    )


def test_text_files_alone_make_a_message_of_text() -> None:
    """Not every local model's template knows parts."""
    note = Attachment("a.csv", "text/csv", b"a,b\n\xff,1")
    request: Any = to_wire("m", [Message("user", "", attachments=(note,))], "", (), takes_pdf=False)
    assert request["messages"] == [
        {"role": "user", "content": "[attachment a.csv]\na,b\n\N{REPLACEMENT CHARACTER},1"}
    ]


def test_a_blank_tool_result_is_sent_as_such() -> None:
    history = [
        *QUESTION,
        Message("assistant", "", tool_calls=(ToolCall("a", "search_docs"),)),
        Message("user", "", tool_results=(ToolResult(" ", call_id="a"),)),
    ]
    request: Any = to_wire("m", history, "", [SEARCH], takes_pdf=False)
    assert request["messages"][2]["content"] == "(empty)"


@given(conversations(), words)
def test_every_conversation_keeps_the_servers_rules(messages: list[Message], system: str) -> None:
    request: Any = to_wire("m", messages, system, [SEARCH], takes_pdf=False)
    assert violation(request) is None


@given(st.lists(st.text(max_size=5), max_size=6), st.text(max_size=30), st.integers(1, 7))
def test_a_response_is_put_together_from_any_pieces(
    text: list[str], keywords: str, cut_at: int
) -> None:
    """However text and arguments are cut up, the same response comes out."""
    written = json.dumps({"keywords": keywords})
    pieces = [written[i : i + cut_at] for i in range(0, len(written), cut_at)]
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    response = response_of(
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": piece}) for piece in text),
        call_piece(index=0, id="a", function={"name": "search_docs", "arguments": ""}),
        *(call_piece(index=0, function={"arguments": piece}) for piece in pieces),
        chunk({}, "tool_calls"),
        {**chunk({}), "choices": [], "usage": usage},
    )
    assert response == LLMResponse(
        "".join(text),
        "m",
        TokenUsage(3, 4),
        (ToolCall("a", "search_docs", {"keywords": keywords}),),
        "tool_calls",
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("stop", "end"),
        ("tool_calls", "tool_calls"),
        ("length", "max_tokens"),
        ("content_filter", "filtered"),
        ("some_reason_of_next_year", "end"),
    ],
)
def test_each_finish_reason_has_our_name(theirs: str, ours: str) -> None:
    assert response_of(chunk({}, theirs)).stop_reason == ours


CALL = {"name": "search_docs", "arguments": "{}"}


@pytest.mark.parametrize(
    "pieces",
    [
        [{"index": 0, "id": "a", "function": CALL}, {"index": 0, "id": "b", "function": CALL}],
        [{"id": "a", "function": CALL}, {"id": "b", "function": CALL}],
        [
            {"index": 0, "id": "a", "function": {"name": "search_docs", "arguments": "{"}},
            {"index": 0, "id": "a", "function": {"name": "search_docs", "arguments": "}"}},
            {"index": 1, "id": "b", "function": {"name": "search_docs", "arguments": None}},
            {"index": 1, "id": "", "function": {"name": None, "arguments": "{}"}},
            {"index": 1},
        ],
    ],
    ids=["all-numbered-0", "not-numbered", "named-again-and-again"],
)
def test_calls_are_told_apart_however_servers_number_them(pieces: list[dict[str, Any]]) -> None:
    response = response_of(*(call_piece(**piece) for piece in pieces), STOP)
    assert response.tool_calls == (ToolCall("a", "search_docs"), ToolCall("b", "search_docs"))
    assert response.stop_reason == "tool_calls"


def test_calls_without_an_id_get_one_each() -> None:
    pieces = [call_piece(index=0, function=CALL), call_piece(index=1, id="", function=CALL)]
    assert [call.id for call in response_of(*pieces, STOP).tool_calls] == ["call_0", "call_1"]


def test_a_refusal_in_words_is_text() -> None:
    assert response_of(chunk({"refusal": "I'd rather not."}), STOP).content == "I'd rather not."


def test_azures_chunks_about_its_filter_say_nothing() -> None:
    about_the_question = {**chunk({}), "choices": []}
    about_the_answer = {**chunk({}), "choices": [{"index": 0, "finish_reason": None}]}
    response = response_of(about_the_question, chunk({"content": "Hi"}), about_the_answer, STOP)
    assert response.content == "Hi"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({}, TokenUsage(10, 5)),
        ({"prompt_tokens_details": {}}, TokenUsage(10, 5)),
        ({"prompt_tokens_details": {"cached_tokens": 8}}, TokenUsage(2, 5, 8)),
        ({"prompt_tokens_details": {"cached_tokens": 12}}, TokenUsage(0, 5, 12)),
    ],
)
def test_usage_is_counted_as_far_as_servers_tell(theirs: dict[str, Any], ours: TokenUsage) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **theirs}
    assert response_of({**STOP, "usage": usage}).usage == ours


def test_a_stream_without_a_finish_reason_is_cut() -> None:
    with pytest.raises(ModelStreamCut):
        response_of(chunk({"content": "Half an"}))


async def test_a_model_that_thinks_is_asked_with_the_limit_that_it_knows() -> None:
    """Behind a gateway, nobody knows before; the second call remembers."""
    async with (
        FakeOpenAI([says("one"), says("two")], thinking=True) as fake,
        provider(base_url=fake.url, max_tokens=77) as model,
    ):
        answers = [(await model.complete(QUESTION)).content for _ in range(2)]

    assert answers == ["one", "two"]
    assert len(fake.headers) == 3
    assert [request["max_completion_tokens"] for request in fake.requests] == [77, 77]


async def test_a_server_that_knows_neither_limit_refuses_once() -> None:
    async def refuse(_: web.Request) -> web.Response:
        asked.append(1)
        return web.json_response({"error": {"message": "max_completion_tokens? No."}}, status=400)

    asked: list[int] = []
    async with serving(refuse) as url, provider(base_url=url) as model:
        with pytest.raises(ModelRejected, match="No"):
            await model.complete(QUESTION)
    assert len(asked) == 2


async def test_openai_itself_is_asked_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit that all of its models know, whatever the environment says."""
    async with FakeOpenAI([says("Hi.")], thinking=True) as fake:
        monkeypatch.setattr("slackbot.llm.openai_compatible.provider.OPENAI", fake.url)
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "another")
        async with provider(api_key="sk-key") as model:
            assert (await model.complete(QUESTION)).content == "Hi."
    assert [headers["Authorization"] for headers in fake.headers] == ["Bearer sk-key"]


async def test_no_key_of_the_environment_goes_to_a_server_that_needs_none(
    monkeypatch: pytest.MonkeyPatch, openai: StartOpenAI
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    fake, model = await openai([says("Hi.")])
    await model.complete(QUESTION)
    assert "sk-secret" not in str(fake.headers)


async def test_no_proxy_stands_between_us_and_this_machine(
    monkeypatch: pytest.MonkeyPatch, openai: StartOpenAI
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    _, model = await openai([says("Hi.")])
    assert (await model.complete(QUESTION)).content == "Hi."


async def test_a_busy_server_says_how_long_it_will_be() -> None:
    refusal = Refusal(code="rate_limit_exceeded")
    async with (
        FakeOpenAI([refusal], refusal_headers={"Retry-After": "7"}) as fake,
        provider(base_url=fake.url) as model,
    ):
        with pytest.raises(ModelBusy) as caught:
            await model.complete(QUESTION)
    assert caught.value.retry_after == 7.0


async def test_a_server_may_say_until_when_it_is_busy() -> None:
    moment = "Thu, 09 Oct 2025 08:53:40 GMT"  # NOW and 20 seconds
    async with (
        FakeOpenAI([Refusal(code="overloaded")], refusal_headers={"Retry-After": moment}) as fake,
        provider(base_url=fake.url, clock=lambda: NOW) as model,
    ):
        with pytest.raises(ModelBusy) as caught:
            await model.complete(QUESTION)
    assert caught.value.retry_after == 20.0


async def test_a_context_that_overflows_within_a_stream_is_told_apart(openai: StartOpenAI) -> None:
    error = MidStreamError("internal_error", "Context size has been exceeded.")
    _, model = await openai([Round(text=["Half"], ending=error)])
    with pytest.raises(ContextExceeded):
        await model.complete(QUESTION)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"{nonsense",
        b"[]",
        b'"choices"',
        b'{"choices": 7}',
        b'{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": 7}]}}]}',
        b'{"choices": [{"delta": {"content": 7}}]}',
        b'{"choices": [], "usage": {"prompt_tokens": "many"}}',
    ],
)
async def test_an_event_that_makes_no_sense_cuts_the_stream(nonsense: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = event(chunk({"content": "Hi"})) + b"data: " + nonsense + b"\n\n"
        return web.Response(body=body, content_type="text/event-stream")

    async with serving(answer) as url, provider(base_url=url) as model:
        with pytest.raises(ModelStreamCut):
            await model.complete(QUESTION)


async def test_what_a_listener_raises_is_no_error_of_the_stream(openai: StartOpenAI) -> None:
    _, model = await openai([says("Hello")])

    async def on_text(_: str) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await model.complete(QUESTION, on_text=on_text)


async def test_silence_before_the_answer_is_busy() -> None:
    async with (
        FakeOpenAI([Refusal(code="overloaded", after=NET)]) as fake,
        provider(base_url=fake.url, read_timeout=0.05) as model,
    ):
        with pytest.raises(ModelBusy):
            await model.complete(QUESTION)


async def test_silence_within_the_answer_is_busy() -> None:
    async with (
        FakeOpenAI([Round(text=["Half"], ending="hang")]) as fake,
        provider(base_url=fake.url, read_timeout=0.05) as model,
    ):
        with pytest.raises(ModelBusy):
            await model.complete(QUESTION)


async def test_nobody_at_the_address_is_busy(unused_tcp_port: int) -> None:
    async with provider(base_url=f"http://127.0.0.1:{unused_tcp_port}/v1") as model:
        with pytest.raises(ModelBusy, match="onnect"):
            await model.complete(QUESTION)


def test_what_else_the_client_raises_is_rejected() -> None:
    with pytest.raises(ModelRejected, match="odd"), vendor_errors(lambda: NOW):
        raise OpenAIError("odd")


async def test_so_many_calls_are_under_way_and_no_more() -> None:
    def script(request: Any) -> Round:
        hangs = "hang" in str(request["messages"])
        return Round(text=["Hello"], ending="hang") if hangs else says("free")

    async with (
        FakeOpenAI(script) as fake,
        provider(base_url=fake.url, max_concurrency=2) as model,
    ):
        hanging = await _begun(model, ["hang", "hang"])
        waiting = asyncio.create_task(model.complete(QUESTION))
        await asyncio.sleep(0.05)  # long enough for a third one to get through, if it could
        assert len(fake.requests) == 2

        hanging[0].cancel()
        async with asyncio.timeout(NET):
            assert (await waiting).content == "free"
        hanging[1].cancel()
        await asyncio.wait(hanging)


async def _begun(
    model: OpenAICompatibleProvider, questions: Sequence[str]
) -> list[asyncio.Task[LLMResponse]]:
    """Ask at once, and return when all answers have begun."""
    heard = asyncio.Semaphore(0)

    async def on_text(_: str) -> None:
        heard.release()

    tasks = [
        asyncio.create_task(model.complete([Message("user", question)], on_text=on_text))
        for question in questions
    ]
    async with asyncio.timeout(NET):
        for _ in tasks:
            await heard.acquire()
    return tasks
