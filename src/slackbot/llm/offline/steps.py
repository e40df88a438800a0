"""What to look up next: search, search in other words, read, look for what is newer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from slackbot.llm.offline.outdated import title_without_year
from slackbot.llm.offline.selection import promise, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from slackbot.llm.offline.documents import Document
    from slackbot.llm.offline.question import Question
    from slackbot.messages import ToolCall
    from slackbot.tools import ToolSpec

    Wanted = tuple[str, dict[str, Any]]
    """The name and the arguments of a tool call."""

EVERYWHERE = "search_everywhere"
"""The tool that asks all sources at once; where there is one, the others need not be asked."""
MAX_CALLS = 12
MAX_SEARCHES = 6
MAX_MORE_SEARCHES = 2
MAX_READS = 4


def search_tools(tools: Sequence[ToolSpec]) -> dict[str, str]:
    """Return the search tools that need nothing but keywords, and how that argument is called."""
    found: dict[str, str] = {}
    for spec in tools:
        schema: Mapping[str, Any] = spec.input_schema
        argument = next((n for n in ("keywords", "query") if n in schema.get("properties", ())), "")
        enough = argument and {argument}.issuperset(schema.get("required", ()))
        if enough and spec.name.startswith("search_"):
            found[spec.name] = argument
    return {EVERYWHERE: found[EVERYWHERE]} if EVERYWHERE in found else found


@dataclass(frozen=True, slots=True)
class Steps:
    """What was looked up for a question so far, and what is found."""

    question: Question
    tools: Sequence[ToolSpec]
    calls: Sequence[ToolCall]
    documents: Sequence[Document]

    def next(self) -> list[Wanted]:
        """Return the calls to make now; none when it is time to answer."""
        made = [(call.name, dict(call.arguments)) for call in self.calls]
        room = MAX_CALLS - len(made)
        for stage in self._stages():
            if fresh := [want for want in stage if want not in made][:room]:
                return fresh
        return []

    def _stages(self) -> Iterator[list[Wanted]]:
        if not self.calls:
            yield self._searches(self.question.queries, MAX_SEARCHES)
        if all(call.name.startswith("search_") for call in self.calls):
            promising = promise(self.question, self.documents)
            if not promising.is_good:
                yield self._searches(self.question.broader, MAX_MORE_SEARCHES)
            yield self._reads(promising.documents)
        selection = select(self.question, self.documents)
        yield self._reads(dict.fromkeys(passage.document for passage in selection.passages))
        if selection.outdated is not None:
            title = title_without_year(selection.outdated)
            yield self._searches([title], 1)
            yield self._reads(one for one in self.documents if title in one.found_by)

    def _searches(self, queries: Iterable[str], limit: int) -> list[Wanted]:
        tools = search_tools(self.tools).items()
        calls = ((name, {argument: query}) for query in queries for name, argument in tools)
        return list(islice(calls, limit))

    def _reads(self, documents: Iterable[Document]) -> list[Wanted]:
        offered = {spec.name for spec in self.tools}
        more = (document.read_more for document in documents if not document.is_whole)
        wanted = (read for read in more if read is not None and read.tool in offered)
        return [(read.tool, dict(read.arguments)) for read in islice(wanted, MAX_READS)]
