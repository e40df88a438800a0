"""The shared vocabulary: how it is made, and what it refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slackbot.llm
from slackbot import messages
from slackbot.messages import (
    Attachment,
    KnowledgeResult,
    LLMResponse,
    Message,
    TokenUsage,
    ToolCall,
    ToolResult,
)

usages = st.builds(TokenUsage, *[st.integers(0, 10**9)] * 4)


@pytest.mark.parametrize(
    "name", ["Attachment", "LLMProvider", "LLMResponse", "Message", "TokenUsage"]
)
def test_the_names_of_the_specification_are_public_in_llm(name: str) -> None:
    assert name in slackbot.llm.__all__
    assert hasattr(slackbot.llm, name)


def test_llm_and_messages_share_their_classes() -> None:
    assert slackbot.llm.Message is messages.Message
    assert slackbot.llm.LLMResponse is messages.LLMResponse
    assert slackbot.llm.TokenUsage is messages.TokenUsage


def test_a_message_is_two_strings() -> None:
    message = Message("user", "Hello")
    assert (message.role, message.content) == ("user", "Hello")
    assert (message.tool_calls, message.tool_results, message.attachments) == ((), (), ())


def test_a_knowledge_result_is_five_values() -> None:
    result = KnowledgeResult("Title", "Text", "https://wiki.example/1", "Confluence", 0.5)
    assert (result.updated_at, result.container, result.read_more) == (None, None, None)


def test_a_response_is_text_of_a_model_unless_more_is_said() -> None:
    response = LLMResponse("Hello", "some-model")
    assert (response.usage, response.tool_calls, response.stop_reason) == (TokenUsage(), (), "end")


@pytest.mark.parametrize("role", ["system", "tool", "User", ""])
def test_other_roles_are_refused(role: Any) -> None:
    with pytest.raises(ValueError, match="role must be"):
        Message(role, "Hello")


def test_only_an_assistant_calls_tools() -> None:
    calls = (ToolCall("a", "search_docs"),)
    assert Message("assistant", "", tool_calls=calls).tool_calls == calls
    with pytest.raises(ValueError, match="assistant"):
        Message("user", "", tool_calls=calls)


def test_only_a_user_brings_tool_results() -> None:
    results = (ToolResult("found", call_id="a"),)
    assert Message("user", "", tool_results=results).tool_results == results
    with pytest.raises(ValueError, match="user"):
        Message("assistant", "", tool_results=results)


def test_only_a_user_attaches_files() -> None:
    files = (Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),)
    assert Message("user", "", attachments=files).attachments == files
    with pytest.raises(ValueError, match="user"):
        Message("assistant", "", attachments=files)


def test_a_message_shows_which_file_it_has_and_not_what_is_in_it() -> None:
    """Else a log line or a failed assertion would be as long as the file."""
    message = Message("user", "", attachments=(Attachment("a.png", "image/png", b"secret"),))
    assert "a.png" in repr(message)
    assert "secret" not in repr(message)


def test_a_message_does_not_change() -> None:
    message = Message("user", "Hello")
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.content = "Goodbye"  # type: ignore[misc]  # what is tested


def test_a_call_without_arguments_shares_none_with_another() -> None:
    one, two = ToolCall("a", "search_docs"), ToolCall("b", "search_docs")
    assert one.arguments == two.arguments == {}
    assert one.arguments is not two.arguments


@pytest.mark.parametrize("counts", [(-1, 0, 0, 0), (0, -1, 0, 0), (0, 0, -1, 0), (0, 0, 0, -1)])
def test_token_counts_are_never_negative(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        TokenUsage(*counts)


@given(usages, usages)
def test_usage_adds_up_count_by_count(one: TokenUsage, two: TokenUsage) -> None:
    total = one + two
    assert total == two + one
    assert total + TokenUsage() == total
    assert dataclasses.astuple(total) == tuple(
        a + b for a, b in zip(dataclasses.astuple(one), dataclasses.astuple(two), strict=True)
    )
