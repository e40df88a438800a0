"""Courtesies need no search; whatever else may be meant does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.growth import assert_linear, repeated
from slackbot.small_talk import SmallTalk, small_talk


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("thanks", "thanks"),
        ("Thanks a lot!", "thanks"),
        ("Thank you so much 🙏", "thanks"),
        ("thanks for the quick answer!", "thanks"),
        ("Great, thanks. That helped a lot :tada:", "thanks"),
        ("ok thanks", "thanks"),
        ("you’re the best", "thanks"),
        ("Vielen Dank!", "thanks"),
        ("hi", "greeting"),
        ("Good morning everyone", "greeting"),
        ("Hello there! 👋", "greeting"),
        ("bonjour", "greeting"),
        ("great", "reaction"),
        ("that makes sense", "reaction"),
        ("Ok, got it.", "reaction"),
        ("that's very helpful", "reaction"),
        ("👍", "reaction"),
        (":+1: :tada:", "reaction"),
        ("👩🏽‍💻❤️", "reaction"),
        ("Perfect, exactly what I needed!", "reaction"),
        ("how cool is that", None),
    ],
)
def test_a_courtesy_after_an_answer_is_told(text: str, kind: SmallTalk | None) -> None:
    assert small_talk(text, follows_answer=True) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "...",
        "yes",
        "yes please",
        "go ahead",
        "no",
        "sure",
        "thanks, and who approves it?",
        "thanks, where is that written",
        "hi, help me",
        "hi, holidays",
        "hello?",
        "ok?",
        "great, do it",
        "nice, what about tracking",
        "it works now but the queue still grows",
        "that works, except for refunds",
        "why",
        "more",
        "rollback",
        "thanks @ben for the runbook link",
        "cool, PAY-312",
        "great 12",
        "good morning, on call",
        "hey team retro",
        "ok " * 200,
        "’",
        "that’s",
    ],
)
def test_when_in_doubt_it_is_no_courtesy(text: str) -> None:
    assert small_talk(text, follows_answer=True) is None


@pytest.mark.parametrize("text", ["great", "right", "good", "👍", "ok", "makes sense"])
def test_a_reaction_needs_something_to_react_to(text: str) -> None:
    assert small_talk(text, follows_answer=False) is None


@pytest.mark.parametrize("text", ["thanks", "hello there"])
def test_thanks_and_greetings_stand_for_themselves(text: str) -> None:
    assert small_talk(text, follows_answer=False) is not None


@given(st.text(max_size=200))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert small_talk(text, follows_answer=True) in (None, "thanks", "greeting", "reaction")


@pytest.mark.parametrize("unit", ["very ", "so great ", "thanks ", "👍", ":+1:", "a", "hi,"])
def test_hostile_text_costs_little(unit: str) -> None:
    for length in (120, 12_000):
        assert_linear(
            lambda text: small_talk(text, follows_answer=True), repeated(unit), length * len(unit)
        )
