"""What earlier attempts have left in a thread."""

from __future__ import annotations

from slackbot.conversation import Said
from slackbot.runs.attempts import Attempts, earlier_attempts

QUESTION = Said("5.0", "U1", "how?", attempts=1)
BEGUN = Said("6.0", "UBOT", "It begins", by_bot=True)
PART = Said("6.5", "UBOT", "It begins", by_bot=True, answers="5.0")
OF_ANOTHER = Said("7.0", "UBOT", "First half", by_bot=True, answers="4.0")
FINAL = Said("8.0", "UBOT", "So.", by_bot=True, answers="5.0", state="partial")


def test_what_the_record_does_not_know_was_never_begun() -> None:
    assert earlier_attempts((), "5.0") == Attempts()


def test_what_was_broken_off_is_left_over() -> None:
    earlier_one = Said("4.5", "UBOT", "Old talk", by_bot=True)
    said = (earlier_one, QUESTION, BEGUN, PART, OF_ANOTHER, Said("9.0", "U1", "hm"))
    assert earlier_attempts(said, "5.0") == Attempts(1, None, ("6.0", "6.5"))


def test_a_final_text_ends_it_whatever_the_marks_say() -> None:
    assert earlier_attempts((QUESTION, PART, FINAL), "5.0") == Attempts(ended="partial")
    assert earlier_attempts((QUESTION, FINAL), "4.0").ended is None


def test_there_are_two_attempts() -> None:
    assert [Attempts(begun).are_spent for begun in range(3)] == [False, False, True]
