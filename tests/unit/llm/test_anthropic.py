"""What is Messages' own: the wire form, prompt caching, time-outs, the client."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from anthropic import AnthropicError
from anthropic.types import RawMessageStreamEvent
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from pydantic import TypeAdapter

from kit.conversations import EVERYTHING, conversations, words
from kit.fake_anthropic import FakeAnthropic, event, violation
from kit.loopback import serving
from kit.scripted_model import MidStreamError, Refusal, Round, says
from slackbot.config import load_settings
from slackbot.errors import (
    ConfigurationError,
    ContextExceeded,
    ModelBusy,
    ModelRejected,
    ModelStreamCut,
)
from slackbot.llm.anthropic import AnthropicProvider
from slackbot.llm.anthropic.errors import vendor_errors
from slackbot.llm.anthropic.wire import from_wire, to_wire
from slackbot.messages import (
    Attachment,
    LLMResponse,
    Message,
    TokenUsage,
    ToolCall,
    ToolResult,
)
from slackbot.plug_ins import load_plug_ins
from slackbot.runs.budget import Budget
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from unit.llm.conftest import StartAnthropic

NET = 30.0  # seconds after which what waits for ever fails
NOW = 1_760_000_000.0  # seconds since the epoch
QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec(
    "search_docs",
    "Search the documents.",
    {"type": "object", "properties": {"keywords": {"type": "string"}}, "required": ["keywords"]},
)
SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "signed",
    "LLM_PROVIDER": "anthropic",
    "LLM_FALLBACKS": "none",
    "ANTHROPIC_API_KEY": "sk-ant-test",
    "ANTHROPIC_MODEL": "claude-test",
}
_EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)


@asynccontextmanager
async def provider(**settings: Any) -> AsyncIterator[AnthropicProvider]:
    model = AnthropicProvider(**{"model": "m", "api_key": "sk-ant-test", **settings})
    try:
        yield model
    finally:
        await model.close()


def response_of(*events: dict[str, Any]) -> LLMResponse:
    return from_wire("m", [_EVENT.validate_python(one) for one in events])


def stopped(reason: str | None, **usage: int) -> list[dict[str, Any]]:
    delta = {"type": "message_delta", "delta": {"stop_reason": reason}}
    return [{**delta, "usage": {"output_tokens": 7, **usage}}, {"type": "message_stop"}]


def delta(index: int, kind: str, **said: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}


async def test_the_whole_request(anthropic: StartAnthropic) -> None:
    """What goes over the wire for a conversation with everything in it, to be cached in parts."""
    fake, model = await anthropic([says("There.")])
    await model.complete(EVERYTHING, system="You are kind.", tools=[SEARCH])

    assert fake.requests == snapshot(
        [
            {
                "max_tokens": 500,
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
                    {"role": "assistant", "content": [{"type": "text", "text": "Hi! What is it?"}]},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "How do we roll back payments?"},
                            {
                                "type": "text",
                                "text": "In production.",
                                "cache_control": {"type": "ephemeral"},
                            },
                        ],
                    },
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "text", "text": "I'll look."},
                            {
                                "type": "tool_use",
                                "id": "a",
                                "name": "search_docs",
                                "input": {"keywords": "Zürich"},
                            },
                            {"type": "tool_use", "id": "b", "name": "search_docs", "input": {}},
                        ],
                    },
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "tool_result",
                                "tool_use_id": "a",
                                "content": "[1] Runbook",
                                "is_error": False,
                            },
                            {
                                "type": "tool_result",
                                "tool_use_id": "b",
                                "content": "The arguments were not valid JSON.",
                                "is_error": True,
                            },
                            {
                                "type": "text",
                                "text": "Anything?",
                                "cache_control": {"type": "ephemeral"},
                            },
                        ],
                    },
                ],
                "model": "claude-test",
                "stream": True,
                "system": [
                    {
                        "type": "text",
                        "text": "You are kind.",
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
                "tools": [
                    {
                        "name": "search_docs",
                        "description": "Search the documents.",
                        "input_schema": {
                            "type": "object",
                            "properties": {"keywords": {"type": "string"}},
                            "required": ["keywords"],
                        },
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
            }
        ]
    )


async def test_the_smallest_request() -> None:
    """No system prompt, no tools, no cache: none of it is sent, and no temperature either."""
    async with (
        FakeAnthropic([says("There.")]) as fake,
        provider(base_url=fake.url, prompt_cache=False) as model,
    ):
        await model.complete(QUESTION)
    assert fake.requests == snapshot(
        [
            {
                "max_tokens": 4096,
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "text", "text": "How do we roll back payments?"}],
                    }
                ],
                "model": "m",
                "stream": True,
            }
        ]
    )


async def test_a_temperature_is_sent_if_it_is_set() -> None:
    async with (
        FakeAnthropic([says("There.")]) as fake,
        provider(base_url=fake.url, temperature=0.0) as model,
    ):
        await model.complete(QUESTION)
    assert fake.requests[0]["temperature"] == 0.0


async def test_files_are_sent_as_the_blocks_that_there_are_for_them(
    anthropic: StartAnthropic,
) -> None:
    fake, model = await anthropic([says("A plan.")])
    files = (
        Attachment("screen.png", "image/png", b"\x89PNG"),
        Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),
        Attachment("notes.md", "text/markdown", "# Über uns".encode()),
    )
    await model.complete([Message("user", "What is this?", attachments=files)])
    assert fake.requests[0]["messages"][0]["content"] == snapshot(
        [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw=="},
            },
            {
                "type": "document",
                "source": {
                    "type": "base64",
                    "media_type": "application/pdf",
                    "data": "JVBERi0xLjc=",
                },
                "title": "plan.pdf",
            },
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "# Über uns"},
                "title": "notes.md",
            },
            {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}},
        ]
    )


@pytest.mark.parametrize(
    "file",
    [
        Attachment("plan.docx", "application/vnd.ms-word", b"PK"),
        Attachment("vector.svg", "image/svg+xml", b"<svg/>"),
        Attachment("huge.png", "image/png", bytes(3_750_001)),
        Attachment("empty.gif", "image/gif", b""),
        Attachment("empty.pdf", "application/pdf", b""),
        Attachment("empty.txt", "text/plain", b" \n"),
    ],
    ids=lambda file: file.name,
)
def test_of_a_file_that_cannot_be_sent_the_model_is_told_that_it_was_there(
    file: Attachment,
) -> None:
    request = request_of([Message("user", "", attachments=(file,))])
    text = f"[attachment {file.name} could not be passed on]"
    assert request["messages"][0]["content"] == [{"type": "text", "text": text}]


def request_of(
    messages: Sequence[Message], *, system: str = "", prompt_cache: bool = False
) -> dict[str, Any]:
    """Return the request as it goes over the wire."""
    request = to_wire("m", 100, messages, system, [SEARCH], prompt_cache=prompt_cache)
    whole: dict[str, Any] = json.loads(json.dumps(request))
    return whole


def called(call_id: str, result: str = "found") -> list[Message]:
    """Return a question, a call, and its result."""
    return [
        *QUESTION,
        Message("assistant", "", tool_calls=(ToolCall(call_id, "search_docs"),)),
        Message("user", "", tool_results=(ToolResult(result, call_id=call_id),)),
    ]


def test_a_blank_tool_result_is_sent_as_such() -> None:
    request = request_of(called("a", " "))
    assert request["messages"][2]["content"][0]["content"] == "(empty)"


def test_a_call_of_another_provider_keeps_its_result() -> None:
    """A fallback goes on with what the provider before it began, ids and all."""
    request = request_of(called("functions.search_docs:0"))
    assert violation(request) is None
    assert request["messages"][1]["content"][0]["id"] == "functions_search_docs_0"


@given(conversations(), words, st.booleans())
def test_every_conversation_keeps_the_vendors_rules(
    messages: list[Message], system: str, prompt_cache: bool
) -> None:
    asked = [*messages, *QUESTION]
    assert violation(request_of(asked, system=system, prompt_cache=prompt_cache)) is None


def test_what_was_cached_is_found_again_by_the_next_request() -> None:
    """A request ends with a mark; the next one begins with all of it, and marks the place again."""
    first = prompt_of(request_of(QUESTION, system="Be kind.", prompt_cache=True))
    second = prompt_of(request_of(called("a"), system="Be kind.", prompt_cache=True))

    assert all("cache_control" in block for block in first)  # tools, system prompt, question
    assert second[: len(first)] == first
    assert "cache_control" in second[-1]


def prompt_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks of a request in the order in which the vendor caches them."""
    said = [block for message in request["messages"] for block in message["content"]]
    return [*request["tools"], *request["system"], *said]


