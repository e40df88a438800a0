"""What a request to Bedrock may hold beside words: files, cache marks, a guardrail."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from structlog.testing import capture_logs

from kit.aws import account_at
from kit.conversations import conversations
from kit.fake_bedrock import FakeBedrock, violation
from kit.prompt_cache import cached_share
from kit.scripted_model import Refusal, Round, says
from slackbot.errors import ModelRejected
from slackbot.llm.bedrock import BedrockProvider
from slackbot.llm.bedrock.attachments import (
    DOCUMENT_FORMATS,
    IMAGE_FORMATS,
    LARGEST_DOCUMENT,
    LARGEST_IMAGE,
    MOST_DOCUMENTS,
    MOST_IMAGES,
)
from slackbot.llm.bedrock.caching import marked
from slackbot.llm.bedrock.wire import Parameters, to_wire
from slackbot.messages import Attachment, Message, ToolCall, ToolResult
from slackbot.tools import ToolSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.model import ServiceModel

    from kit.scripted_model import Request, Script
    from unit.llm.conftest import Start

PARAMETERS = Parameters(model_id="m", max_tokens=9)
QUESTION = [Message("user", "How do we roll back payments?")]
SEARCH = ToolSpec("search_docs", "Search.", {"type": "object", "properties": {}})
UNSUPPORTED = "You invoked an unsupported model or your request did not allow prompt caching."
NOT_THERE = "Malformed input request: #/toolConfig/tools/1: extraneous key [cachePoint]"
MARK = {"cachePoint": {"type": "default"}}


def _content(*files: Attachment, text: str = "What is this?") -> list[dict[str, Any]]:
    request: Any = to_wire(PARAMETERS, [Message("user", text, attachments=files)], "", [])
    assert violation(request) is None
    content: list[dict[str, Any]] = request["messages"][0]["content"]
    return content


def _kinds(content: Sequence[dict[str, Any]]) -> list[str]:
    return [kind for block in content for kind in block]


class TestFiles:
    """Images and documents are sent as such; what cannot be sent is named."""

    def test_stand_before_the_words_that_are_about_them(self) -> None:
        picture = Attachment("graph.png", "image/png", b"\x89PNG")
        report = Attachment("Q3 report.pdf", "application/pdf", b"%PDF")
        assert _content(picture, report) == snapshot(
            [
                {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}},
                {"text": "[attachment graph.png]"},
                {
                    "document": {
                        "format": "pdf",
                        "name": "Document 1",
                        "source": {"bytes": b"%PDF"},
                    }
                },
                {"text": "[attachment Q3 report.pdf]"},
                {"text": "What is this?"},
            ]
        )

    async def test_arrive_as_they_were(self, bedrock: Start) -> None:
        """boto3 encodes the bytes in base64."""
        fake, model = await bedrock([says("A graph.")])
        picture = Attachment("graph.png", "image/png", b"\x89PNG")
        await model.complete([Message("user", "", attachments=(picture,))])
        assert fake.requests[0]["messages"][0]["content"][0] == {
            "image": {"format": "png", "source": {"bytes": "iVBORw=="}}
        }

    @pytest.mark.parametrize(("media_type", "wire_format"), IMAGE_FORMATS.items())
    def test_can_be_images(self, media_type: str, wire_format: str) -> None:
        image, _, _ = _content(Attachment("a", media_type, b"x"))
        assert image["image"]["format"] == wire_format

    @pytest.mark.parametrize(("media_type", "wire_format"), DOCUMENT_FORMATS.items())
    def test_can_be_documents(self, media_type: str, wire_format: str) -> None:
        document, _, _ = _content(Attachment("a", media_type, b"x"))
        assert document["document"]["format"] == wire_format

    def test_are_of_the_formats_that_the_service_model_has(self) -> None:
        image = _service_model().shape_for("ImageFormat")
        document = _service_model().shape_for("DocumentFormat")
        assert set(IMAGE_FORMATS.values()) == set(image.enum)  # type: ignore[attr-defined]
        assert set(DOCUMENT_FORMATS.values()) == set(document.enum)  # type: ignore[attr-defined]

    def test_of_other_text_are_put_in_as_text(self) -> None:
        script = Attachment("run.py", "text/x-python", b"print('\xff')")
        assert _content(script)[0] == {"text": "[attachment run.py]\nprint('\ufffd')"}

    @pytest.mark.parametrize(
        "file",
        [
            Attachment("a  b.zip", "application/zip", b"PK"),
            Attachment("a b.zip", "image/png", b""),
            Attachment("a\nb.zip", "application/pdf", b""),
            Attachment("a b.zip", "image/png", bytes(LARGEST_IMAGE + 1)),
            Attachment("a b.zip", "application/pdf", bytes(LARGEST_DOCUMENT + 1)),
            Attachment("a b.zip", "text/x-python", bytes(LARGEST_DOCUMENT + 1)),
        ],
    )
    def test_that_cannot_be_sent_are_named(self, file: Attachment) -> None:
        assert _content(file)[0] == {"text": "[attachment a b.zip could not be passed on]"}

    def test_may_be_as_large_as_converse_allows(self) -> None:
        image = Attachment("a", "image/png", bytes(LARGEST_IMAGE))
        document = Attachment("b", "application/pdf", bytes(LARGEST_DOCUMENT))
        assert _kinds(_content(image, document)) == ["image", "text", "document", "text", "text"]

    def test_that_are_too_many_are_left_out_the_oldest_first(self) -> None:
        """Messages of the user that follow each other are one to Converse, and limited as one."""
        images = [Attachment(f"{n}.png", "image/png", b"x%d" % n) for n in range(MOST_IMAGES + 2)]
        documents = [Attachment(f"{n}", "text/csv", b"x%d" % n) for n in range(MOST_DOCUMENTS + 1)]
        messages = [
            Message("user", "old", attachments=tuple(images[:3])),
            Message("user", "new", attachments=(*images[3:], *documents)),
        ]
        request: Any = to_wire(PARAMETERS, messages, "", [])
        content = request["messages"][0]["content"]
        left_out = [block["text"] for block in content if "not be passed" in block.get("text", "")]
        assert violation(request) is None
        assert left_out == [
            "[attachment 0.png could not be passed on]",
            "[attachment 1.png could not be passed on]",
            "[attachment 0 could not be passed on]",
        ]

    @given(st.data())
    def test_keep_converses_rules_wherever_they_are(self, data: st.DataObject) -> None:
        """No two documents share a name; a mark never follows one; text stands beside it."""
        types = [*IMAGE_FORMATS, *DOCUMENT_FORMATS, "text/x-python", "application/zip"]
        files = st.builds(
            Attachment, st.text(max_size=5), st.sampled_from(types), st.binary(max_size=2)
        )
        conversation = [
            Message(
                message.role,
                message.content,
                message.tool_calls,
                message.tool_results,
                tuple(data.draw(st.lists(files, max_size=3))) if message.role == "user" else (),
            )
            for message in data.draw(conversations())
        ]
        request = to_wire(PARAMETERS, conversation, "", [SEARCH])
        assert violation(request) is None
        assert violation(marked(request)) is None
        assert _complaints(marked(request)) == ""


class TestCacheMarks:
    """What is sent again and again is marked, so that Bedrock may keep it."""

    async def test_stand_behind_tools_system_and_the_last_two_messages(
        self, bedrock: Start
    ) -> None:
        fake, model = await bedrock([says("There.")])
        call, result = ToolCall("a", "search_docs"), ToolResult("found", call_id="a")
        history = [
            Message("user", "Hello"),
            Message("assistant", "Hi!"),
            *QUESTION,
            Message("assistant", "", tool_calls=(call,)),
            Message("user", "", tool_results=(result,)),
        ]

        await model.complete(history, system="Be kind.", tools=[SEARCH])

        (request,) = fake.requests
        assert request["toolConfig"]["tools"][1:] == [MARK]
        assert request["system"][1:] == [MARK]
        assert [MARK in message["content"] for message in request["messages"]] == [
            False, False, True, False, True,
        ]  # fmt: skip
        assert request["messages"][-1]["content"][-1] == MARK

    def test_need_neither_tools_nor_system(self) -> None:
        request: Any = marked(to_wire(PARAMETERS, QUESTION, "", []))
        assert request.keys() == {"modelId", "messages", "inferenceConfig"}
        assert request["messages"][0]["content"][1:] == [MARK]

    @given(conversations())
    def test_stand_where_the_request_before_ended(self, history: list[Message]) -> None:
        """A model finds again only what ended at a mark: then and now."""
        told = [*history, *QUESTION]
        later = [*told, Message("assistant", "There."), Message("user", "Thanks!")]
        first, second = (
            marked(to_wire(PARAMETERS, messages, "Be kind.", [SEARCH]))
            for messages in (told, later)
        )
        last = len(first["messages"]) - 1
        assert second["messages"][last] == first["messages"][last]
        assert MARK in list(second["messages"][last]["content"])

    def test_let_a_model_keep_most_of_a_long_thread(self) -> None:
        """Ten questions, for each of which it searches and reads; tool results are not kept."""
        tools = [replace(SEARCH, description="x" * 1_500) for _ in range(8)]
        history: list[Message] = []
        requests: list[Any] = []
        for turn in range(10):
            asked = [*history, Message("user", f"{turn}" * 150)]
            for size in (2_000, 4_500, 0):
                requests.append(marked(to_wire(PARAMETERS, asked, "s" * 2_500, tools)))
                call = ToolCall(f"{turn}-{size}", "search_docs")
                found = ToolResult(f"{turn}" * size, call_id=call.id)
                asked.append(Message("assistant", "", tool_calls=(call,)))
                asked.append(Message("user", "", tool_results=(found,)))
            history += [Message("user", f"{turn}" * 150), Message("assistant", "a" * 800)]
        assert cached_share(requests) > 0.8

    def test_change_nothing_else(self) -> None:
        request = to_wire(PARAMETERS, QUESTION, "Be kind.", [SEARCH])
        before = repr(request)
        without = repr(marked(request)).replace(f", {MARK}", "")
        assert without == before == repr(request)

    async def test_can_be_switched_off(self) -> None:
        fake, _ = await _asked([says("There.")], prompt_cache=False)
        assert "cachePoint" not in repr(fake.requests)

    @pytest.mark.parametrize(
        ("code", "words"),
        [("AccessDeniedException", UNSUPPORTED), ("ValidationException", NOT_THERE)],
    )
    async def test_are_left_out_for_a_model_that_refuses_them(
        self, bedrock: Start, code: str, words: str
    ) -> None:
        """It is asked once more, and from then on without them."""

        def script(request: Request) -> Round | Refusal:
            is_marked = "cachePoint" in repr(request)
            return Refusal(code=code, message=words) if is_marked else says("There.")

        fake, model = await bedrock(script)
        with capture_logs() as logs:
            answers = [await model.complete(QUESTION) for _ in range(2)]
        assert [answer.content for answer in answers] == ["There."] * 2
        assert len(fake.requests) == 3
        assert [line["event"] for line in logs] == ["bedrock.caching_refused"]

    async def test_are_not_blamed_for_another_refusal(self, bedrock: Start) -> None:
        fake, model = await bedrock([Refusal(code="AccessDeniedException")])
        with pytest.raises(ModelRejected):
            await model.complete(QUESTION)
        assert len(fake.requests) == 1


class TestWhatIsConfigured:
    """A temperature and a guardrail are sent if they are set: many models refuse the former."""

    async def test_a_temperature_is_sent(self) -> None:
        fake, _ = await _asked([says("x")], temperature=0.0, max_tokens=7)
        assert fake.requests[0]["inferenceConfig"] == {"maxTokens": 7, "temperature": 0.0}

    async def test_a_guardrail_looks_before_anything_is_shown(self) -> None:
        fake, _ = await _asked([says("x")], guardrail_id="gr4ai1", guardrail_version="3")
        assert fake.requests[0]["guardrailConfig"] == {
            "guardrailIdentifier": "gr4ai1",
            "guardrailVersion": "3",
            "streamProcessingMode": "sync",
        }

    async def test_a_guardrail_that_intervenes_is_told_from_the_models_filter(self) -> None:
        _, guarded = await _asked([Round(text=["No."], stop_reason="guardrail")])
        _, filtered = await _asked([Round(text=["No."], stop_reason="filtered")])
        assert (guarded, filtered) == ("guardrail", "filtered")


@cache
def _service_model() -> ServiceModel:
    return boto3.client("bedrock-runtime", region_name="eu-central-1").meta.service_model


def _complaints(request: Mapping[str, Any]) -> str:
    """Return what botocore's own validation says, which the provider goes without."""
    shape = _service_model().shape_for("ConverseStreamRequest")
    return str(ParamValidator().validate(request, shape).generate_report())


async def _asked(script: Script, **settings: Any) -> tuple[FakeBedrock, str]:
    """Ask a provider with these settings; return what was asked, and why it stopped."""
    async with FakeBedrock(script) as fake:
        model = BedrockProvider(account_at(fake.url), model_id="m", **settings)
        response = await model.complete(QUESTION)
        await model.close()
    return fake, response.stop_reason
