"""What the offline provider looks up, in which order, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from slackbot.agent.budget import ToolBudget
from slackbot.agent.citations import Citations
from slackbot.llm.offline import OfflineProvider
from slackbot.llm.offline.quoting import OUTDATED, QUOTED
from slackbot.llm.offline.steps import MAX_CALLS, MAX_READS, MAX_SEARCHES
from slackbot.messages import KnowledgeResult, Message, ReadMore, ToolCall, ToolResult
from slackbot.ranking import Index, parse_search_text
from slackbot.tools import ToolSpec

SEARCH = ToolSpec("search_everywhere", "Search all.", {"properties": {"keywords": {}}})
READ = ToolSpec("read", "Read.", {"properties": {"title": {}}})
EXCERPT = 60


@dataclass
class Library:
    """Finds what has all the words, gives the beginning of it, and counts the calls of a run."""

    pages: dict[str, str]
    max_calls: int = 100
    calls: list[ToolCall] = field(default_factory=list)
    rounds: int = 0

    async def answer(self, question: str) -> str:
        """Let the provider answer, as the agent would: whoever goes on when told not to is cut."""
        budget, citations = ToolBudget(self.max_calls), Citations()
        transcript = [Message("user", question)]
        while True:
            was_told_to_stop = budget.overdrawn
            response = await OfflineProvider().complete(transcript, tools=[SEARCH, READ])
            if not response.tool_calls or was_told_to_stop:
                return response.content
            self.rounds += 1
            results = tuple(
                citations.number(self._run(call, budget)) for call in response.tool_calls
            )
            transcript.append(Message("assistant", "", tool_calls=response.tool_calls))
            transcript.append(Message("user", "", tool_results=results))

    def _run(self, call: ToolCall, budget: ToolBudget) -> ToolResult:
        if refusal := budget.refusal(call):
            return ToolResult(refusal, is_error=True, call_id=call.id)
        self.calls.append(call)
        if call.name == READ.name:
            title = str(call.arguments["title"])
            return ToolResult("", (_found(title, self.pages[title]),), call_id=call.id)
        index = Index({title: f"{title}\n{text}" for title, text in self.pages.items()})
        wanted = parse_search_text(str(call.arguments["keywords"]))
        titles = [title for title in self.pages if index.has_all(title, wanted)]
        found = tuple(_found(title, self.pages[title][:EXCERPT]) for title in titles)
        return ToolResult("", found, call_id=call.id)

    def asked(self, tool: ToolSpec) -> list[str]:
        return [
            str(value)
            for call in self.calls
            if call.name == tool.name
            for value in call.arguments.values()
        ]


def _found(title: str, text: str) -> KnowledgeResult:
    more = ReadMore(READ.name, {"title": title})
    return KnowledgeResult(title, text, f"https://x.example/{title}", "Wiki", 1.0, read_more=more)


FILLER = "This page is for everybody who works in the kitchen. "
KETTLE = {"Kettle": f"{FILLER}\n\nWhen it has lime, press steam and hold the red button."}


async def test_no_document_has_all_words_of_a_question_in_other_words() -> None:
    """So words are searched for alone, and what they find is read for what an excerpt lacks."""
    library = Library(KETTLE)
    answer = await library.answer("Our old boiler complains of lime. Which button makes steam?")
    assert "hold the red button" in answer
    assert library.asked(READ) == ["Kettle"]
    assert library.rounds == 2


async def test_what_promises_most_is_read_and_no_more_than_a_few() -> None:
    pages = {f"Page {n}": f"{FILLER}\n\nlime number {n}" for n in range(9)} | KETTLE
    library = Library(pages)
    await library.answer("Which button makes steam, when lime is in it?")
    assert len(library.asked(READ)) == MAX_READS
    assert library.asked(READ)[0] == "Kettle"


async def test_nothing_promising_is_searched_for_in_other_words() -> None:
    library = Library({"Playbook": "The playbook of the kettle."})
    answer = await library.answer("Is there a runbook?")
    assert "The playbook of the kettle." in answer
    assert library.rounds == 3


async def test_for_what_is_outdated_the_newer_is_looked_for_and_quoted_alone() -> None:
    library = Library(
        {
            "Cleaning the kettle 2024": "OUTDATED\n\nPut vinegar into it, wait a whole night.",
            "Kettle cleaning": f"{FILLER}\n\nIn the evening use steam. "
            "This replaces “Cleaning the kettle 2024”.",
        }
    )
    answer = await library.answer("For which night do I put vinegar into it?")
    assert "Cleaning the kettle" in library.asked(SEARCH)
    assert "In the evening use steam." in answer
    assert "vinegar into it" not in answer


async def test_what_is_outdated_says_so_where_there_is_nothing_newer() -> None:
    library = Library({"Vinegar": "OUTDATED\n\nPut vinegar into the kettle."})
    answer = await library.answer("vinegar kettle")
    assert OUTDATED in answer


async def test_a_thread_that_was_read_by_two_messages_is_quoted_once() -> None:
    library = Library({"One": KETTLE["Kettle"], "Two": KETTLE["Kettle"]})
    answer = await library.answer("lime steam button")
    assert answer.count("hold the red button") == 1


@pytest.mark.parametrize("max_calls", range(1, 2 * MAX_CALLS))
async def test_however_few_calls_a_run_may_make_it_ends_with_an_answer(max_calls: int) -> None:
    pages = {f"Page {n}": f"OUTDATED\n\nlime, steam and number {n}" for n in range(9)}
    library = Library(pages | KETTLE, max_calls)
    answer = await library.answer("Which red button makes steam, when white lime is in a kettle?")
    assert answer
    assert answer.startswith(QUOTED) or max_calls <= MAX_SEARCHES
    assert len(library.calls) <= min(max_calls, MAX_CALLS)


async def test_a_question_of_many_words_takes_a_bounded_number_of_searches() -> None:
    library = Library({})
    words = " ".join(f"{chr(97 + n) * 30}" for n in range(20))
    await library.answer(f"What about {words}?")
    first = library.asked(SEARCH)[:MAX_SEARCHES]
    assert len(library.asked(SEARCH)) <= MAX_CALLS
    assert max(map(len, first)) <= 256
