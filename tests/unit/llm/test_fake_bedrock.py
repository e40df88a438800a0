"""The fake speaks as Bedrock does: botocore's own decoder and client understand it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from kit.fake_bedrock import STATUS, FakeBedrock, event, exception, frame, violation
from kit.scripted_model import Refusal, Round, ScriptedCall, says
from slackbot.messages import TokenUsage

USER: dict[str, Any] = {"role": "user", "content": [{"text": "hi"}]}
TOOL: dict[str, Any] = {
    "toolSpec": {"name": "t", "description": "d", "inputSchema": {"json": {"type": "object"}}}
}


def _use(call_id: str) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": call_id, "name": "t", "input": {}}}


def _result(call_id: str) -> dict[str, Any]:
    return {"toolResult": {"toolUseId": call_id, "content": [{"text": "x"}]}}


def _conversation(*assistant: dict[str, Any], user: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "messages": [
            USER,
            {"role": "assistant", "content": list(assistant)},
            {"role": "user", "content": user},
        ],
        "toolConfig": {"tools": [TOOL]},
    }


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=40), max_size=4),
    st.dictionaries(st.text(max_size=9), st.text(max_size=99), max_size=3),
)
def test_botocore_decodes_every_frame(headers: dict[str, str], payload: dict[str, str]) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(frame(headers, payload) * 2)
    messages: list[Any] = list(buffer)
    assert len(messages) == 2
    assert all(message.headers == headers for message in messages)
    assert all(json.loads(message.payload) == payload for message in messages)


def test_events_and_exceptions_are_told_apart_by_their_headers() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event("messageStop", {}) + exception("throttlingException", "slow down"))
    first, second = buffer
    assert first.to_response_dict()["status_code"] == 200
    assert second.to_response_dict()["status_code"] == 400


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"messages": []}, "start with a user"),
        ({"messages": [{"role": "assistant", "content": [{"text": "x"}]}]}, "start with a user"),
        ({"messages": [USER, USER]}, "alternate"),
        ({"messages": [{"role": "user", "content": []}]}, "empty"),
        ({"messages": [{"role": "user", "content": [{"text": " \n"}]}]}, "blank"),
        ({"messages": [USER], "system": [{"text": ""}]}, "blank"),
        ({**_conversation(_use("a"), user=[_result("a")]), "toolConfig": {}}, "toolConfig"),
        (_conversation(_use("a"), user=[{"text": "x"}]), "Expected toolResult"),
        (_conversation(_use("a"), user=[_result("a"), _result("a")]), "Expected toolResult"),
        (_conversation(_use("a"), _use("b"), user=[_result("a")]), "Expected toolResult"),
        (_conversation({"text": "x"}, user=[_result("a")]), "Expected toolResult"),
        (_conversation(_use("a"), _use("a"), user=[_result("a"), _result("a")]), "unique"),
        (_conversation(_use("a b"), user=[_result("a b")]), "toolUseId"),
    ],
)
def test_a_broken_rule_is_named(request_: dict[str, Any], words: str) -> None:
    problem = violation(request_)
    assert problem is not None
    assert words in problem


MARK: dict[str, Any] = {"cachePoint": {"type": "default"}}
TEXT: dict[str, Any] = {"text": "hi"}


def _file(name: str = "Document 1", wire_format: str = "pdf") -> dict[str, Any]:
    return {"document": {"format": wire_format, "name": name, "source": {"bytes": "eA=="}}}


def _image(wire_format: str = "png") -> dict[str, Any]:
    return {"image": {"format": wire_format, "source": {"bytes": "eA=="}}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([_file()], "text block"),
        ([_file("a/b"), TEXT], "characters"),
        ([_file("a  b"), TEXT], "characters"),
        ([_file(), _file(), TEXT], "same name"),
        ([_file(wire_format="zip"), TEXT], "unknown format"),
        ([_image("tiff")], "unknown format"),
        ([_image()] * 21, "more than 20 images"),
        ([*(_file(f"Document {n}") for n in range(6)), TEXT], "5 documents"),
        ([TEXT, _file(wire_format="csv"), MARK], "Field required"),
        ([MARK, TEXT], "nothing available"),
        ([TEXT, MARK, MARK], "nothing available"),
        ([TEXT, MARK] * 5, "more than 4"),
    ],
)
def test_a_broken_rule_about_files_or_marks_is_named(
    content: list[dict[str, Any]], words: str
) -> None:
    problem = violation({"messages": [{"role": "user", "content": content}]})
    assert problem is not None
    assert words in problem


def test_a_model_sends_no_files() -> None:
    said = {"role": "assistant", "content": [_image()]}
    problem = violation({"messages": [USER, said, USER]})
    assert problem == "Only a user's message can hold images and documents."


def test_files_and_marks_in_their_places_break_no_rule() -> None:
    content = [_image(), _file(), TEXT, MARK]
    assert violation({"messages": [{"role": "user", "content": content}]}) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "search docs"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"description": ""}, "description"),
        ({"inputSchema": {"json": {"type": "string"}}}, "object"),
    ],
)
def test_a_bad_tool_is_named(change: dict[str, Any], words: str) -> None:
    tool = {"toolSpec": {**TOOL["toolSpec"], **change}}
    problem = violation({"messages": [USER], "toolConfig": {"tools": [tool]}})
    assert problem is not None
    assert words in problem


def test_a_whole_conversation_breaks_no_rule() -> None:
    request = _conversation({"text": "x"}, _use("a"), _use("b"), user=[_result("b"), _result("a")])
    assert violation(request) is None


async def test_converse_gives_the_same_answer_in_one_piece() -> None:
    round_ = Round(
        text=["I'll ", "look."],
        tool_calls=[ScriptedCall("t", '{"keywords": "x"}', "a")],
        usage=TokenUsage(1, 2, 3, 4),
    )
    async with FakeBedrock(
        [round_, Refusal(code="ThrottlingException", message="slow down")]
    ) as fake:
        client = await asyncio.to_thread(_client, fake.url)
        answer = await asyncio.to_thread(client.converse, modelId="m", messages=[USER])
        with pytest.raises(client.exceptions.ThrottlingException, match="slow down"):
            await asyncio.to_thread(client.converse, modelId="m", messages=[USER])
        client.close()
    assert answer["output"]["message"]["content"] == [
        {"text": "I'll look."},
        {"toolUse": {"toolUseId": "a", "name": "t", "input": {"keywords": "x"}}},
    ]
    assert answer["stopReason"] == "tool_use"
    assert answer["usage"]["cacheReadInputTokens"] == 3


async def test_a_script_that_is_over_is_a_failure_of_the_test() -> None:
    async with FakeBedrock([says("x")]) as fake:
        fake.model.answer({})
        with pytest.raises(AssertionError, match="one more"):
            fake.model.answer({})


def test_statuses_are_those_of_the_service_model() -> None:
    """Where botocore's model names a status for an error, the fake sends that one."""
    model = _client("http://127.0.0.1:1").meta.service_model
    modelled = {
        name: model.shape_for(name).metadata["error"]["httpStatusCode"]
        for name in STATUS
        if name in model.shape_names and "error" in model.shape_for(name).metadata
    }
    assert {name: STATUS[name] for name in modelled} == modelled
    assert len(modelled) >= 7


def _client(url: str) -> Any:
    return boto3.Session("AKIDEXAMPLE", "secret", region_name="eu-central-1").client(
        "bedrock-runtime", endpoint_url=url, config=Config(retries={"total_max_attempts": 1})
    )
