"""The mark by which the record tells what a message answers."""

from __future__ import annotations

import pytest

from slackbot.slack.delivery.answer import answer_metadata, answered, part_metadata


def test_what_is_marked_is_found() -> None:
    assert answered({"metadata": answer_metadata("1.5", "partial")}) == ("1.5", "partial")


def test_a_part_is_no_end() -> None:
    assert answered({"metadata": part_metadata("1.5", 0)}) == ("1.5", None)


def test_an_end_of_an_unknown_kind_is_an_end() -> None:
    payload = {"source_ts": "1.5", "state": "splendid"}
    metadata = {"event_type": "slackbot_answer", "event_payload": payload}
    assert answered({"metadata": metadata}) == ("1.5", "answered")


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        "x",
        {},
        {"event_type": "other", "event_payload": {"source_ts": "1.5"}},
        {"event_type": "slackbot_answer"},
        {"event_type": "slackbot_answer", "event_payload": {}},
        {"event_type": "slackbot_answer", "event_payload": {"source_ts": 1}},
    ],
)
def test_other_metadata_is_no_answer(metadata: object) -> None:
    assert answered({"metadata": metadata}) == (None, None)
