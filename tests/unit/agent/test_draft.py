"""What of a round's text is shown, and when."""

from __future__ import annotations

from dataclasses import dataclass, field

from slackbot.agent.citations import Citations
from slackbot.agent.draft import HELD_CHARACTERS, Draft


@dataclass
class Reader:
    shown: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    async def on_text(self, markdown: str) -> None:
        self.shown.append(markdown)

    async def on_status(self, text: str) -> None:
        self.statuses.append(text)


async def test_a_lone_first_sentence_is_held_back_and_can_become_a_status() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    for piece in ("I'll look ", "in Confluence. "):
        await draft.write(piece)
    assert reader.shown == []
    assert await draft.become_status() == "I'll look in Confluence."
    assert draft.text == ""


async def test_a_second_sentence_shows_that_it_is_an_answer() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    await draft.write("Run it.")
    assert reader.shown == []
    await draft.write(" Then wait")
    assert reader.shown == ["Run it. Then wait"]
    await draft.write(" for it.")
    assert reader.shown == ["Run it. Then wait", " for it."]


async def test_a_line_of_its_own_is_no_preamble() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    await draft.write("Steps\n")
    assert reader.shown == ["Steps\n"]


async def test_a_long_first_sentence_is_not_held_for_ever() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    await draft.write("x" * (HELD_CHARACTERS + 1))
    assert reader.shown == ["x" * (HELD_CHARACTERS + 1)]


async def test_a_short_answer_is_shown_at_the_end_of_the_round() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    await draft.write("\n Yes. ")
    await draft.finish()
    assert "".join(reader.shown) == "Yes. "


async def test_shown_text_stays_when_a_tool_call_follows() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=False)
    await draft.write("It is down. I will look why [")
    assert await draft.become_status() == ""
    assert draft.text == "It is down. I will look why ["


async def test_a_round_after_shown_text_begins_a_paragraph() -> None:
    reader = Reader()
    draft = Draft(Citations(), reader, continues=True)
    await draft.write("Here it is.")
    await draft.finish()
    assert reader.shown == ["\n\nHere it is."]
