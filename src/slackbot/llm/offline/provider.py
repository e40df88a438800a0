"""The offline provider: decides what to search, what to read, and what to quote."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from slackbot.llm.offline.passages import FENCE, documents_in, is_fence, ranked, shortened
from slackbot.llm.offline.question import is_said, question_in
from slackbot.messages import LLMResponse, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slackbot.llm.base import OnText
    from slackbot.llm.offline.passages import Document, Passage
    from slackbot.llm.offline.question import Question
    from slackbot.messages import Message, ToolResult
    from slackbot.small_talk import SmallTalk
    from slackbot.tools import ToolSpec

    Wanted = tuple[str, dict[str, Any]]
    """The name and the arguments of a tool call."""

MODEL = "offline"
EVERYWHERE = "search_everywhere"
"""The tool that asks all sources at once; where there is one, the others need not be asked."""

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
QUOTED = "I work without a language model here, so I quote what I found:"
NOTHING = (
    "I work without a language model here, so I can only search, and I found nothing that answers "
    "“{words}”. Try other or fewer words, or the title of a page that you expect."
)
NOT_ASKED = "I could not ask {sources} just now. Please try again in a minute."

MAX_SEARCHES = 6
MAX_READS = 3
MAX_DOCUMENTS = 3
MAX_QUOTED = 1100
"""In characters, as are the next two."""
MAX_PASSAGE = 800
MIN_PASSAGE = 120

_CITATION_LIKE = re.compile(r"(`[^`]*`)|\[(\d[\d, ]*)\]")
_TICKS = re.compile(r"`{3,}")
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
    searches = _search_tools(tools)
    if not (question.queries and searches):
        return _reply_without_search(question)
    exchange = messages[asked_at + 1 :]
    calls = [call for said in exchange for call in said.tool_calls]
    results = [result for said in exchange for result in said.tool_results]
    documents = documents_in(results)
    wanted: Iterable[Wanted] = ()
    if not calls:
        wanted = _searches(question.queries, searches)
    elif not documents and not all(result.is_error for result in results):
        wanted = _searches(question.broader, searches)
    elif all(call.name in searches for call in calls):
        wanted = _reads(question, documents, tools)
    made = [(call.name, call.arguments) for call in calls]
    fresh = [want for want in wanted if want not in made]
    if fresh:
        return tuple(ToolCall(f"offline-{len(calls) + n}", *want) for n, want in enumerate(fresh))
    return answer(question, documents, _not_asked(calls, results, tools))


def _reply_without_search(question: Question) -> str:
    if question.courtesy:
        return COURTESIES[question.courtesy]
    return NO_SOURCE if question.queries else WHAT


def _search_tools(tools: Sequence[ToolSpec]) -> dict[str, str]:
    """Return the search tools that need nothing but keywords, and how that argument is called."""
    found: dict[str, str] = {}
    for spec in tools:
        schema: Mapping[str, Any] = spec.input_schema
        argument = next((n for n in ("keywords", "query") if n in schema.get("properties", ())), "")
        enough = argument and {argument}.issuperset(schema.get("required", ()))
        if enough and spec.name.startswith("search_"):
            found[spec.name] = argument
    return {EVERYWHERE: found[EVERYWHERE]} if EVERYWHERE in found else found


def _searches(queries: Iterable[str], tools: Mapping[str, str]) -> Iterator[Wanted]:
    calls = ((name, {argument: query}) for query in queries for name, argument in tools.items())
    return islice(calls, MAX_SEARCHES)


def _reads(
    question: Question, documents: Sequence[Document], tools: Sequence[ToolSpec]
) -> Iterator[Wanted]:
    """Read what looks best: first the documents with relevant excerpts, then the sources' order."""
    offered = {spec.name for spec in tools}
    best = dict.fromkeys(passage.document for passage in ranked(question, documents))
    more = (document.read_more for document in dict.fromkeys((*best, *documents)))
    calls = ((read.tool, dict(read.arguments)) for read in more if read and read.tool in offered)
    return islice(calls, MAX_READS)


def _not_asked(
    calls: Sequence[ToolCall], results: Sequence[ToolResult], tools: Sequence[ToolSpec]
) -> tuple[str, ...]:
    """Name the sources whose search failed, as the tools' descriptions spell them."""
    failed = {result.call_id for result in results if result.is_error}
    names = {call.name for call in calls if call.id in failed and call.name.startswith("search_")}
    described = {spec.name: spec.description for spec in tools}
    return tuple(_source(name, described.get(name, "")) for name in sorted(names))


def _source(tool: str, description: str) -> str:
    if tool == EVERYWHERE:
        return "the knowledge sources"
    name = tool.removeprefix("search_").replace("_", " ")
    spelt = re.search(re.escape(name), description, re.IGNORECASE)
    return spelt[0] if spelt else name.title()


def answer(question: Question, documents: Sequence[Document], not_asked: Sequence[str]) -> str:
    """Quote the best passages, each under its document, or say that there is nothing to quote."""
    quoted: dict[Document, list[Passage]] = {}
    left = MAX_QUOTED
    for passage in ranked(question, documents):
        if left < MIN_PASSAGE:
            break
        if passage.document in quoted or len(quoted) < MAX_DOCUMENTS:
            text = shortened(passage.text, question, min(MAX_PASSAGE, left))
            quoted.setdefault(passage.document, []).append(replace(passage, text=text))
            left -= len(text)
    parts = [QUOTED] if quoted else [NOTHING.format(words=question.queries[0])]
    for document, passages in quoted.items():
        number = "" if document.number is None else f" [{document.number}]"
        parts.append(f"**{quotable_line(document.title)}**{number}")
        parts += _quotation(sorted(passages, key=lambda passage: passage.position))
    if not_asked:
        parts.append(NOT_ASKED.format(sources=" and ".join(not_asked)))
    return "\n\n".join(parts)


def _quotation(passages: Iterable[Passage]) -> Iterator[str]:
    """Return passages as they are, each section under its heading."""
    for headings, section in groupby(passages, key=lambda passage: passage.headings):
        if headings:
            yield f"_{quotable_line(headings[-1])}_"
        for passage in section:
            yield quotable(passage.text)


def quotable(text: str) -> str:
    """Return a quotation in which no code is left open and nothing looks like our citations."""
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        if is_fence(line):
            fenced = not fenced
            lines.append(_TICKS.sub(FENCE, line))
        else:
            without = _TICKS.sub("`", line)
            lines.append(without if fenced else _without_citations(without))
    return "\n".join((*lines, FENCE) if fenced else lines)


def quotable_line(text: str) -> str:
    """Return a title or heading in which nothing looks like code or like our citations."""
    return _without_citations(text.replace("`", ""))


def _without_citations(line: str) -> str:
    return _CITATION_LIKE.sub(lambda match: match[1] or f"({match[2]})", line)
