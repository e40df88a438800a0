"""The offline provider, in conversation with tools that return real documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.agent.citations import Citations, CitedText
from slackbot.llm.offline import OfflineProvider
from slackbot.llm.offline.provider import COURTESIES, NO_SOURCE, WHAT
from slackbot.llm.offline.quoting import QUOTED
from slackbot.llm.offline.steps import MAX_CALLS, MAX_MORE_SEARCHES, MAX_SEARCHES
from slackbot.messages import KnowledgeResult, Message, ReadMore, TokenUsage, ToolCall, ToolResult
from slackbot.tools import ToolSpec

ROLL_BACK = """\
How to return payments-api to the release before.

## When to roll back

Roll back when the error rate stays above 2 % for five minutes.

## Steps

1. Say in `#payments` that you are rolling back.
2. Run the tool:

   ```bash
   payctl rollback payments-api --to targets[0]
   ```
3. Watch the board.

## Who may do it

Anyone on call. No approval is needed; see the policy [7].
"""
ONBOARDING = """\
Welcome to the company.

| Day | Plan |
| --- | --- |
| Monday | Laptop and accounts |
"""
VACATION = """\
Everyone has 30 days of holiday a year. Your lead approves them in the portal.
"""
PAGES = {
    "1": ("Payments runbook", ROLL_BACK),
    "2": ("Onboarding", ONBOARDING),
    "3": ("Time off", VACATION),
}
KEYWORDS = {"type": "object", "properties": {"keywords": {}}, "required": ["keywords"]}
SEARCH = ToolSpec("search_confluence", "Search Confluence pages.", KEYWORDS)
READ = ToolSpec("read_confluence_page", "Read a page.", {"type": "object"})


def page(page_id: str, content: str | None = None) -> KnowledgeResult:
    title, text = PAGES[page_id]
    return KnowledgeResult(
        title=title,
        content=text if content is None else content,
        url=f"https://wiki.example/pages/{page_id}",
        source="Confluence",
        relevance_score=1.0,
        read_more=ReadMore(READ.name, {"page_id": page_id}),
    )


@dataclass
class Wiki:
    """Finds pages that hold any of the keywords, numbers them like the agent, and remembers."""

    tools: tuple[ToolSpec, ...] = (SEARCH, READ)
    broken: tuple[str, ...] = ()
    rounds: list[tuple[ToolCall, ...]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    finds: tuple[str, ...] | None = None

    async def answer(self, *thread: str) -> str:
        """Let the provider answer the last of what was said, in turns with answers before."""
        transcript: list[Message] = []
        for n, said in enumerate(thread):
            transcript += [Message("assistant", "…")] if n else []
            transcript.append(Message("user", said))
        while True:
            response = await OfflineProvider().complete(transcript, tools=self.tools)
            if not response.tool_calls:
                return response.content
            self.rounds.append(response.tool_calls)
            results = tuple(self.run(call) for call in response.tool_calls)
            transcript.append(Message("assistant", "", tool_calls=response.tool_calls))
            transcript.append(Message("user", "", tool_results=results))

    def run(self, call: ToolCall) -> ToolResult:
        if call.name in self.broken:
            return ToolResult("down", is_error=True, call_id=call.id)
        if call.name == READ.name:
            found = [page(str(call.arguments["page_id"]))]
        else:
            words = str(next(iter(call.arguments.values()))).lower().split()
            ids = self.finds if self.finds is not None else tuple(PAGES)
            found = [
                page(i, PAGES[i][1][:80])
                for i in ids
                if self.finds is not None or any(w[:5] in str(PAGES[i]).lower() for w in words)
            ]
        cited_as = tuple(self.numbers.setdefault(f.url, len(self.numbers) + 1) for f in found)
        return ToolResult("found", tuple(found), call_id=call.id, cited_as=cited_as)

    @property
    def searched(self) -> list[str]:
        return [
            str(next(iter(call.arguments.values())))
            for calls in self.rounds
            for call in calls
            if call.name.startswith("search_")
        ]


async def test_a_question_is_searched_read_and_quoted() -> None:
    wiki = Wiki()
    answer = await wiki.answer("How do we roll back payments?")

    assert wiki.searched == ["roll back payments", "payments", "roll", "back"]
    assert {call.name for call in wiki.rounds[1]} == {READ.name}
    assert answer.startswith(QUOTED)
    assert "**Payments runbook** [1]" in answer
    assert "_Steps_" in answer
    assert "payctl rollback payments-api --to targets[0]" in answer
    assert "Onboarding" not in answer


async def test_code_and_numbered_steps_stay_readable() -> None:
    answer = await Wiki().answer("How do we roll back payments?")
    assert "1. Say in `#payments` that you are rolling back.\n2. Run the tool:" in answer
    assert answer.count("```") == 2


async def test_a_bracketed_number_of_a_document_is_no_citation() -> None:
    answer = await Wiki().answer("Who may roll back payments, is approval needed?")
    assert "see the policy (7)" in answer


async def test_a_follow_up_uses_what_was_asked_before() -> None:
    """The word "approves" is also on the page about holidays, which nobody asked about."""
    wiki = Wiki()
    answer = await wiki.answer("How do we roll back payments?", "And who approves it?")

    assert wiki.searched[:2] == ["roll back payments approves", "roll back payments"]
    assert "No approval is needed" in answer
    assert "portal" not in answer


async def test_a_new_short_question_in_a_thread_is_its_own() -> None:
    wiki = Wiki()
    answer = await wiki.answer("How do we roll back payments?", "Holidays?")
    assert wiki.searched[0] == "Holidays"
    assert "30 days of holiday" in answer


async def test_in_a_thread_of_several_people_names_are_not_searched_for() -> None:
    wiki = Wiki()
    await wiki.answer("Ana Lima: how do we roll back payments?\nBo: @helper who approves that?")
    assert wiki.searched[:2] == ["roll back payments approves", "roll back payments"]


async def test_thanks_at_the_end_of_a_question_does_not_hide_it() -> None:
    wiki = Wiki()
    await wiki.answer("How do we roll back payments?\nThanks!")
    assert wiki.searched[0] == "roll back payments"


@pytest.mark.parametrize(
    "question",
    ["What is the capital of France?", "Qui est le président ?", "Which laptop won the race?"],
)
async def test_an_unrelated_question_is_told_that_nothing_was_found(question: str) -> None:
    """Even when a search returns everything that it has."""
    answer = await Wiki(finds=tuple(PAGES)).answer(question)
    assert "found nothing" in answer
    assert "[" not in answer


async def test_what_was_searched_for_is_said_when_nothing_was_found() -> None:
    wiki = Wiki(finds=())
    answer = await wiki.answer("Where is the holy grail?")
    assert "“holy grail”" in answer
    assert wiki.searched == ["holy grail", "grail", "holy"]


async def test_all_words_are_searched_for_then_the_longest_alone() -> None:
    """A search that wants all words of a long question finds nothing."""
    wiki = Wiki(finds=())
    await wiki.answer("Where are the red ink and the green office printer paper?")
    assert wiki.searched[0] == "red ink green office printer paper"
    assert wiki.searched[1:6] == ["printer", "office", "green", "paper", "red"]
    assert len(wiki.rounds[0]) == MAX_SEARCHES


async def test_when_nothing_will_do_other_words_are_tried() -> None:
    wiki = Wiki(finds=())
    await wiki.answer("Where is the runbook?")
    assert len(wiki.rounds) == 2
    assert "playbook" in [str(call.arguments["keywords"]) for call in wiki.rounds[1]]
    assert len(wiki.rounds[1]) <= MAX_MORE_SEARCHES


async def test_synonyms_find_each_other() -> None:
    answer = await Wiki().answer("How much vacation do I have?")
    assert "30 days of holiday" in answer


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("Hi!", COURTESIES["greeting"]),
        ("hello there, can you help me?", WHAT),
        ("Thanks a lot, that helped", COURTESIES["thanks"]),
        ("merci", COURTESIES["thanks"]),
        ("why?", WHAT),
        ("🎉", WHAT),
        (" ", WHAT),
    ],
)
async def test_what_is_no_question_gets_a_friendly_line_and_no_search(
    said: str, reply: str
) -> None:
    wiki = Wiki()
    assert await wiki.answer(said) == reply
    assert wiki.rounds == []


async def test_an_empty_conversation_is_asked_for_a_question() -> None:
    assert (await OfflineProvider().complete([])).content == WHAT


async def test_without_tools_it_says_that_nothing_is_connected() -> None:
    assert await Wiki(tools=()).answer("How do we roll back payments?") == NO_SOURCE


async def test_a_search_that_needs_more_than_keywords_is_left_alone() -> None:
    schema = {**KEYWORDS, "required": ["keywords", "project"]}
    odd = (ToolSpec("search_jira", "Jira.", schema), ToolSpec("search_x", "X.", {}))
    assert await Wiki(tools=odd).answer("How do we roll back payments?") == NO_SOURCE


async def test_all_sources_are_asked_at_once() -> None:
    github = ToolSpec("search_github", "Search GitHub.", {"properties": {"query": {}}})
    wiki = Wiki(tools=(SEARCH, github, READ))
    await wiki.answer("How do we roll back payments?")
    assert [(call.name, dict(call.arguments)) for call in wiki.rounds[0]][:2] == [
        ("search_confluence", {"keywords": "roll back payments"}),
        ("search_github", {"query": "roll back payments"}),
    ]
    assert len({call.id for call in wiki.rounds[0]}) == len(wiki.rounds[0]) == MAX_SEARCHES


async def test_the_search_over_all_sources_is_preferred() -> None:
    everywhere = ToolSpec("search_everywhere", "Search all.", KEYWORDS)
    wiki = Wiki(tools=(SEARCH, everywhere, READ))
    await wiki.answer("How do we roll back payments?")
    assert {call.name for call in wiki.rounds[0]} == {"search_everywhere"}


@pytest.mark.parametrize(
    ("tool", "description", "name"),
    [
        ("search_github", "Search issues on GitHub.", "GitHub"),
        ("search_slack_history", "Search what was said.", "Slack History"),
        ("search_everywhere", "Search all.", "the knowledge sources"),
    ],
)
async def test_a_source_that_failed_is_named(tool: str, description: str, name: str) -> None:
    wiki = Wiki(tools=(ToolSpec(tool, description, KEYWORDS),), broken=(tool,))
    answer = await wiki.answer("How do we roll back payments?")
    assert f"I could not ask {name} just now" in answer
    assert len(wiki.rounds) == 1


async def test_one_failed_source_does_not_hide_what_the_others_found() -> None:
    jira = ToolSpec("search_jira", "Search Jira.", KEYWORDS)
    wiki = Wiki(tools=(SEARCH, jira, READ), broken=("search_jira",))
    answer = await wiki.answer("How do we roll back payments?")
    assert "payctl rollback" in answer
    assert "I could not ask Jira just now" in answer


@pytest.mark.parametrize("tools", [(SEARCH,), (SEARCH, READ)])
async def test_without_the_whole_document_the_excerpt_is_quoted(
    tools: tuple[ToolSpec, ...],
) -> None:
    """Reading is not offered, or fails."""
    wiki = Wiki(tools=tools, broken=(READ.name,))
    answer = await wiki.answer("How can we return payments-api to the release before?")
    assert "How to return payments-api to the release before." in answer


async def test_results_without_a_number_are_quoted_without_one() -> None:
    call = ToolCall("a", SEARCH.name, {"keywords": "roll back payments"})
    history = [
        Message("user", "How do we roll back payments?"),
        Message("assistant", "", tool_calls=(call,)),
        Message("user", "", tool_results=(ToolResult("x", (page("1"),), call_id="a"),)),
    ]
    response = await OfflineProvider().complete(history, tools=[SEARCH])
    assert "**Payments runbook**\n" in response.content


async def test_the_answer_streams_in_small_pieces_that_add_up() -> None:
    pieces: list[str] = []

    async def on_text(piece: str) -> None:
        pieces.append(piece)

    history = [Message("user", "hello")]
    response = await OfflineProvider().complete(history, on_text=on_text)

    assert "".join(pieces) == response.content == COURTESIES["greeting"]
    assert max(len(piece.split()) for piece in pieces) <= 4
    assert (response.model, response.usage, response.stop_reason) == (
        "offline",
        TokenUsage(),
        "end",
    )


def test_with_a_pace_the_pieces_come_one_after_another() -> None:
    heard_at: list[float] = []

    async def on_text(_: str) -> None:
        heard_at.append(virtual_clock())

    in_virtual_time(OfflineProvider(pace=2.0).complete([Message("user", "hello")], on_text=on_text))
    assert len(heard_at) > 2
    assert heard_at == [2.0 * number for number in range(1, len(heard_at) + 1)]


_words = st.sampled_from(
    (
        *("roll", "back", "payments", "approve", "holiday", "on-call", "wiki.", "Run!", "12"),
        *("[3]", "`x[1]`", "```", "`"),
    )
)
_line = st.builds(
    lambda mark, words: mark + " ".join(words),
    st.sampled_from(["", "", "- ", "1. ", "## ", "| ", "> ", "   "]),
    st.lists(_words, max_size=30),
)
_documents = st.lists(
    st.builds("\n".join, st.lists(st.one_of(st.just(""), st.just("```"), _line), max_size=25)),
    max_size=4,
)


@given(_documents, st.lists(_words, min_size=1, max_size=5))
@example(["", "```\n``` roll [3]", ""], ["roll"])
async def test_nothing_is_invented(documents: list[str], asked: list[str]) -> None:
    """Whatever documents hold: each that is quoted is cited, and every line stands in one."""
    citations = Citations()
    found = tuple(
        KnowledgeResult(f"Title [{n}] `", text, f"https://x.example/{n}", "Wiki", 1.0)
        for n, text in enumerate(documents)
    )
    call = ToolCall("a", SEARCH.name, {"keywords": "x"})
    result = citations.number(ToolResult("x", found, call_id="a"))
    history = [
        Message("user", " ".join(asked)),
        Message("assistant", "", tool_calls=(call,)),
        Message("user", "", tool_results=(result,)),
    ]

    response = await OfflineProvider().complete(history, tools=[SEARCH])

    cited = CitedText(citations)
    cited.feed(response.content)
    cited.finish()
    lines = response.content.splitlines()
    quoted = [line for line in lines if re.fullmatch(r"\*\*Title .*\*\* \[\d+\]", line)]
    assert len(citations.sources) == len(quoted)
    if quoted:
        known = [_bare(document) for document in documents]
        for line in lines[1:]:
            text = _bare(line.removeprefix("… ").removesuffix("…").strip())
            text = re.sub(r"^_(.*)_$", r"\1", text)
            assert line in quoted or any(text in document for document in known)


def _bare(text: str) -> str:
    """Return a text without what a quotation may change: brackets and backticks."""
    return re.sub(r"[()\[\]`]", "", text)


def _document(n: int, text: str) -> KnowledgeResult:
    return KnowledgeResult(f"Roll back {n}", text, f"https://x.example/{n}", "Wiki", 1.0)


async def _quote(*texts: str) -> str:
    """Let the provider answer how to roll back payments from these documents."""
    found = tuple(_document(n, text) for n, text in enumerate(texts, start=1))
    result = ToolResult("x", found, call_id="a", cited_as=tuple(range(1, len(found) + 1)))
    history = [
        Message("user", "How do we roll back payments?"),
        Message("assistant", "", tool_calls=(ToolCall("a", SEARCH.name, {"keywords": "x"}),)),
        Message("user", "", tool_results=(result,)),
    ]
    return (await OfflineProvider().complete(history, tools=[SEARCH])).content


async def test_an_answer_stays_short_and_quotes_three_documents_at_most() -> None:
    sentence = "To roll back payments, ask somebody who has done it before. "
    answer = await _quote(*[sentence * 5] * 5)
    assert answer.count("**Roll back") == 3
    assert len(answer) < 1500


async def test_what_no_longer_fits_is_left_out() -> None:
    paragraph = "To roll back payments, ask somebody who has done it before. " * 6
    answer = await _quote("\n\n".join([paragraph] * 5))
    assert 900 < len(answer) < 1300


async def test_a_long_paragraph_is_quoted_from_its_most_telling_sentence() -> None:
    filler = "The team has existed for many years and is proud of it. " * 20
    answer = await _quote(f"{filler}To roll back payments, call Kim. {filler}")
    assert "… To roll back payments, call Kim. The team" in answer
    assert answer.endswith(" …")
    assert len(answer) < 1000


async def test_a_long_list_is_cut_between_its_items() -> None:
    items = [f"- step {n} to roll back payments" for n in range(100)]
    lines = (await _quote("\n".join(items))).splitlines()
    quoted = [line for line in lines if line.startswith("- ")]
    assert quoted == items[: len(quoted)]
    assert lines[-1] == "…"


async def test_long_code_is_cut_and_closed() -> None:
    answer = await _quote("Roll back payments:\n\n```\n" + "payctl rollback --step\n" * 100 + "```")
    assert answer.endswith("payctl rollback --step\n…\n```")


async def test_an_endless_word_is_cut_too() -> None:
    answer = await _quote("Roll back payments " + "x" * 5000)
    assert len(answer) < 1000


async def test_lists_with_gaps_stay_together() -> None:
    answer = await _quote("Roll back payments:\n\n- one\n\n- two\n\nUnrelated words.")
    assert "Roll back payments:\n\n- one\n\n- two" in answer
    assert "Unrelated" not in answer


@given(st.text(max_size=200), st.text(max_size=200))
async def test_no_text_breaks_it(earlier: str, question: str) -> None:
    wiki = Wiki()
    assert await wiki.answer(earlier, question)
    assert sum(len(calls) for calls in wiki.rounds) <= MAX_CALLS