@given(st.lists(st.text(max_size=5), max_size=6), st.text(max_size=30), st.integers(1, 7))
def test_a_response_is_put_together_from_any_pieces(
    text: list[str], keywords: str, cut_at: int
) -> None:
    """However text and arguments are cut up, the same response comes out; thoughts stay unsaid."""
    written = json.dumps({"keywords": keywords})
    pieces = [written[i : i + cut_at] for i in range(0, len(written), cut_at)]
    use = {"type": "tool_use", "id": "a", "name": "search_docs", "input": {}}
    response = response_of(
        delta(0, "thinking_delta", thinking="Hm."),
        *(delta(1, "text_delta", text=piece) for piece in text),
        {"type": "content_block_start", "index": 2, "content_block": use},
        *(delta(2, "input_json_delta", partial_json=piece) for piece in pieces),
        {"type": "content_block_stop", "index": 2},
        *stopped("tool_use"),
    )
    assert response == LLMResponse(
        "".join(text),
        "m",
        TokenUsage(0, 7),
        (ToolCall("a", "search_docs", {"keywords": keywords}),),
        "tool_calls",
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("end_turn", "end"),
        ("stop_sequence", "end"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "max_tokens"),
        ("pause_turn", "max_tokens"),
        ("refusal", "filtered"),
        ("model_context_window_exceeded", "context_exceeded"),
    ],
)
def test_each_stop_reason_has_our_name(theirs: str, ours: str) -> None:
    assert response_of(*stopped(theirs)).stop_reason == ours


