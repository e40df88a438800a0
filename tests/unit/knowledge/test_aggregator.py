"""Several sources asked at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.agent.budget import ToolBudget
from slackbot.agent.dispatch import Toolbox
from slackbot.errors import SourceUnauthorized, SourceUnavailable
from slackbot.knowledge import KnowledgeAggregator, KnowledgeResult, KnowledgeSource
from slackbot.knowledge.aggregator import MAX_RESULTS, merge_by_rank
from slackbot.knowledge.base import Findings
from slackbot.messages import ToolCall
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.knowledge.aggregator import Gathered
    from slackbot.tools import Tool

CONTEXT = RunContext(run_id="r", team="T1", channel="C1", thread_ts="1.0", asker="U1", deadline=2e9)


def result(name: str, source: str = "Wiki") -> KnowledgeResult:
    return KnowledgeResult(name, f"about {name}", f"https://x.example/{name}", source, 0.1)


@dataclass(frozen=True)
class Source:
    """Finds the same whatever it is asked, after a while, or fails."""

    source_name: str
    finds: tuple[KnowledgeResult, ...] = ()
    error: Exception | None = None
    seconds: float = 0.0

    async def search(self, query: str) -> list[KnowledgeResult]:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return list(self.finds)

    def tools(self) -> Sequence[Tool]:
        return ()

    async def check(self) -> None:
        if self.error is not None:
            raise self.error


WIKI = Source("Wiki", (result("a"), result("b")))
TRACKER = Source("Tracker", (result("c", "Tracker"), result("b", "Tracker")))


def test_a_source_is_anything_with_a_name_a_search_tools_and_a_check() -> None:
    source: KnowledgeSource = WIKI
    assert source.source_name == "Wiki"


async def test_results_are_merged_by_rank() -> None:
    found = await KnowledgeAggregator([WIKI, TRACKER]).search("x")
    assert [one.title for one in found] == ["b", "a", "c"]
    assert found[0].source == "Wiki"
    assert found[0].relevance_score == pytest.approx(2 / 62)
    assert found[1].relevance_score == pytest.approx(1 / 61)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (SourceUnavailable("down"), "warning"),
        (SourceUnauthorized("refused"), "warning"),
        (ZeroDivisionError(), "error"),
    ],
)
async def test_a_source_that_fails_is_named_and_left_out(error: Exception, level: str) -> None:
    with capture_logs() as logs:
        gathered = await KnowledgeAggregator([Source("Broken", error=error), WIKI]).gather("x")
    assert [one.title for one in gathered.results] == ["a", "b"]
    assert gathered.unavailable == ("Broken",)
    assert [(log["source"], log["log_level"]) for log in logs] == [("Broken", level)]


@dataclass(frozen=True)
class TellingSource(Source):
    """Finds the name of the asker for the tool, and nothing for anybody else."""

    async def search_for(self, query: str, context: RunContext) -> list[KnowledgeResult]:
        return [result(f"{query} for {context.asker}")]


@dataclass(frozen=True)
class HalfASource(Source):
    """Finds what it finds, in the part of it that answers."""

    async def search_parts(self, query: str) -> Findings:
        return Findings(await self.search(query), is_partial=True)


async def test_a_source_of_which_a_part_failed_is_named() -> None:
    aggregator = KnowledgeAggregator([HalfASource("Forge", (result("c", "Forge"),)), WIKI])
    told = await aggregator.tool().run({"keywords": "x"}, CONTEXT)
    assert told.content == "3 found. Could be asked in part only: Forge."
    assert told.unreached == ("Forge",)


async def test_a_source_that_tells_askers_apart_is_told_who_asks() -> None:
    aggregator = KnowledgeAggregator([TellingSource("Chat"), Source("Wiki")])
    told = await aggregator.tool().run({"keywords": "x"}, CONTEXT)
    assert [one.title for one in told.found] == ["x for U1"]
    assert await aggregator.search("x") == []


def test_a_slow_source_does_not_hold_up_the_others() -> None:
    async def gather() -> tuple[Gathered, float]:
        aggregator = KnowledgeAggregator([Source("Slow", seconds=30), WIKI], timeout=10)
        return await aggregator.gather("x"), virtual_clock()

    with capture_logs() as logs:
        gathered, took = in_virtual_time(gather())
    assert took < 10
    assert [one.title for one in gathered.results] == ["a", "b"]
    assert gathered.unavailable == ("Slow",)
    assert logs[0]["event"] == "source.timed_out"


@pytest.mark.parametrize(
    ("timeout", "seconds_left"),
    [(5.0, 60.0), (60.0, 5.0)],
    ids=["the tool's time-out", "the run's deadline"],
)
def test_what_was_found_is_handed_over_before_the_tools_time_is_up(
    timeout: float, seconds_left: float
) -> None:
    """The agent gives a tool as much time as the aggregator has, and then drops what it found."""
    aggregator = KnowledgeAggregator([Source("Slow", seconds=300), WIKI], timeout, virtual_clock)
    tool, context = aggregator.tool(), replace(CONTEXT, deadline=seconds_left)
    toolbox = Toolbox({tool.spec.name: tool}, context, timeout, clock=virtual_clock)
    with capture_logs():
        call = ToolCall("1", tool.spec.name, {"keywords": "x"})
        (told,) = in_virtual_time(toolbox.dispatch([call], ToolBudget(1)))
    assert told.content == "2 found. Could not be asked: Slow."
    assert [one.title for one in told.found] == ["a", "b"]


async def test_no_more_is_found_than_a_model_has_use_for() -> None:
    many = [Source(name, tuple(result(f"{name}{n}") for n in range(10))) for name in "abcd"]
    found = await KnowledgeAggregator(many).search("x")
    assert len(found) == MAX_RESULTS
    assert {one.title[0] for one in found} == set("abcd")


def test_sources_are_asked_side_by_side() -> None:
    async def search() -> float:
        slow = [Source(f"Slow {number}", seconds=5) for number in range(5)]
        await KnowledgeAggregator(slow).search("x")
        return virtual_clock()

    assert in_virtual_time(search()) == 5


async def test_cancelling_passes_through() -> None:
    task = asyncio.create_task(KnowledgeAggregator([Source("Slow", seconds=30)]).search("x"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("sources", "content", "is_error"),
    [
        ([WIKI], "2 found.", False),
        ([Source("Empty")], "Nothing found; other words may match.", False),
        ([WIKI, Source("Broken", error=SourceUnavailable())],
         "2 found. Could not be asked: Broken.", False),
        ([Source("A", error=SourceUnavailable()), Source("B", error=SourceUnavailable())],
         "Could not be asked: A, B.", True),
        ([Source("Empty"), Source("Broken", error=SourceUnavailable())],
         "Nothing found; other words may match. Could not be asked: Broken.", False),
    ],
)  # fmt: skip
async def test_the_tool_says_who_could_not_be_asked(
    sources: list[Source], content: str, is_error: bool
) -> None:
    with capture_logs():
        told = await KnowledgeAggregator(sources).tool().run({"keywords": "x"}, CONTEXT)
    assert (told.content, told.is_error) == (content, is_error)


async def test_the_tool_names_its_sources_and_checks_its_arguments() -> None:
    tool = KnowledgeAggregator([WIKI, TRACKER]).tool()
    assert tool.spec.name == "search_everywhere"
    assert "Wiki, Tracker" in tool.spec.description
    assert (await tool.run({"keywords": ""}, CONTEXT)).is_error


NAMES = st.sampled_from("abcdefgh")
RANKINGS = st.lists(st.lists(NAMES, unique=True, max_size=8), max_size=5)


@given(RANKINGS)
def test_merging_keeps_each_document_once_and_the_best_first(rankings: list[list[str]]) -> None:
    merged = merge_by_rank([[result(name) for name in ranking] for ranking in rankings])
    assert sorted(one.title for one in merged) == sorted({name for one in rankings for name in one})
    scores = [one.relevance_score for one in merged]
    assert scores == sorted(scores, reverse=True)


@given(st.lists(NAMES, unique=True))
def test_one_ranking_keeps_its_order(names: list[str]) -> None:
    merged = merge_by_rank([[result(name) for name in names]])
    assert [one.title for one in merged] == names
