"""Block Kit's limits: what is let through, and what is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from localslack import SlackError
from localslack.methods.block_kit import check_blocks

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTON: Json = {"type": "button", "action_id": "a", "text": plain("Go")}
GOOD: Json = {"text": plain("Good"), "value": "good"}
BAD: Json = {"text": plain("Bad"), "value": "bad"}
FEEDBACK: Json = {"type": "feedback_buttons", "positive_button": GOOD, "negative_button": BAD}
TRASH: Json = {"type": "icon_button", "icon": "trash", "text": plain("Delete")}
CELL: Json = {"type": "raw_text", "text": "x"}
CARD: Json = {"type": "task_card", "task_id": "1", "title": "Read", "status": "complete"}


def context_actions(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": list(elements)}


def table(rows: int, columns: int) -> Json:
    return {"type": "table", "rows": [[CELL] * columns] * rows}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": plain("x" * 3_000)},
        {"type": "section", "fields": [plain("x")] * 10},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "context", "elements": [plain("x")] * 10},
        {"type": "actions", "elements": [BUTTON] * 25},
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "divider", "block_id": "x" * 255},
        context_actions(FEEDBACK, TRASH, TRASH, TRASH, TRASH),
        table(100, 20),
        CARD,
        {"type": "plan", "title": "Two steps", "tasks": [CARD]},
        {"type": "rich_text", "elements": []},
    ],
    ids=lambda block: str(block["type"]),
)
def test_what_keeps_to_the_limits_is_let_through(block: Json) -> None:
    check_blocks([{"type": "divider"}, block])


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({}, "missing required field: type"),
        ({"type": "spell"}, "unsupported type: spell"),
        ({"type": ["section"]}, "unsupported type: ['section']"),
        ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters: block_id"),
        ({"type": "section"}, "missing required field: text"),
        ({"type": "section", "text": plain("x" * 3_001)}, "must be less than 3001 characters"),
        ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed: fields"),
        ({"type": "section", "fields": "x"}, "must be an array: fields"),
        (
            {"type": "section", "text": plain("x"), "accessory": "x"},
            "must be an object: accessory",
        ),
        ({"type": "header"}, "missing required field: text"),
        ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
        ({"type": "markdown", "text": ""}, "missing required field: text"),
        ({"type": "context"}, "missing required field: elements"),
        (
            {"type": "context", "elements": [plain("x")] * 11},
            "no more than 10 items allowed: elements",
        ),
        ({"type": "actions", "elements": "x"}, "missing required field: elements"),
        ({"type": "actions", "elements": ["x"]}, "missing required field: elements"),
        (
            {"type": "actions", "elements": [BUTTON] * 26},
            "no more than 25 items allowed: elements",
        ),
        (context_actions(*[TRASH] * 6), "no more than 5 items allowed: elements"),
        (context_actions(BUTTON), "unsupported element: button"),
        ({"type": "context_actions"}, "missing required field: elements"),
        (context_actions({"type": "icon_button"}), "missing required field: icon"),
        (
            context_actions(FEEDBACK | {"positive_button": None}),
            "missing required field: positive_button",
        ),
        (
            context_actions(FEEDBACK | {"negative_button": {"text": plain("Bad")}}),
            "missing required field: value",
        ),
        ({"type": "table"}, "missing required field: rows"),
        ({"type": "table", "rows": [CELL]}, "missing required field: rows"),
        (table(101, 1), "no more than 100 items allowed: rows"),
        (table(1, 21), "no more than 20 items allowed: cells"),
        (CARD | {"title": ""}, "missing required field: title"),
        (CARD | {"status": "done"}, "must be a valid enum value: status"),
        ({"type": "plan"}, "missing required field: title"),
    ],
)
def test_what_breaks_one_is_refused_with_its_place(block: Json, problem: str) -> None:
    with pytest.raises(SlackError, match="invalid_blocks") as caught:
        check_blocks([{"type": "divider"}, block])
    details: Any = caught.value.details["response_metadata"]
    assert f"[ERROR] {problem} [json-pointer:/blocks/1]" in details["messages"]


def test_there_are_at_most_so_many_blocks() -> None:
    with pytest.raises(SlackError, match="invalid_blocks"):
        check_blocks([{"type": "divider"}] * 51)
    check_blocks([{"type": "divider"}] * 100, 100)


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "markdown", "text": "x" * 6_001}] * 2,
        [{"type": "section", "text": plain("x" * 3_000)}] * 5,
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 2_000}]] * 7}],
    ],
)
def test_all_text_together_is_bounded(blocks: list[Json]) -> None:
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        check_blocks(blocks)
