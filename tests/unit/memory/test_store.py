"""What memory keeps of a thread, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from slackbot.conversation import Amended, Said, ThreadKey
from slackbot.memory.store import InMemoryThreads
from slackbot.memory.window import WindowSize

KEY = ThreadKey("T1", "C1", "1.0")
OTHER = ThreadKey("T1", "C1", "9.0")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> InMemoryThreads:
    return InMemoryThreads(max_threads=2, ttl_seconds=60, window=WindowSize(3, 1000), clock=clock)


def texts(memory: InMemoryThreads, key: ThreadKey = KEY) -> list[str]:
    thread = memory.recall(key)
    return [] if thread is None else [line.text for line in thread.said]


def line(ts: str, text: str, speaker: str = "U1") -> Said:
    return Said(ts, speaker, text)


def test_a_thread_that_is_not_the_bots_is_not_kept(memory: InMemoryThreads) -> None:
    memory.hear(KEY, line("1.0", "just talk"))
    memory.amend(Amended(KEY, "1.0", "edited talk"))
    assert memory.recall(KEY) is None


def test_what_people_say_between_mentions_is_kept_in_order_of_time(
    memory: InMemoryThreads,
) -> None:
    memory.join(KEY, "U1", 0)
    memory.hear(KEY, line("3.0", "third"))
    memory.hear(KEY, line("2.0", "second", "U2"))
    assert texts(memory) == ["second", "third"]


def test_a_second_copy_of_a_message_undoes_no_edit_and_no_deletion(
    memory: InMemoryThreads,
) -> None:
    memory.join(KEY, "U1", 0)
    memory.complete(KEY, ())
    copies = line("1.0", "one"), line("2.0", "two"), line("3.0", "three")
    for copy in copies:
        memory.hear(KEY, copy)
    memory.amend(Amended(KEY, "1.0", "ONE"))
    memory.amend(Amended(KEY, "2.0", None))
    for copy in copies:
        memory.hear(KEY, copy)
    assert texts(memory) == ["ONE", "three"]


def test_only_the_newest_deletions_are_kept_in_mind(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    for number in range(1, 9):
        memory.amend(Amended(KEY, f"{number}.0", None))
    thread = memory.recall(KEY)
    assert thread is not None
    assert thread.deleted == {"6.0", "7.0", "8.0"}


def test_edits_and_deletions_are_applied(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    memory.hear(KEY, line("1.0", "one"))
    memory.hear(KEY, line("2.0", "two"))
    memory.amend(Amended(KEY, "1.0", "ONE"))
    memory.amend(Amended(KEY, "2.0", None))
    assert texts(memory) == ["ONE"]


def test_the_record_completes_what_was_heard(memory: InMemoryThreads) -> None:
    """What was heard is newer than what the record said when it was read."""
    memory.join(KEY, "U1", 0)
    memory.hear(KEY, line("2.0", "heard, edited since"))
    thread = memory.complete(KEY, [line("1.0", "before"), line("2.0", "as it was")])
    assert thread.complete
    assert texts(memory) == ["before", "heard, edited since"]


def test_what_is_deleted_while_the_record_is_read_stays_deleted(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    memory.amend(Amended(KEY, "1.0", None))
    memory.complete(KEY, [line("1.0", "gone"), line("2.0", "here")])
    assert texts(memory) == ["here"]


def test_a_thread_keeps_its_newest_messages(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    for number in range(1, 6):
        memory.hear(KEY, line(f"{number}.0", str(number)))
    assert texts(memory) == ["3", "4", "5"]


def test_a_thread_is_forgotten_when_nobody_speaks_in_it(
    memory: InMemoryThreads, clock: Clock
) -> None:
    memory.join(KEY, "U1", 0)
    clock.now += 59
    memory.hear(KEY, line("1.0", "still here"))
    clock.now += 59
    assert texts(memory) == ["still here"]
    clock.now += 2
    assert memory.recall(KEY) is None


def test_the_thread_unused_for_longest_makes_room(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    memory.join(OTHER, "U1", 0)
    memory.join(ThreadKey("T1", "C2", "1.0"), "U1", 0)
    assert memory.recall(KEY) is None
    assert memory.recall(OTHER) is not None


def test_threads_with_the_same_ts_in_other_channels_and_teams_are_apart(
    memory: InMemoryThreads,
) -> None:
    memory.join(KEY, "U1", 0)
    assert memory.recall(ThreadKey("T1", "C2", "1.0")) is None
    assert memory.recall(ThreadKey("T2", "C1", "1.0")) is None


def test_everyone_who_asked_is_known_with_the_time_of_it(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 10)
    memory.join(KEY, "U2", 20)
    assert memory.join(KEY, "U1", 30).askers == {"U1": 30, "U2": 20}


def test_an_answer_is_known_by_the_message_it_answers(memory: InMemoryThreads) -> None:
    memory.join(KEY, "U1", 0)
    memory.hear(KEY, Said("2.0", "B", "the answer", by_bot=True, answers="1.0", state="partial"))
    thread = memory.recall(KEY)
    assert thread is not None
    assert thread.ended("1.0") == "partial"
    assert thread.ended("2.0") is None


def test_the_last_contact_counts_in_whatever_order_they_are_told(
    memory: InMemoryThreads,
) -> None:
    memory.join(KEY, "A", 5.0)
    assert memory.join(KEY, "A", 3.0).askers == {"A": 5.0}


def test_what_is_doubted_is_to_be_read_again(memory: InMemoryThreads) -> None:
    memory.join(KEY, "A", 5.0)
    memory.complete(KEY, [Said("1.0", "A", "what?")])
    memory.amend(Amended(KEY, "2.0", None))
    memory.doubt()
    thread = memory.recall(KEY)
    assert thread is not None
    assert (thread.said, thread.complete) == ((), False)
    assert thread.askers == {"A": 5.0}
    assert thread.deleted == {"2.0"}
