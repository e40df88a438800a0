"""How results are numbered, and what becomes of the numbers that a model cites."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.knowledge import REVIEW, RUNBOOK
from slackbot.agent.citations import Citations, CitedText, link_target
from slackbot.agent.results import MAX_HITS, written
from slackbot.messages import ToolResult

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A = f"[1]({RUNBOOK.url})"
B = f"[2]({REVIEW.url})"


def rendered(text: str, citations: Citations | None = None) -> str:
    cited = CitedText(citations or numbered())
    return cited.feed(text) + cited.finish()


def numbered() -> Citations:
    citations = Citations()
    citations.number(ToolResult("", (RUNBOOK, REVIEW)))
    return citations


def test_results_are_written_out_with_their_numbers() -> None:
    result = Citations(lambda: 0.0).number(ToolResult("Found 2.", (RUNBOOK, REVIEW)))
    assert result.cited_as == (1, 2)
    assert result.content == written(ToolResult("Found 2.", (RUNBOOK, REVIEW)), (1, 2), EPOCH)


def test_only_what_is_shown_can_be_cited() -> None:
    many = tuple(replace(RUNBOOK, url=f"https://acme.example/{n}") for n in range(MAX_HITS + 5))
    citations = Citations()
    result = citations.number(ToolResult("Found many.", many))
    assert len(result.found) == len(result.cited_as) == len(citations.links) == MAX_HITS


def test_sources_that_could_not_be_asked_are_kept_in_mind_unless_they_gave_something() -> None:
    citations = Citations()
    citations.number(ToolResult("Not asked.", is_error=True, unreached=("Jira", "Confluence")))
    citations.number(ToolResult("Not asked.", is_error=True, unreached=("Jira",)))
    assert list(citations.unreached) == ["Jira", "Confluence"]
    citations.number(ToolResult("", (RUNBOOK,)))
    assert list(citations.unreached) == ["Jira"]
    citations.number(ToolResult("", (RUNBOOK,), unreached=("Confluence",)))
    assert list(citations.unreached) == ["Jira", "Confluence"]


def test_the_same_document_keeps_its_number() -> None:
    citations = numbered()
    assert citations.number(ToolResult("", (REVIEW, RUNBOOK))).cited_as == (2, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run it [1].", f"Run it {A}."),
        ("Run it [1][2].", f"Run it {A}{B}."),
        ("Run it [1, 2].", f"Run it {A}{B}."),
        ("Run it [7].", "Run it."),
        ("Run it [0].", "Run it."),
        ("Run it [1, 7].", f"Run it {A}."),
        ("a[1] is cited", f"a{A} is cited"),
        ("`a[1]` is code [1]", f"`a[1]` is code {A}"),
        ("``a`[1]`` is code", "``a`[1]`` is code"),
        ("```\na[1]\n```\nand [1]", f"```\na[1]\n```\nand {A}"),
        ("```\na ` b[1]\n````\nand [1]", f"```\na ` b[1]\n````\nand {A}"),
        ("a lone ` here\nand [1]", f"a lone ` here\nand {A}"),
        ("[a link](https://x.example)", "[a link](https://x.example)"),
        ("an open [1", "an open [1"),
        ("a space at the end ", "a space at the end "),
    ],
)
def test_citations_become_links(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_the_reader_counts_in_the_order_of_citation() -> None:
    citations = numbered()
    assert rendered("First [2], then [1], then [2].", citations) == (
        f"First [1]({REVIEW.url}), then [2]({RUNBOOK.url}), then [1]({REVIEW.url})."
    )
    assert citations.sources == (REVIEW, RUNBOOK)


def test_only_what_was_found_may_be_live() -> None:
    assert numbered().links == {RUNBOOK.url, REVIEW.url}


def test_an_address_cannot_end_its_link_early() -> None:
    odd = replace(RUNBOOK, url="https://acme.example/a (b)<c>?q=1&r=%20#top")
    citations = Citations()
    citations.number(ToolResult("", (odd,)))
    assert rendered("[1]", citations) == (
        "[1](https://acme.example/a%20%28b%29%3Cc%3E?q=1&r=%20#top)"
    )
    assert link_target(odd.url) in citations.links


@given(
    st.lists(
        st.sampled_from(["[1]", "[", "2", "]", "[9]", " ", "`", "```", "\n", "x", ", ", "[2"])
    ),
    st.data(),
)
def test_a_stream_renders_like_the_whole_however_it_is_cut(
    tokens: list[str], data: st.DataObject
) -> None:
    text = "".join(tokens)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    cited = CitedText(numbered())
    edges = zip([0, *cuts], [*cuts, len(text)], strict=True)
    streamed = "".join(cited.feed(text[start:end]) for start, end in edges) + cited.finish()
    assert streamed == rendered(text)
