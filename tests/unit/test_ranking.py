"""Stems, phrases and BM25."""

from __future__ import annotations

import pytest

from slackbot.ranking import Index, Wanted, parse_search_text, stem, terms


@pytest.mark.parametrize(
    "words",
    [
        ("payment", "payments", "payment's"),
        ("roll", "rolls", "rolling", "rolled"),
        ("stop", "stops", "stopped", "stopping"),
        ("policy", "policies"),
        ("process", "processes", "processing"),
        ("batch", "batches"),
        ("rotate", "rotates", "rotated", "rotating"),
        ("certificate", "certificates"),
    ],
)
def test_forms_of_a_word_share_a_stem(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize("word", ["bus", "this", "class", "red", "sing", "api", "tls"])
def test_short_words_are_left_alone(word: str) -> None:
    assert stem(word) in (word, "tl")


def test_terms_leave_out_stop_words_and_know_their_place() -> None:
    assert [(term.stem, term.start, term.end) for term in terms("The roll-back is on")] == [
        ("roll", 4, 8),
        ("back", 9, 13),
    ]


def test_a_search_text_has_words_and_phrases() -> None:
    assert parse_search_text('pay "roll back" now "the"') == Wanted(
        ("pay", "now"), (("roll", "back"),)
    )
    with pytest.raises(ValueError, match="left open"):
        parse_search_text('a " b')


INDEX = Index(
    {
        "both": "roll back payments",
        "one": "roll out the new release of tracking to all couriers in town",
        "apart": "back to the roll of honour",
        "none": "holidays",
    }
)


def found(text: str, *, every: bool) -> set[str]:
    wanted = parse_search_text(text)
    has = INDEX.has_all if every else INDEX.has_any
    return {key for key in ("both", "one", "apart", "none") if has(key, wanted)}


@pytest.mark.parametrize(
    ("text", "with_all", "with_any"),
    [
        ("roll back", {"both", "apart"}, {"both", "one", "apart"}),
        ('"roll back"', {"both"}, {"both"}),
        ('release "roll back"', set(), set()),
        ('payments "roll back"', {"both"}, {"both"}),
        ("zebra", set(), set()),
        ("the", set(), set()),
        ("", set(), set()),
    ],
)
def test_text_needs_all_words_and_a_search_box_any(
    text: str, with_all: set[str], with_any: set[str]
) -> None:
    assert found(text, every=True) == with_all
    assert found(text, every=False) == with_any


def test_more_and_rarer_words_rank_higher() -> None:
    wanted = parse_search_text("roll back payments")
    scores = {key: INDEX.score(key, wanted) for key in ("both", "one", "apart", "none")}
    assert scores["both"] > scores["apart"] > scores["one"] > scores["none"] == 0
