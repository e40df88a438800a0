"""How an answer ends: with all that was written, and what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kit.knowledge import RUNBOOK
from slackbot.agent.citations import Citations
from slackbot.agent.writing import UNREACHED, Writing
from slackbot.conversation import Outcome
from slackbot.messages import ToolResult

NOW = datetime(2026, 11, 21, tzinfo=UTC).timestamp()


class Silent:
    """A reply of which only the text counts."""

    async def write(self, markdown: str, links: object) -> None:
        pass


async def ended(text: str, *unreached: str, last_words: str = "") -> str:
    citations = Citations(lambda: NOW)
    citations.number(ToolResult("", (RUNBOOK,), unreached=unreached))
    writing = Writing(Silent(), citations)  # type: ignore[arg-type] # it writes, and no more
    if text:
        await writing.on_text(text)
    writing.end("answered", last_words)
    assert isinstance(writing.outcome, Outcome)
    return writing.outcome.text


async def test_sources_that_could_not_be_asked_are_named_below_the_answer() -> None:
    note = UNREACHED.format(sources="Jira and GitHub")
    assert await ended("It is so.", "Jira", "GitHub") == f"It is so.\n\n{note}"
    assert await ended("It is so.", "Jira", "GitHub", last_words="Cut.") == (
        f"It is so.\n\n{note}\n\nCut."
    )


@pytest.mark.parametrize("text", ["I could not ask jira.", "JIRA is down."])
async def test_what_the_answer_names_itself_is_not_named_again(text: str) -> None:
    assert await ended(text, "Jira") == text


async def test_an_address_names_nobody() -> None:
    said = "See [1](https://jira.acme.example/browse/A-1) and https://acme.example/jira."
    assert (await ended(said, "Jira")).endswith(UNREACHED.format(sources="Jira"))


async def test_where_nothing_was_written_nothing_is_lacking() -> None:
    assert await ended("", "Jira", last_words="It failed.") == "It failed."
