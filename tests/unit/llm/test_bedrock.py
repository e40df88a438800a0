"""What is Bedrock's own: the wire form, credentials, time-outs, the client's life."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web
from botocore.credentials import RefreshableCredentials
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.conversations import EVERYTHING, conversations, words
from kit.fake_bedrock import FakeBedrock, violation
from kit.loopback import serving
from kit.scripted_model import MidStreamError, Refusal, Round, ScriptedCall, says
from slackbot.errors import ContextExceeded, ModelBusy, ModelRejected, ModelStreamCut
from slackbot.llm.bedrock import Account, BedrockProvider
from slackbot.llm.bedrock.caching import marked
from slackbot.llm.bedrock.client import BedrockClient
from slackbot.llm.bedrock.errors import vendor_errors
from slackbot.llm.bedrock.provider import SIGNED_A_TURN
from slackbot.llm.bedrock.wire import Parameters, from_wire, to_wire
from slackbot.messages import Attachment, LLMResponse, Message, TokenUsage, ToolCall, ToolResult
from slackbot.resilience.http import BrokenOff, NoAnswer, Silence, streaming
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from slackbot.llm.bedrock.client import SignedRequest
    from slackbot.llm.bedrock.wire import Request
    from unit.llm.conftest import Start

QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec(
    "search_docs",
    "Search the documents.",
    {"type": "object", "properties": {"keywords": {"type": "string"}}, "required": ["keywords"]},
)
PARAMETERS = Parameters(model_id="m", max_tokens=9)


@asynccontextmanager
async def provider(
    *, model_id: str = "m", read_timeout: float = 60.0, **account: Any
) -> AsyncIterator[BedrockProvider]:
    model = BedrockProvider(
        Account(region="eu-central-1", **account), model_id=model_id, read_timeout=read_timeout
    )
    try:
        yield model
    finally:
        await model.close()


KEYS: Any = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret"}


async def test_the_whole_request(bedrock: Start) -> None:
    """What goes over the wire for a conversation with everything in it."""
    fake, model = await bedrock([says("There.")])
    await model.complete(EVERYTHING, system="You are kind.", tools=[SEARCH])

    assert fake.requests == snapshot(
        [
            {
                "modelId": "eu.anthropic.claude-test-v1:0",
                "messages": [
                    {"role": "user", "content": [{"text": "Hello"}]},
                    {"role": "assistant", "content": [{"text": "Hi! What is it?"}]},
                    {
                        "role": "user",
                        "content": [
                            {"text": "How do we roll back payments?"},
                            {"text": "In production."},
                            {"cachePoint": {"type": "default"}},
                        ],
                    },
                    {
                        "role": "assistant",
                        "content": [
                            {"text": "I'll look."},
                            {
                                "toolUse": {
                                    "toolUseId": "a",
                                    "name": "search_docs",
                                    "input": {"keywords": "Zürich"},
                                }
                            },
                            {"toolUse": {"toolUseId": "b", "name": "search_docs", "input": {}}},
                        ],
                    },
                    {
                        "role": "user",
                        "content": [
                            {
                                "toolResult": {
                                    "toolUseId": "a",
                                    "content": [{"text": "[1] Runbook"}],
                                    "status": "success",
                                }
                            },
                            {
                                "toolResult": {
                                    "toolUseId": "b",
                                    "content": [{"text": "The arguments were not valid JSON."}],
                                    "status": "error",
                                }
                            },
                            {"text": "Anything?"},
                            {"cachePoint": {"type": "default"}},
                        ],
                    },
                ],
                "inferenceConfig": {"maxTokens": 500},
                "system": [{"text": "You are kind."}, {"cachePoint": {"type": "default"}}],
                "toolConfig": {
                    "tools": [
                        {
                            "toolSpec": {
                                "name": "search_docs",
                                "description": "Search the documents.",
                                "inputSchema": {
                                    "json": {
                                        "type": "object",
                                        "properties": {"keywords": {"type": "string"}},
                                        "required": ["keywords"],
                                    }
                                },
                            }
                        },
                        {"cachePoint": {"type": "default"}},
                    ]
                },
            }
        ]
    )


async def test_the_smallest_request(bedrock: Start) -> None:
    """No system prompt, no tools: none of it is sent, and no temperature either."""
    fake, model = await bedrock([says("There.")])
    await model.complete(QUESTION)
    assert fake.requests == snapshot(
        [
            {
                "modelId": "eu.anthropic.claude-test-v1:0",
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"text": "How do we roll back payments?"},
                            {"cachePoint": {"type": "default"}},
                        ],
                    }
                ],
                "inferenceConfig": {"maxTokens": 500},
            }
        ]
    )


def test_a_blank_tool_result_is_sent_as_such() -> None:
    history = [
        *QUESTION,
        Message("assistant", "", tool_calls=(ToolCall("a", "search_docs"),)),
        Message("user", "", tool_results=(ToolResult(" ", call_id="a"),)),
    ]
    request: Any = to_wire(PARAMETERS, history, "", [SEARCH])
    assert request["messages"][2]["content"][0]["toolResult"]["content"] == [{"text": "(empty)"}]


@given(conversations(), words)
def test_every_conversation_keeps_converses_rules(messages: list[Message], system: str) -> None:
    request = to_wire(PARAMETERS, messages, system, [SEARCH])
    assert violation(request) is None
    assert violation(marked(request)) is None


@given(st.lists(st.text(max_size=5), max_size=6), st.text(max_size=30), st.integers(1, 7))
def test_a_response_is_put_together_from_any_pieces(
    text: list[str], keywords: str, cut_at: int
) -> None:
    """However text and arguments are cut up, the same response comes out."""
    written = json.dumps({"keywords": keywords})
    pieces = [written[i : i + cut_at] for i in range(0, len(written), cut_at)]
    use = {"toolUseId": "a", "name": "search_docs"}
    events: Any = [
        {"messageStart": {"role": "assistant"}},
        *({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": t}}} for t in text),
        {"contentBlockStart": {"contentBlockIndex": 1, "start": {"toolUse": use}}},
        *(
            {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"toolUse": {"input": piece}}}}
            for piece in pieces
        ),
        {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"reasoningContent": {}}}},
        {"contentBlockStart": {"contentBlockIndex": 3, "start": {}}},
        {"messageStop": {"stopReason": "tool_use"}},
        {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}}},
    ]
    assert from_wire("m", events) == LLMResponse(
        "".join(text),
        "m",
        TokenUsage(3, 4),
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
        ("guardrail_intervened", "guardrail"),
        ("content_filtered", "filtered"),
        ("malformed_model_output", "malformed"),
        ("malformed_tool_use", "malformed"),
        ("model_context_window_exceeded", "context_exceeded"),
        ("some_reason_of_next_year", "end"),
    ],
)
def test_each_stop_reason_has_our_name(theirs: Any, ours: str) -> None:
    assert from_wire("m", [{"messageStop": {"stopReason": theirs}}]).stop_reason == ours


def test_a_stream_without_a_stop_is_cut() -> None:
    with pytest.raises(ModelStreamCut):
        from_wire("m", [{"messageStart": {"role": "assistant"}}])


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (NoCredentialsError(), ModelRejected),
        (NoAnswer("nobody there"), ModelBusy),
        (Silence("timed out"), ModelBusy),
        (BrokenOff("reset"), ModelStreamCut),
        (ChecksumMismatch(1, 2), ModelStreamCut),
    ],
)
def test_errors_without_a_code_have_a_class(theirs: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours, match=r".+") as caught, vendor_errors():
        raise theirs
    assert caught.value.__cause__ is theirs


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (502, ModelBusy),
        (403, ModelRejected),
        (307, ModelRejected),
        (200, ModelStreamCut),
        (204, ModelStreamCut),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<h1>No</h1>", b'["no"]', b'"no"', b"1", b"null", "n\xf3".encode("latin-1")]
)
async def test_what_something_else_than_bedrock_says_is_judged_by_its_status(
    status: int, ours: type[Exception], body: bytes
) -> None:
    """A company's proxy, say, or a gateway that speaks for others."""

    async def stand_in_between(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    async with serving(stand_in_between) as url, provider(endpoint_url=url, **KEYS) as model:
        with pytest.raises(ours, match=r".+"):
            await model.complete(QUESTION)


async def test_a_context_that_overflows_within_a_stream_is_told_apart(bedrock: Start) -> None:
    ending = MidStreamError("validationException", "Input is too long for requested model.")
    _, model = await bedrock([Round(ending=ending)])
    with pytest.raises(ContextExceeded):
        await model.complete(QUESTION)


async def test_a_request_that_is_found_wrong_within_a_stream_is_rejected(bedrock: Start) -> None:
    """Asking again, as for a stream that was cut, would end the same."""
    ending = MidStreamError("validationException", "The toolConfig is not valid.")
    _, model = await bedrock([Round(text=["Half"], ending=ending)])
    with pytest.raises(ModelRejected, match="toolConfig"):
        await model.complete(QUESTION)


async def test_many_tokens_at_once_are_not_a_context_that_overflows(bedrock: Start) -> None:
    """It is the quota that is used up: the same conversation may go through in a minute."""
    words = "Too many input tokens, please wait before trying again."
    _, model = await bedrock([Refusal(code="ThrottlingException", message=words)])
    with pytest.raises(ModelBusy):
        await model.complete(QUESTION)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7.0), ("soon", None), (None, None)])
