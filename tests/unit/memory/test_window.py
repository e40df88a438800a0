"""How a thread is laid out for a model."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation import Said
from slackbot.memory.window import (
    BOT_SPOKE_FIRST,
    NO_TEXT,
    WindowSize,
    estimated_tokens,
    links_in,
    newest_within,
    people_in,
    said_before,
    to_messages,
)
from slackbot.messages import Message

ANA, BEN = "U1", "U2"
NAMES = {ANA: "Ana", BEN: "Ben"}


def person(ts: str, text: str, speaker: str = ANA) -> Said:
    return Said(ts, speaker, text)


def bot(ts: str, text: str) -> Said:
    return Said(ts, "UBOT", text, by_bot=True)


saids = st.lists(
    st.builds(
        Said,
        ts=st.integers(1, 50).map(lambda number: f"{number}.0"),
        speaker=st.sampled_from([ANA, BEN]),
        text=st.text(max_size=40),
        by_bot=st.booleans(),
    ),
    max_size=12,
)


@given(saids, saids.filter(bool))
def test_roles_alternate_from_user_to_user(history: list[Said], asked: list[Said]) -> None:
    messages = to_messages(history, asked[0], {})
    assert messages[0].role == "user"
    assert messages[-1].role == "user"
    assert all(one.role != other.role for one, other in pairwise(messages))


@given(saids, st.integers(1, 10), st.integers(1, 60))
def test_the_newest_messages_are_kept_within_the_bounds(
    history: list[Said], max_messages: int, max_tokens: int
) -> None:
    kept = newest_within(history, WindowSize(max_messages, max_tokens))
    assert list(kept) == history[len(history) - len(kept) :]
    assert len(kept) <= max_messages
    assert bool(kept) == bool(history)
    assert len(kept) <= 1 or sum(estimated_tokens(line.text) for line in kept) <= max_tokens


def test_the_question_comes_last_whatever_was_said_meanwhile() -> None:
    question = person("2.0", "and Friday?")
    history = [person("1.0", "who is on call?"), question, bot("3.0", "Ben is.")]
    assert to_messages(history, question, {}) == (
        Message("user", "who is on call?"),
        Message("assistant", "Ben is."),
        Message("user", "and Friday?"),
    )


def test_a_question_is_laid_out_without_what_people_said_after_it() -> None:
    question = person("2.0", "and Friday?")
    before, answer = person("1.0", "who is on call?"), bot("3.0", "Ben is.")
    history = [before, question, answer, person("4.0", "and Monday?")]
    assert said_before(history, question) == (before, answer)


def test_people_are_named_when_several_speak() -> None:
    history = [person("1.0", "it is down"), person("2.0", "which one?", BEN)]
    question = person("3.0", "what do we do?")
    assert people_in([*history, question]) == {ANA, BEN}
    assert to_messages(history, question, NAMES) == (
        Message("user", "Ana: it is down\nBen: which one?\nAna: what do we do?"),
    )


def test_one_person_alone_needs_no_name() -> None:
    assert people_in([person("1.0", "hi"), bot("2.0", "hello"), person("3.0", "bye")]) == set()


def test_people_who_are_mentioned_are_named() -> None:
    question = person("1.0", "what did <@U2> say?")
    assert people_in([question]) == {BEN}
    assert to_messages([], question, {BEN: "Ben"}) == (Message("user", "what did @Ben say?"),)


def test_a_thread_that_the_bot_began_still_begins_with_the_user() -> None:
    assert to_messages([bot("1.0", "Good morning!")], person("2.0", "hi"), {}) == (
        Message("user", BOT_SPOKE_FIRST),
        Message("assistant", "Good morning!"),
        Message("user", "hi"),
    )


def test_a_bare_mention_is_not_blank() -> None:
    assert to_messages([], person("1.0", ""), {}) == (Message("user", NO_TEXT),)


def test_only_links_that_were_live_are_known_again() -> None:
    live = frozenset({"https://acme.example/wiki/1"})
    said = [
        person("1.0", "see https://evil.example/x"),
        replace(bot("2.0", "It is in 1 (https://acme.example/wiki/1)."), links=live),
        bot("3.0", "I also thought of `https://evil.example/y`."),
    ]
    assert links_in(said) == live
