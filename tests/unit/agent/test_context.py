"""What a model is sent stays within its window, and always makes sense."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.agent.context import DROPPED, IMAGE_CHARACTERS, ContextWindow, size, trimmed
from slackbot.messages import Attachment, Message, TokenUsage, ToolCall, ToolResult
from slackbot.tools import ToolSpec

QUESTION = Message("user", "How do we roll back?")


def exchange(number: int, length: int = 100) -> tuple[Message, Message]:
    """Something that was said before, and the answer to it."""
    return Message("user", f"{number} " + "q" * length), Message("assistant", "a" * length)


def lookup(*contents: str) -> tuple[Message, Message]:
    """A round of calls, and their results."""
    ids = [f"c{at}{content[:5]}" for at, content in enumerate(contents)]
    called = tuple(ToolCall(call, "search_docs", {"keywords": "x"}) for call in ids)
    results = (ToolResult(text, call_id=call) for call, text in zip(ids, contents, strict=True))
    return (
        Message("assistant", "", tool_calls=called),
        Message("user", "", tool_results=tuple(results)),
    )


def contents(messages: tuple[Message, ...]) -> list[str]:
    return [result.content for message in messages for result in message.tool_results]


def test_what_fits_is_sent_as_it_is() -> None:
    transcript = (*exchange(1), QUESTION, *lookup("one", "two"))
    assert trimmed(transcript, sum(map(size, transcript))) == transcript


def test_the_oldest_results_go_first_and_whole_and_leave_their_place() -> None:
    transcript = (*exchange(1), QUESTION, *lookup("1" * 500, "2" * 500), *lookup("3" * 500))
    kept = trimmed(transcript, sum(map(size, transcript)) - 600)
    assert contents(kept) == [DROPPED, DROPPED, "3" * 500]
    assert [message.role for message in kept] == [message.role for message in transcript]


def test_then_goes_what_was_said_before_the_question() -> None:
    transcript = (*exchange(1), *exchange(2), QUESTION, *lookup("3" * 500))
    kept = trimmed(transcript, sum(map(size, transcript)) - 10)
    assert kept == (*exchange(2), QUESTION, *lookup("3" * 500))


def test_the_question_and_the_newest_result_always_stay() -> None:
    transcript = (*exchange(1), QUESTION, *lookup("1" * 500, "2" * 500))
    kept = trimmed(transcript, 0)
    assert kept[0] == QUESTION
    assert contents(kept) == [DROPPED, "2" * 500]


texts = st.text("xyz ", min_size=1, max_size=200)
transcripts = st.builds(
    lambda exchanges, rounds: (
        *(message for at in range(exchanges) for message in exchange(at)),
        QUESTION,
        *(message for contents in rounds for message in lookup(*contents)),
    ),
    st.integers(0, 4),
    st.lists(st.lists(texts, min_size=1, max_size=3), max_size=4),
)


@given(transcripts, st.integers(0, 3_000))
def test_whatever_goes_roles_alternate_and_calls_keep_their_results(
    transcript: tuple[Message, ...], room: int
) -> None:
    kept = trimmed(transcript, room)
    assert [message.role for message in kept] == [
        "user" if at % 2 == 0 else "assistant" for at in range(len(kept))
    ]
    assert QUESTION in kept
    for called, answered in pairwise(kept):
        ids = [call.id for call in called.tool_calls]
        assert [result.call_id for result in answered.tool_results] == ids
    fits = sum(map(size, kept)) <= room
    results = contents(kept)
    bare = kept[0] == QUESTION and all(len(text) <= len(DROPPED) for text in results[:-1])
    assert fits or bare


def test_files_take_their_room() -> None:
    image = Attachment("plan.png", "image/png", b"x")
    notes = Attachment("notes.txt", "text/plain", b"x" * 700)
    asked = Message("user", "What is this?", attachments=(image, notes))
    assert size(asked) == size(Message("user", "What is this?")) + IMAGE_CHARACTERS + 700


def test_the_estimate_follows_what_the_model_has_read() -> None:
    window = ContextWindow(max_tokens=1_000)
    transcript = (*exchange(1, 400), *exchange(2, 400), QUESTION)
    assert window.fit(transcript, "", ()) == transcript
    window.learn(TokenUsage(input_tokens=100, cache_read_tokens=1_700))
    assert window.fit(transcript, "", ()) == (*exchange(2, 400), QUESTION)


def test_system_prompt_and_tools_take_their_room() -> None:
    window = ContextWindow(max_tokens=400)
    transcript = (*exchange(1, 400), QUESTION)
    assert window.fit(transcript, "", ()) == transcript
    assert window.fit(transcript, "s" * 400, ()) == (QUESTION,)
    tool = ToolSpec("search_docs", "d" * 400, {"type": "object"})
    assert window.fit(transcript, "", (tool,)) == (QUESTION,)


def test_a_window_that_was_too_small_gets_half_of_what_it_was_sent() -> None:
    window = ContextWindow(max_tokens=100_000)
    transcript = (*exchange(1, 400), *exchange(2, 400), QUESTION)
    assert window.fit(transcript, "", ()) == transcript
    window.halve()
    assert window.fit(transcript, "", ()) == (QUESTION,)
