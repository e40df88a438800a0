"""The offline provider: decides what to search, what to read, and what to quote."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from slackbot.llm.offline.documents import documents_in
from slackbot.llm.offline.question import is_said, question_in
from slackbot.llm.offline.quoting import quotations
from slackbot.llm.offline.selection import select
from slackbot.llm.offline.steps import EVERYWHERE, Steps, search_tools
from slackbot.messages import LLMResponse, ToolCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slackbot.llm.base import OnText
    from slackbot.llm.offline.question import Question
    from slackbot.messages import Message, ToolResult
    from slackbot.small_talk import SmallTalk
    from slackbot.tools import ToolSpec

MODEL = "offline"
COURTESIES: Mapping[SmallTalk, str] = {
    "greeting": "Hello! I work without a language model here, but I can search: ask me something, "
    "and I'll quote what I find.",
    "thanks": "You're welcome! Ask me whenever there is something to look up.",
    "reaction": "Good. Ask on whenever there is more to look up.",
}
WHAT = (
    "What shall I look for? I work without a language model here, so give me a few words to "
    "search for."
)
NO_SOURCE = (
    "I work without a language model here, and no knowledge source is connected, so there is "
    "nothing that I could look in. Whoever runs me can connect one."
)
NOTHING = (
    "I work without a language model here, so I can only search, and I found nothing that answers "
    "“{words}”. Try other or fewer words, or the title of a page that you expect."
)
NOT_ASKED = "I could not ask {sources} just now. Please try again in a minute."

_PIECE = re.compile(r"\s*(?:\S+\s*){1,4}")


class OfflineProvider:
    """Answers with quotations. `pace` is the pause before each piece of text, in seconds."""

    def __init__(self, *, pace: float = 0.0) -> None:
        self._pace = pace

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        system: str = "",  # noqa: ARG002 - instructions are for models that understand them
        tools: Sequence[ToolSpec] = (),
        on_text: OnText | None = None,
    ) -> LLMResponse:
        """Return the next tool calls, or the answer; see `LLMProvider`."""
        step = next_step(messages, tools)
        if not isinstance(step, str):
            return LLMResponse("", MODEL, tool_calls=step, stop_reason="tool_calls")
        if on_text is not None:
            for piece in _PIECE.findall(step):
                if self._pace:
                    await asyncio.sleep(self._pace)
                await on_text(piece)
        return LLMResponse(step, MODEL)


def next_step(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> tuple[ToolCall, ...] | str:
    """Decide what comes next: search, search in other words, read the best hits, or answer."""
    asked_at = max((at for at, said in enumerate(messages) if is_said(said)), default=-1)
    question = question_in(messages[: asked_at + 1])
    if not (question.queries and search_tools(tools)):
        return _reply_without_search(question)
    exchange = messages[asked_at + 1 :]
    calls = [call for said in exchange for call in said.tool_calls]
    results = [result for said in exchange for result in said.tool_results]
    documents = documents_in(calls, results)
    outcomes = _outcomes(calls, results)
    if _may_go_on(outcomes) and (wanted := Steps(question, tools, calls, documents).next()):
        return tuple(ToolCall(f"offline-{len(calls) + n}", *want) for n, want in enumerate(wanted))
    parts = list(quotations(select(question, documents)))
    parts = parts or [NOTHING.format(words=question.text)]
    if not_asked := _not_asked(outcomes, tools):
        parts.append(NOT_ASKED.format(sources=" and ".join(not_asked)))
    return "\n\n".join(parts)


def _reply_without_search(question: Question) -> str:
    if question.courtesy:
        return COURTESIES[question.courtesy]
    return NO_SOURCE if question.queries else WHAT


def _outcomes(calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> dict[str, set[bool]]:
    """Return for each tool that was called whether it answered, or failed, or both."""
    names = {call.id: call.name for call in calls}
    outcomes: dict[str, set[bool]] = {}
    for result in results:
        outcomes.setdefault(names[result.call_id], set()).add(not result.is_error)
    return outcomes


def _may_go_on(outcomes: Mapping[str, set[bool]]) -> bool:
    """Whether another call may be of use.

    It is not where nothing answers. And a tool that did both, answer and fail, was called more
    often than the run allows: whoever goes on then does not get to answer.
    """
    answered = any(True in outcome for outcome in outcomes.values())
    return not outcomes or (answered and all(len(outcome) == 1 for outcome in outcomes.values()))


def _not_asked(outcomes: Mapping[str, set[bool]], tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Name the sources whose search failed, as the tools' descriptions spell them."""
    described = {spec.name: spec.description for spec in tools}
    return tuple(
        _source(name, described.get(name, ""))
        for name, outcome in sorted(outcomes.items())
        if outcome == {False} and name.startswith("search_")
    )


def _source(tool: str, description: str) -> str:
    if tool == EVERYWHERE:
        return "the knowledge sources"
    name = tool.removeprefix("search_").replace("_", " ")
    spelt = re.search(re.escape(name), description, re.IGNORECASE)
    return spelt[0] if spelt else name.title()