async def test_a_stop_reason_of_next_year_is_an_end() -> None:
    async def answer(request: web.Request) -> web.Response:
        body = b"".join(map(event, stopped("some_reason_of_next_year")))
        return web.Response(body=body, content_type="text/event-stream")

    async with serving(answer) as url, provider(base_url=url) as model:
        assert (await model.complete(QUESTION)).stop_reason == "end"


def test_the_last_word_on_usage_counts() -> None:
    """The counts of the end are cumulative; it may leave out what the beginning said."""
    message = {
        "id": "msg_test",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "usage": {
            "input_tokens": 3,
            "output_tokens": 1,
            "cache_read_input_tokens": 50,
            "cache_creation_input_tokens": 6,
        },
    }
    begun = {"type": "message_start", "message": message}
    assert response_of(begun, *stopped("end_turn")).usage == TokenUsage(3, 7, 50, 6)
    corrected = stopped("end_turn", input_tokens=0, cache_read_input_tokens=53)
    assert response_of(begun, *corrected).usage == TokenUsage(0, 7, 53, 6)


def test_a_stream_without_its_last_event_is_cut() -> None:
    with pytest.raises(ModelStreamCut, match="message_stop"):
        response_of(*stopped("end_turn")[:-1])


async def test_nothing_of_the_environment_decides_where_the_key_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeAnthropic([says("Hi.")]) as fake:
        monkeypatch.setattr("slackbot.llm.anthropic.provider.ANTHROPIC", fake.url)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-third")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        async with provider(api_key="sk-ant-mine") as model:
            assert (await model.complete(QUESTION)).content == "Hi."
    assert [headers["Authorization"] for headers in fake.headers] == ["Bearer sk-ant-mine"]


async def test_a_busy_vendor_says_how_long_it_will_be() -> None:
    refusal = Refusal(code="rate_limit_error")
    async with (
        FakeAnthropic([refusal], refusal_headers={"Retry-After": "7"}) as fake,
        provider(base_url=fake.url) as model,
    ):
        with pytest.raises(ModelBusy) as caught:
            await model.complete(QUESTION)
    assert caught.value.retry_after == 7.0


async def test_a_gateway_may_say_until_when_it_is_busy() -> None:
    headers = {"Retry-After": "Thu, 09 Oct 2025 08:53:40 GMT"}  # NOW and 20 seconds
    async with (
        FakeAnthropic([Refusal(code="overloaded_error")], refusal_headers=headers) as fake,
        provider(base_url=fake.url, clock=lambda: NOW) as model,
    ):
        with pytest.raises(ModelBusy) as caught:
            await model.complete(QUESTION)
    assert caught.value.retry_after == 20.0


async def test_a_context_that_overflows_within_a_stream_is_told_apart(
    anthropic: StartAnthropic,
) -> None:
    error = MidStreamError("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum")
    _, model = await anthropic([Round(text=["Half"], ending=error)])
    with pytest.raises(ContextExceeded):
        await model.complete(QUESTION)


async def test_a_request_that_breaks_a_rule_is_rejected(anthropic: StartAnthropic) -> None:
    fake, model = await anthropic([says("never said")])
    with pytest.raises(ModelRejected, match="must define tools"):
        await model.complete(called("a"))
    assert fake.requests == []


