"""What the system prompt says, and what it must not."""

from __future__ import annotations

from datetime import date

from slackbot.agent.prompt import NO_TOOLS, NOTHING_TO_LOOK_UP, SEARCH_ADVICE, Prompt
from slackbot.tools import ToolSpec

TODAY = date(2026, 11, 21)
TOOL = ToolSpec("search_docs", "Search.", {})


def test_it_says_who_and_when() -> None:
    text = Prompt(persona="Pip, the parrot of Acme").system(TODAY, [TOOL])
    assert text.startswith(
        "You are Pip, the parrot of Acme.\n\nToday is Saturday, 21 November 2026."
    )


def test_the_operators_instructions_come_last() -> None:
    assert Prompt(instructions="Speak like a pirate.").system(TODAY, []).endswith("like a pirate.")


def test_advice_on_searching_needs_something_to_search() -> None:
    assert SEARCH_ADVICE in Prompt().system(TODAY, [TOOL])
    assert NO_TOOLS not in Prompt().system(TODAY, [TOOL])
    assert NO_TOOLS in Prompt().system(TODAY, [])


def test_a_courtesy_is_told_as_one_and_not_as_a_lack_of_tools() -> None:
    text = Prompt().system(TODAY, [], is_courtesy=True)
    assert NOTHING_TO_LOOK_UP in text
    assert NO_TOOLS not in text
