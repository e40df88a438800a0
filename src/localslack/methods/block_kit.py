"""Block Kit's limits, after Slack's documentation of each block and element.

A refusal names every problem and where it stands, as Slack does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from localslack.model import Json

BLOCKS_LIMIT = 50
MARKDOWN_LIMIT = 12_000  # all markdown blocks of a message together
SECTION_LIMIT, HEADER_LIMIT, FIELDS_LIMIT, ID_LIMIT = 3_000, 150, 10, 255
CONTEXT_LIMIT, CONTEXT_ACTIONS_LIMIT, ACTIONS_LIMIT = 10, 5, 25
ROWS_LIMIT, COLUMNS_LIMIT = 100, 20
ALL_BLOCKS_LIMIT = 13_000  # reported by users: msg_blocks_too_long beyond 12,000 to 13,000
TASK_STATES = frozenset({"pending", "in_progress", "complete", "error"})


def check_blocks(blocks: Sequence[Json], limit: int = BLOCKS_LIMIT) -> None:
    """Let blocks through that keep to the limits.

    Raises:
        SlackError: `invalid_blocks` or `msg_blocks_too_long`.
    """
    problems = list(_problems(blocks))
    if len(blocks) > limit:
        problems = [f"no more than {limit} items allowed [json-pointer:/blocks]"]
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError("invalid_blocks", response_metadata={"messages": messages})
    markdown = sum(len(_text_of(block)) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_LIMIT or sum(map(_text_length, blocks)) > ALL_BLOCKS_LIMIT:
        raise SlackError("msg_blocks_too_long")


def _problems(blocks: Iterable[Json]) -> Iterator[str]:
    for place, block in enumerate(blocks):
        for problem in _problems_of(block):
            yield f"{problem} [json-pointer:/blocks/{place}]"


def _problems_of(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind is None:
        yield "missing required field: type"
    elif not isinstance(kind, str) or kind not in _CHECKS:
        yield f"unsupported type: {kind}"
    else:
        yield from _CHECKS[kind](block)
    for name in ("accessory", "element"):
        if not isinstance(block.get(name, {}), dict):
            yield f"must be an object: {name}"
    if len(str(block.get("block_id", ""))) > ID_LIMIT:
        yield f"must be less than {ID_LIMIT + 1} characters: block_id"


def _nothing(_block: Json) -> Iterator[str]:
    yield from ()


def _section(block: Json) -> Iterator[str]:
    if not (_text_of(block) or "fields" in block):
        yield "missing required field: text"
    yield from _bounded(_text_of(block), SECTION_LIMIT)
    fields = block.get("fields", [])
    if not isinstance(fields, list):
        yield "must be an array: fields"
    elif len(fields) > FIELDS_LIMIT:
        yield f"no more than {FIELDS_LIMIT} items allowed: fields"


def _header(block: Json) -> Iterator[str]:
    yield from _required(block, "text")
    yield from _bounded(_text_of(block), HEADER_LIMIT)


def _markdown(block: Json) -> Iterator[str]:
    if not _text_of(block):
        yield "missing required field: text"


def _context(block: Json) -> Iterator[str]:
    yield from _elements(block, CONTEXT_LIMIT)


def _actions(block: Json) -> Iterator[str]:
    yield from _elements(block, ACTIONS_LIMIT)


def _context_actions(block: Json) -> Iterator[str]:
    yield from _elements(block, CONTEXT_ACTIONS_LIMIT)
    elements = block.get("elements")
    for item in elements if isinstance(elements, list) else ():
        match item.get("type") if isinstance(item, dict) else None:
            case "feedback_buttons":
                yield from _feedback_buttons(item)
            case "icon_button":
                yield from _required(item, "icon", "text")
            case other:
                yield f"unsupported element: {other}"


def _feedback_buttons(item: Json) -> Iterator[str]:
    for name in ("positive_button", "negative_button"):
        button = item.get(name)
        if isinstance(button, dict):
            yield from _required(button, "text", "value")
        else:
            yield f"missing required field: {name}"


def _table(block: Json) -> Iterator[str]:
    rows = block.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        yield "missing required field: rows"
        return
    if len(rows) > ROWS_LIMIT:
        yield f"no more than {ROWS_LIMIT} items allowed: rows"
    if any(len(row) > COLUMNS_LIMIT for row in rows):
        yield f"no more than {COLUMNS_LIMIT} items allowed: cells"


def _task_card(block: Json) -> Iterator[str]:
    yield from _required(block, "task_id", "title")
    if block.get("status") not in TASK_STATES:
        yield "must be a valid enum value: status"


def _plan(block: Json) -> Iterator[str]:
    yield from _required(block, "title")


def _elements(block: Json, limit: int) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not all(isinstance(item, dict) for item in elements):
        yield "missing required field: elements"
    elif len(elements) > limit:
        yield f"no more than {limit} items allowed: elements"


def _required(item: Json, *names: str) -> Iterator[str]:
    for name in names:
        if not item.get(name):
            yield f"missing required field: {name}"


def _bounded(text: str, limit: int) -> Iterator[str]:
    if len(text) > limit:
        yield f"must be less than {limit + 1} characters"


_CHECKS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "markdown": _markdown,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "table": _table,
    "task_card": _task_card,
    "plan": _plan,
    # Known to slack_sdk's models/blocks; their fields are not checked here.
    "divider": _nothing,
    "image": _nothing,
    "input": _nothing,
    "file": _nothing,
    "call": _nothing,
    "video": _nothing,
    "rich_text": _nothing,
    "alert": _nothing,
    "card": _nothing,
    "container": _nothing,
    "carousel": _nothing,
    "auth_provider": _nothing,
}


def _text_of(block: Json) -> str:
    text = block.get("text", "")
    return str(text.get("text", "") if isinstance(text, dict) else text)


def _text_length(value: object) -> int:
    """All text within a block, however deep it stands."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_text_length(item) for item in value.values())
    if isinstance(value, list):
        return sum(map(_text_length, value))
    return 0
