"""Conversations between people and a model: one with everything in it, and made-up ones."""

from __future__ import annotations

from hypothesis import strategies as st

from slackbot.messages import Message, ToolCall, ToolResult

EVERYTHING = (
    Message("user", "Hello"),
    Message("assistant", "Hi! What is it?"),
    Message("user", ""),
    Message("user", "How do we roll back payments?"),
    Message("user", "In production."),
    Message(
        "assistant",
        "I'll look.",
        tool_calls=(
            ToolCall("a", "search_docs", {"keywords": "Zürich"}),
            ToolCall("b", "search_docs", malformed='{"keyw'),
        ),
    ),
    Message(
        "user",
        "",
        tool_results=(
            ToolResult("[1] Runbook", call_id="a", cited_as=(1,)),
            ToolResult("The arguments were not valid JSON.", is_error=True, call_id="b"),
        ),
    ),
    Message("user", "Anything?"),
)
"""Silence, two messages in a row, two calls at once, of which one cannot be read."""

words = st.text("ab \n", max_size=4)
"""What somebody says, or does not."""


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """People and a model that take turns in any rhythm; each tool call has its result."""
    messages = [Message("user", "a question")]
    for index in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            calls = tuple(
                ToolCall(f"c{index}-{n}", "search_docs") for n in range(draw(st.integers(1, 3)))
            )
            results = tuple(ToolResult(draw(words), call_id=call.id) for call in calls)
            messages.append(Message("user", "go on"))
            messages.append(Message("assistant", draw(words), tool_calls=calls))
            messages.append(Message("user", draw(words), tool_results=results))
        else:
            messages.append(Message(draw(st.sampled_from(["user", "assistant"])), draw(words)))
    return messages
