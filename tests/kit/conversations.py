"""Conversations between people and a model, as hypothesis makes them up."""

from __future__ import annotations

from hypothesis import strategies as st

from slackbot.messages import Message, ToolCall, ToolResult

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
