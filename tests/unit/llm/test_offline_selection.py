"""Which documents answer a question, which belong together, and which are out of date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kit.growth import assert_linear, repeated
from slackbot.llm.offline.documents import Document
from slackbot.llm.offline.outdated import is_outdated, replacement, title_without_year
from slackbot.llm.offline.passages import passages_of
from slackbot.llm.offline.question import Question, question_in
from slackbot.llm.offline.selection import MAX_DOCUMENTS, promise, select
from slackbot.messages import Message

NOISE = tuple(
    Document(f"https://x.example/noise/{n}", "Minutes", text, is_whole=True)
    for n, text in enumerate(
        ["The printer of the second floor.", "Lunch is at noon.", "A walk in the park."]
    )
)


def asked(text: str) -> Question:
    return question_in([Message("user", text)])


def document(
    title: str, content: str, *, year: int = 2026, is_whole: bool = True, found_by: str = ""
) -> Document:
    return Document(
        url=f"https://x.example/{title}",
        title=title,
        content=content,
        updated_at=datetime(year, 5, 4, tzinfo=UTC),
        is_whole=is_whole,
        found_by=frozenset({found_by} if found_by else ()),
    )


def quoted(question: str, *documents: Document) -> list[str]:
    """Return the titles of what is quoted, in order, each once."""
    chosen = select(asked(question), (*NOISE, *documents)).passages
    return list(dict.fromkeys(passage.document.title for passage in chosen))


def test_what_has_all_the_words_answers() -> None:
    assert quoted("Lunch?") == ["Minutes"]


@pytest.mark.parametrize(
    "text", ["The rooms have a password.", "A visitor came, too.", "The word is visitors' Wi-Fi."]
)
def test_one_rare_word_of_several_is_no_answer(text: str) -> None:
    """Wi-Fi counts as one word, however it is written."""
    asks = "What is the password of the Wi-Fi for guests?"
    assert quoted(asks, document("House", text)) == []


def test_two_rare_words_together_are_an_answer() -> None:
    asks = "Where do I forward a suspicious mail in the boss's name?"
    assert quoted(asks, document("Fraud", "Forward such mail to us.")) == ["Fraud"]


def test_the_same_words_in_one_passage_weigh_more_than_scattered() -> None:
    scattered = document("Scattered", "A kettle.\n\nSome lime.\n\nSteam.")
    together = document("Together", "A kettle has lime: use steam.\n\nNo.\n\nNo.")
    best = select(asked("kettle lime steam"), (*NOISE, scattered, together)).passages[0]
    assert best.document == together


def test_headings_count_for_what_stands_under_them() -> None:
    page = document("House", "## Kettle\n\nDescale it on Monday.\n\n## Door\n\nOpen on Monday.")
    (best, *_) = select(asked("When is the kettle descaled?"), (*NOISE, page)).passages
    assert best.headings == ("Kettle",)


def test_what_was_not_read_is_not_quoted_beside_what_was() -> None:
    seen = document("Seen", "Kettle and lime, in short.", is_whole=False)
    read = document("Read", "The kettle has lime.")
    assert quoted("kettle lime", seen, read) == ["Read"]
    assert select(asked("kettle lime"), (seen,)).passages[0].document == seen


def test_what_a_search_for_one_word_found_has_that_word_wherever() -> None:
    plain = document("Plain", "The kettle.", is_whole=False)
    found = document("Found", "The kettle.", is_whole=False, found_by="lime")
    expected = promise(asked("kettle lime"), (plain, found))
    assert expected.documents == (found, plain)
    assert expected.is_good


def test_a_promise_is_no_evidence_of_what_was_read() -> None:
    read = document("Read", "The kettle.", found_by="lime")
    assert quoted("kettle lime steam", read) == []


def test_documents_that_name_each_other_complete_each_other() -> None:
    """Each has one half of the answer."""
    ticket = document("OPS-12: Disk of the map full", "A slot had filled the disk with 351 GB.")
    thread = document("The map is frozen!", "It is live, after 99 minutes. Ticket is OPS-12.")
    asks = "How many minutes was the map frozen, and what had filled the disk?"
    assert quoted(asks, ticket, thread) == [ticket.title, thread.title]
    assert quoted(asks, ticket, document("Tea", "Wait three minutes.")) == [ticket.title]


def test_no_more_than_three_documents_are_quoted() -> None:
    alike = [document(f"Note {n}", "The kettle has lime.") for n in range(5)]
    assert len(quoted("kettle lime", *alike)) == MAX_DOCUMENTS


OLD = document("Holiday policy 2024", "26 days of holiday a year, 10 carry over.", year=2024)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, document("Time off", "This replaces “Holiday policy 2024”.\n\n30 days a year.")),
        (OLD, document("Holiday policy", "30 days of holiday a year, 5 carry over.")),
        (OLD, document("Holiday policies 2026", "30 days of holiday a year, 5 carry over.")),
        (
            document("Days off", "This page was replaced by “Leave”. 26 days of holiday a year."),
            document("Leave", "30 days of holiday a year."),
        ),
    ],
)
def test_what_is_replaced_gives_way(old: Document, new: Document) -> None:
    asks = "How many days of holiday a year, and how many carry over?"
    assert replacement(old, (*NOISE, old, new)) == new
    assert replacement(new, (*NOISE, old, new)) is None
    assert old.title not in quoted(asks, old, new)
    assert new.title in quoted(asks, old, new)


@pytest.mark.parametrize(
    "other",
    [
        document("Holiday policy", "30 days of holiday a year.", year=2023),
        document("Holiday pictures", "Beaches and mountains."),
        document("Travel", "The kettle was replaced. See the holiday policy 2023."),
    ],
)
def test_what_is_not_replaced_stays(other: Document) -> None:
    assert replacement(OLD, (OLD, other)) is None


def test_a_title_of_one_word_must_be_quoted_to_be_meant() -> None:
    expenses = document("Expenses", "Send the bill.")
    in_passing = document("Chairs", "Old chairs are replaced; expenses are ours.")
    meant = document("Costs", "This page replaces “Expenses”.")
    assert replacement(expenses, (in_passing,)) is None
    assert replacement(expenses, (in_passing, meant)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "OUTDATED\n\nSteps.",
        "State: DEPRECATED",
        "> This was the policy of 2024.",
        "It is outdated.",
    ],
)
def test_documents_say_that_they_are_outdated(text: str) -> None:
    page = document("Restart", f"{text}\n\nRestart the kettle.")
    assert is_outdated(page)
    assert select(asked("restart kettle"), (page,)).outdated == page


@pytest.mark.parametrize("text", ["Never use an outdated form.", "`OUTDATED = 1`", "Hello."])
def test_documents_that_speak_of_it_are_not_outdated(text: str) -> None:
    assert not is_outdated(document("Restart", text))


@pytest.mark.parametrize(
    ("title", "searched"),
    [("Holiday policy (2024)", "Holiday policy"), ("2024 plan", "plan"), ("2024", "2024")],
)
def test_a_newer_edition_is_looked_for_without_the_year(title: str, searched: str) -> None:
    assert title_without_year(document(title, "")) == searched


@pytest.mark.parametrize(
    ("unit", "fence"),
    [("- a\n\n", ""), ("\n", ""), ("a", ""), ("a.", ""), ("PAY-", ""), ("#", ""),
     ("x\n\n", "```\n"), ("? \n\n", ""), ("“replaces ", ""), ("[1", "")],
)  # fmt: skip
def test_no_document_takes_long(unit: str, fence: str) -> None:
    def pages(characters: int) -> list[Document]:
        text = f"{fence}{repeated(unit)(characters)}{fence}"
        return [document(f"PAY-{n}: a replaces", text) for n in range(3)]

    assert_linear(lambda documents: select(asked("a x replaces"), documents), pages, 30_000)


def test_code_is_cut_at_blank_lines_each_piece_between_fences() -> None:
    code = "\n\n".join(f"def f{n}():\n    return {'1 + ' * 40}{n}" for n in range(12))
    pieces = [passage.text for passage in passages_of(document("f.py", f"```py\n{code}\n```"))]
    assert len(pieces) > 1
    assert all(piece.startswith("```py\n") and piece.endswith("\n```") for piece in pieces)
    assert "\n".join(piece[6:-4] for piece in pieces).split() == code.split()


@pytest.mark.parametrize(
    "text",
    [
        "ana: And what is a fix?\n\nsam: What is broken.",
        "Deleted only if\n\n1. it is old",
    ],
)
def test_what_belongs_together_is_one_passage(text: str) -> None:
    assert [passage.text for passage in passages_of(document("Thread", text))] == [text]
