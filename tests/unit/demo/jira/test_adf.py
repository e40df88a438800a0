"""Markdown to ADF and back: what the sample company writes survives the way through Jira."""

from __future__ import annotations

from typing import Any

import pytest
from inline_snapshot import snapshot

from slackbot.demo.company.tickets import tickets
from slackbot.demo.jira.adf import markdown_to_adf
from slackbot.knowledge.text.adf import adf_to_markdown

TEXTS = {
    f"{ticket.key}-{place}": text
    for ticket in tickets()
    for place, text in enumerate((ticket.description, *(one.body for one in ticket.comments)))
}


def written(markdown: str) -> dict[str, Any]:
    return markdown_to_adf(markdown, lambda handle: f"id-{handle}")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_the_company_wrote_comes_back_as_it_was(text: str) -> None:
    assert adf_to_markdown(written(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "# One\n\n###### Six",
        "**bold** `code` and *italics* and `x*y`",
        "[words](https://x.example/a) and <https://y.example/b>",
        "- one\n  - two\n    1. three\n- four\n\n  more of four\n\n1. five\n2. six",
        "3. three\n4. four",
        "- [ ] open\n- [x] done",
        "```python\ndef f():\n    return 1\n\n# no heading\n```",
        "````\n```\n````",
        "| a | b |\n| --- | --- |\n| `1` | **2** |\n|  | 3 |",
        "> said\n>\n> - twice",
        "> **Note**\n>\n> Take care.\n\nSo.",
        "[attachment: map of the depot.png]\n\nSee above.",
        "a_snake_case and 2 * 3 * 4 and #channel and me@x.example",
    ],
)
def test_each_construct_comes_back_as_it_was(text: str) -> None:
    assert adf_to_markdown(written(text)) == text


def test_a_quotation_with_the_title_of_a_panel_is_one() -> None:
    blocks = written("> **Error**\n>\n> x\n\n> **Else**\n>\n> x")["content"]
    assert [block["type"] for block in blocks] == ["panel", "blockquote"]


def test_people_that_are_known_become_mentions() -> None:
    assert written("@ana and @nobody")["content"] == snapshot(
        [
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"id": "id-ana", "text": "@Ana Ruiz"}},
                    {"type": "text", "text": " and "},
                    {"type": "text", "text": "@nobody"},
                ],
            }
        ]
    )


def test_marks_and_cards_are_as_jira_writes_them() -> None:
    assert written("**a *b***, see https://x.example/1.")["content"] == snapshot(
        [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "a ", "marks": [{"type": "strong"}]},
                    {"type": "text", "text": "b", "marks": [{"type": "strong"}, {"type": "em"}]},
                    {"type": "text", "text": ", see "},
                    {"type": "inlineCard", "attrs": {"url": "https://x.example/1"}},
                    {"type": "text", "text": "."},
                ],
            }
        ]
    )


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("one\ntwo\n# three", "one two\n\n# three"),
        ("* one\n* two", "- one\n- two"),
        ("_so_", "*so*"),
        ("```\nnever closed", "```\nnever closed\n```"),
        ("- a\n- [ ] b", "- a\n\n- [ ] b"),
        ("one\n> two\n| a |", "one\n\n> two\n\n| a |\n| --- |"),
        ("", ""),
    ],
)
def test_other_spellings_mean_the_same(text: str, markdown: str) -> None:
    assert adf_to_markdown(written(text)) == markdown
