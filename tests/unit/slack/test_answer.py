"""The mark by which the record tells what a message answers."""

from __future__ import annotations

import pytest

from slackbot.slack.answer import answer_metadata, answered_ts


def test_what_is_marked_is_found() -> None:
    assert answered_ts({"metadata": answer_metadata("1.5", "partial")}) == "1.5"


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
    assert answered_ts({"metadata": metadata}) is None