@pytest.mark.parametrize(
    ("kind", "nonsense"),
    [
        (b"message_stop", b"{nonsense"),
        (b"message_start", b'{"type": "message_start"}'),
        (b"content_block_delta", b'{"type": "content_block_delta", "index": 0, "delta": 7}'),
        (
            b"content_block_delta",
            (
                b'{"type": "content_block_delta", "index": 3,'
                b' "delta": {"type": "input_json_delta", "partial_json": "{"}}'
            ),
        ),
        (b"message_delta", b'{"type": "message_delta", "delta": null}'),
    ],
)
async def test_an_event_that_makes_no_sense_cuts_the_stream(kind: bytes, nonsense: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = b"event: " + kind + b"\ndata: " + nonsense + b"\n\n"
        return web.Response(body=body, content_type="text/event-stream")

    async with serving(answer) as url, provider(base_url=url) as model:
        with pytest.raises(ModelStreamCut):
            await model.complete(QUESTION)


async def test_what_a_listener_raises_is_no_error_of_the_stream(anthropic: StartAnthropic) -> None:
    _, model = await anthropic([says("Hello")])

    async def on_text(_: str) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await model.complete(QUESTION, on_text=on_text)


async def test_silence_before_the_answer_is_busy() -> None:
    async with (
        FakeAnthropic([Refusal(code="overloaded_error", after=NET)]) as fake,
        provider(base_url=fake.url, read_timeout=0.05) as model,
    ):
        with pytest.raises(ModelBusy, match="ReadTimeout"):
            await model.complete(QUESTION)


async def test_silence_within_the_answer_is_busy() -> None:
    async with (
        FakeAnthropic([Round(text=["Half"], ending="hang")]) as fake,
        provider(base_url=fake.url, read_timeout=0.05) as model,
    ):
        with pytest.raises(ModelBusy):
            await model.complete(QUESTION)


async def test_nobody_at_the_address_is_busy(unused_tcp_port: int) -> None:
    async with provider(base_url=f"http://127.0.0.1:{unused_tcp_port}") as model:
        with pytest.raises(ModelBusy, match="ConnectError"):
            await model.complete(QUESTION)


async def test_a_key_that_no_header_can_hold_is_rejected_and_not_shown() -> None:
    async with (
        FakeAnthropic([]) as fake,
        provider(base_url=fake.url, api_key="sk-ant-secret\n") as model,
    ):
        with pytest.raises(ModelRejected, match="key") as caught:
            await model.complete(QUESTION)
    assert "sk-ant-secret" not in "".join(traceback.format_exception(caught.value))


def test_what_else_the_client_raises_is_rejected() -> None:
    with pytest.raises(ModelRejected, match="odd"), vendor_errors(lambda: NOW):
        raise AnthropicError("odd")


async def test_so_many_calls_are_under_way_and_no_more() -> None:
    """The second waits until the first one's place is free."""
    gate = asyncio.Event()

    async def pass_the_gate(_: int) -> None:
        await gate.wait()

    held = Round(text=["one"], before_piece=pass_the_gate)
    async with (
        FakeAnthropic([held, says("two")]) as fake,
        provider(base_url=fake.url, max_concurrency=1) as model,
    ):
        calls = [asyncio.create_task(model.complete(QUESTION)) for _ in range(2)]
        async with asyncio.timeout(NET):
            while not fake.open_streams:  # noqa: ASYNC110 - the fake has no event for this
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)  # long enough for the second one, if it could
            assert len(fake.requests) == 1
            gate.set()
            answers = [(await call).content for call in calls]
    assert answers == ["one", "two"]


async def test_the_settings_make_a_provider() -> None:
    """They decide whom it asks, with what key, for what, and how."""
    async with FakeAnthropic([says("Hi.")]) as fake:
        settings = {
            **SETTINGS,
            "ANTHROPIC_BASE_URL": fake.url,
            "LLM_MAX_TOKENS": "700",
            "LLM_TEMPERATURE": "0.5",
            "LLM_PROMPT_CACHE": "false",
        }
        loaded = load_plug_ins(load_settings(settings, env_file=None), Budget())
        await loaded.model.complete(QUESTION)
        for close in loaded.closers:
            await close()
    assert fake.headers[0]["Authorization"] == "Bearer sk-ant-test"
    assert fake.requests == snapshot(
        [
            {
                "max_tokens": 700,
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "text", "text": "How do we roll back payments?"}],
                    }
                ],
                "model": "claude-test",
                "stream": True,
                "temperature": 0.5,
            }
        ]
    )


def test_a_missing_extra_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("slackbot.llm.anthropic")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(ConfigurationError, match=r'pip install -e "\.\[anthropic\]"'):
        load_plug_ins(load_settings(SETTINGS, env_file=None), Budget())
