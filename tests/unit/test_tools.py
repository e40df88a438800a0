"""What a model is told of a tool, and what becomes of what it sends."""

from __future__ import annotations

import json
from datetime import date
from typing import Literal

import pytest
from inline_snapshot import snapshot
from pydantic import BaseModel, Field

from kit.knowledge import CONTEXT
from slackbot.messages import ToolCall, ToolResult
from slackbot.tools import RunContext, SourceTool, TypedTool


class Search(BaseModel):
    """The arguments of a search."""

    title: str = Field(max_length=9, description="A word of the title.")
    kinds: list[Literal["page", "issue"]] = Field(default_factory=list, max_length=2)
    after: date | None = Field(default=None, description="The first day.")
    exactly: bool = False
    order: Literal["newest", "best"] = "best"


async def _search(arguments: Search, context: RunContext) -> ToolResult:
    return ToolResult(arguments.model_dump_json())


TOOL = TypedTool("search", "Search.", Search, _search, "searching")


def test_the_schema_says_what_a_model_needs_to_know_and_no_more() -> None:
    assert TOOL.spec.input_schema == snapshot(
        {
            "properties": {
                "title": {
                    "description": "A word of the title.",
                    "maxLength": 9,
                    "type": "string",
                },
                "kinds": {
                    "items": {"enum": ["page", "issue"], "type": "string"},
                    "maxItems": 2,
                    "type": "array",
                },
                "after": {"description": "The first day.", "format": "date", "type": "string"},
                "exactly": {"type": "boolean"},
                "order": {"default": "best", "enum": ["newest", "best"], "type": "string"},
            },
            "required": ["title"],
            "type": "object",
        }
    )


@pytest.mark.parametrize("after", [{}, {"after": None}])
async def test_what_may_be_left_out_may_be_null_as_well(after: dict[str, None]) -> None:
    result = await TOOL.run({"title": "x", **after}, CONTEXT)
    assert json.loads(result.content) == {
        "title": "x", "kinds": [], "after": None, "exactly": False, "order": "best",
    }  # fmt: skip


async def test_a_tool_of_a_source_is_the_same_tool_with_the_name_of_the_source() -> None:
    tool = SourceTool(TOOL, "Wiki")
    assert (tool.spec.name, tool.spec.source, TOOL.spec.source) == ("search", "Wiki", "")
    assert await tool.run({"title": "x"}, CONTEXT) == await TOOL.run({"title": "x"}, CONTEXT)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"a": 1, "b": "x"}, {"b": "x", "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None, "c": [], "d": "", "e": {}}, True),
        ({"a": 0}, {}, False),
        ({"a": False}, {}, False),
        ({"a": "1"}, {"a": 1}, False),
    ],
)
def test_calls_that_ask_for_the_same_are_known(
    first: dict[str, object], second: dict[str, object], same: bool
) -> None:
    calls = ToolCall("1", "search", first), ToolCall("2", "search", second)
    assert (calls[0].request == calls[1].request) is same
    assert ToolCall("1", "read", first).request != calls[0].request