async def test_how_long_to_wait_is_passed_on(
    bedrock: Start, told: str | None, seconds: float | None
) -> None:
    _, model = await bedrock([Refusal(code="ThrottlingException", retry_after=told)])
    with pytest.raises(ModelBusy) as caught:
        await model.complete(QUESTION)
    assert caught.value.retry_after == seconds


async def test_proxies_are_not_for_this_machine(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    _, model = await bedrock([says("There.")])
    assert (await model.complete(QUESTION)).content == "There."


async def test_a_request_that_breaks_a_rule_is_rejected(bedrock: Start) -> None:
    fake, model = await bedrock([says("never said")])
    with pytest.raises(ModelRejected, match="toolConfig"):
        await model.complete(
            [
                *QUESTION,
                Message("assistant", "", tool_calls=(ToolCall("a", "search_docs"),)),
                Message("user", "", tool_results=(ToolResult("x", call_id="a"),)),
            ]
        )
    assert fake.requests == []


async def test_silence_before_the_answer_is_busy() -> None:
    async with (
        FakeBedrock([Refusal(code="ValidationException", after=30)]) as fake,
        provider(endpoint_url=fake.url, read_timeout=0.2, **KEYS) as model,
    ):
        with pytest.raises(ModelBusy, match="timed out"):
            await model.complete(QUESTION)


async def test_silence_within_the_answer_is_busy() -> None:
    async with (
        FakeBedrock([Round(text=["Half"], ending="hang")]) as fake,
        provider(endpoint_url=fake.url, read_timeout=0.2, **KEYS) as model,
    ):
        with pytest.raises(ModelBusy, match="timed out"):
            await model.complete(QUESTION)


async def test_nobody_at_the_endpoint_is_busy(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with provider(endpoint_url=url, **KEYS) as model:
        with pytest.raises(ModelBusy, match="could not connect"):
            await model.complete(QUESTION)


async def test_no_credentials_anywhere_is_rejected() -> None:
    async with FakeBedrock([]) as fake, provider(endpoint_url=fake.url) as model:
        with pytest.raises(ModelRejected, match="credentials"):
            await model.complete(QUESTION)


async def test_an_unknown_profile_is_rejected_when_warming_up() -> None:
    async with provider(profile="nobodys") as model:
        with pytest.raises(ModelRejected, match="nobodys"):
            await model.warm()


@pytest.mark.parametrize("address", ["nowhere", "http://["])
async def test_an_address_that_is_none_is_rejected_when_warming_up(address: str) -> None:
    async with provider(endpoint_url=address, **KEYS) as model:
        with pytest.raises(ModelRejected, match=r"Invalid"):
            await model.warm()


async def test_key_pairs_sign_the_request() -> None:
    async with (
        FakeBedrock([says("x")]) as fake,
        provider(endpoint_url=fake.url, session_token="token", **KEYS) as model,
    ):
        await model.complete(QUESTION)
    assert "Credential=AKIDEXAMPLE/" in fake.headers[0]["Authorization"]
    assert "/eu-central-1/bedrock/aws4_request" in fake.headers[0]["Authorization"]
    assert fake.headers[0]["X-Amz-Security-Token"] == "token"


def test_a_bearer_token_wins_over_keys_and_stays_out_of_representations() -> None:
    account = Account(region="eu-central-1", bearer_token="key-123", **KEYS)
    signed = BedrockClient(account).signed(to_wire(PARAMETERS, QUESTION, "", []))
    assert signed.headers["Authorization"] == "Bearer key-123"
    assert signed.url.startswith("https://bedrock-runtime.eu-central-1.amazonaws.com/model/m/")
    assert "key-123" not in repr(signed) + repr(account)


async def test_a_bearer_token_is_never_sent_in_the_clear() -> None:
    async with (
        FakeBedrock([]) as fake,
        provider(endpoint_url=fake.url, bearer_token="key-123") as model,
    ):
        with pytest.raises(ModelRejected, match="HTTPS"):
            await model.complete(QUESTION)
    assert fake.headers == []


async def test_model_ids_with_slashes_and_colons_arrive_whole() -> None:
    arn = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.some-model-v1:0"
    async with (
        FakeBedrock([says("x")]) as fake,
        provider(model_id=arn, endpoint_url=fake.url, **KEYS) as model,
    ):
        response = await model.complete(QUESTION)
    assert fake.requests[0]["modelId"] == response.model == arn


async def test_the_loop_goes_on_while_the_client_is_made(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making a client takes hundreds of milliseconds; they pass in a thread."""
    _, model = await bedrock([says("x")])
    loop = asyncio.get_running_loop()
    loop_turned: list[bool] = []

    def connect_once_the_loop_turned() -> object:
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        loop_turned.append(turned.wait(30))
        return connect()

    connect = model._make_client
    monkeypatch.setattr(model, "_make_client", connect_once_the_loop_turned)
    await model.warm()
    assert loop_turned == [True]


async def test_the_client_is_made_once(bedrock: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = await bedrock([says("x")] * 8)
    made: list[BedrockClient] = []

    def make() -> BedrockClient:
        made.append(connect())
        return made[-1]

    connect = model._make_client
    monkeypatch.setattr(model, "_make_client", make)
    await asyncio.gather(model.warm(), *(model.complete(QUESTION) for _ in range(8)))
    assert len(made) == 1


async def test_closing_ends_it() -> None:
    async with provider() as unused:
        pass
    with pytest.raises(ModelRejected, match="closed"):
        await unused.complete(QUESTION)


async def test_many_calls_hand_over_in_batches(bedrock: Start) -> None:
    """A model that is faster than the loop is listened to in gulps, and not a word is lost."""
    words = [f"{n} " for n in range(500)]
    _, model = await bedrock([Round(text=words)])
    heard: list[str] = []

    async def on_text(piece: str) -> None:
        heard.append(piece)
        await asyncio.sleep(0.002)

    await model.complete(QUESTION, on_text=on_text)

    assert "".join(heard) == "".join(words)
    assert len(heard) < len(words)


async def test_the_first_piece_is_not_waited_for(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "GATHER_SECONDS", 3600.0)
    is_heard = asyncio.Event()

    async def hold(piece: int) -> None:
        if piece == 1:
            await is_heard.wait()

    async def on_text(_: str) -> None:
        is_heard.set()

    _, model = await bedrock([Round(text=["Well, ", "then."], before_piece=hold)])
    async with asyncio.timeout(30):
        response = await model.complete(QUESTION, on_text=on_text)
    assert response.content == "Well, then."


@pytest.mark.parametrize("pieces", range(1, 9))
async def test_the_end_is_not_waited_for_however_much_came_before(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    """Only what comes within a block of text waits for more."""
    monkeypatch.setattr(streaming, "GATHER_SECONDS", 3600.0)
    text = [f"word{number} " for number in range(pieces)]
    _, model = await bedrock([Round(text=text, first_piece_after=0.01, piece_every=0.01)])
    async with asyncio.timeout(30):
        response = await model.complete(QUESTION)
    assert response.content == "".join(text)


async def test_tool_calls_of_a_long_answer_keep_their_order(bedrock: Start) -> None:
    calls = [ScriptedCall("search_docs", f'{{"n": {n}}}') for n in range(12)]
    _, model = await bedrock([Round(tool_calls=calls)])
    response = await model.complete(QUESTION, tools=[SEARCH])
    assert [call.arguments["n"] for call in response.tool_calls] == list(range(12))


async def test_what_came_before_an_error_is_handed_on_before_it_is_raised(bedrock: Start) -> None:
    """Also when both come at once."""
    ending = MidStreamError("throttlingException")
    _, model = await bedrock([Round(text=["Half ", "of it"], ending=ending)])
    heard: list[str] = []

    async def on_text(piece: str) -> None:
        heard.append(piece)

    with pytest.raises(ModelStreamCut):
        await model.complete(QUESTION, on_text=on_text)
    assert "".join(heard) == "Half of it"


class _Credentials(RefreshableCredentials):
    """Credentials that are fetched anew, by whoever signs when they have run out."""

    def __init__(self, *, expire_in: float) -> None:
        self.fetched_by: list[str] = []
        super().__init__("AKIDEXAMPLE", "secret", "old", _after(expire_in), self._fetch, "test")

    def _fetch(self) -> dict[str, str]:
        self.fetched_by.append(threading.current_thread().name)
        return {
            "access_key": "AKIDEXAMPLE",
            "secret_key": "secret",
            "token": "new",
            "expiry_time": _after(7200.0).isoformat(),
        }


def _after(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("expire_in", "token"), [(7200.0, "old"), (60.0, "new"), (-60.0, "new")])
async def test_credentials_that_run_out_are_fetched_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, expire_in: float, token: str
) -> None:
    """To fetch them may take seconds, in which the loop would stand still."""
    credentials = _Credentials(expire_in=expire_in)
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _: credentials)
    async with (
        FakeBedrock([says("x"), says("x")]) as fake,
        provider(endpoint_url=fake.url) as model,
    ):
        await model.complete(QUESTION)
        await model.complete(QUESTION)
    assert [sent["X-Amz-Security-Token"] for sent in fake.headers] == [token] * 2
    assert credentials.fetched_by == ["bedrock"] * (token == "new")


def test_where_a_bearer_token_is_given_no_credentials_are_looked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """botocore itself looks once; where there are none, it takes seconds each time."""
    looked: list[object] = []
    monkeypatch.setattr(
        "botocore.credentials.CredentialResolver.load_credentials", lambda self: looked.append(self)
    )
    BedrockClient(Account(region="eu-central-1", bearer_token="key-123"))
    assert len(looked) <= 1


async def test_files_are_signed_in_a_thread(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some megabytes to encode and to digest; a text is signed before another thread would wake."""
    _, model = await bedrock([says("x"), says("x")])
    signed_by: list[str] = []
    sign = BedrockClient.signed

    def noted(self: BedrockClient, request: Request) -> SignedRequest:
        signed_by.append(threading.current_thread().name)
        return sign(self, request)

    monkeypatch.setattr(BedrockClient, "signed", noted)
    picture = Attachment("a.png", "image/png", b"\x89PNG")
    await model.complete([Message("user", "What is this?", attachments=(picture,))])
    await model.complete(QUESTION)
    assert signed_by == ["bedrock", threading.current_thread().name]


async def test_the_loop_turns_to_others_after_a_few_signatures(
    bedrock: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred questions at once would hold everybody else up for a tenth of a second."""
    _, model = await bedrock([says("x")] * 3 * SIGNED_A_TURN)
    await model.warm()
    turn = 0
    signed_in: Counter[int] = Counter()
    sign = BedrockClient.signed

    def noted(self: BedrockClient, request: Request) -> SignedRequest:
        signed_in[turn] += 1
        return sign(self, request)

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(BedrockClient, "signed", noted)
    counting = asyncio.create_task(count_turns())
    await asyncio.gather(*(model.complete(QUESTION) for _ in range(3 * SIGNED_A_TURN)))
    counting.cancel()
    assert signed_in.total() == 3 * SIGNED_A_TURN
    assert max(signed_in.values()) <= SIGNED_A_TURN


async def test_a_company_may_have_certificates_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where AWS_CA_BUNDLE names them, as for every program that uses boto3."""
    authority, bundle = trustme.CA(), tmp_path / "company.pem"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(bundle))
    async with FakeBedrock([says("There.")], tls=tls) as fake:
        async with provider(endpoint_url=fake.url, bearer_token="key-123") as stranger:
            with pytest.raises(ModelBusy, match="certificate"):
                await stranger.complete(QUESTION)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
        async with provider(endpoint_url=fake.url, bearer_token="key-123") as model:
            assert (await model.complete(QUESTION)).content == "There."
    assert fake.headers[0]["Authorization"] == "Bearer key-123"


async def test_certificates_that_cannot_be_read_are_told_when_warming_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "company.pem"))
    async with provider(**KEYS) as model:
        with pytest.raises(ModelRejected, match=r"company\.pem"):
            await model.warm()
