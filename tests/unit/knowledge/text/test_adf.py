"""ADF to Markdown: what each node becomes, and that no JSON makes it fail or grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.bombs import ISSUES
from kit.growth import assert_linear
from slackbot.knowledge.text.adf import CUT_NOTE, MAX_DEPTH, adf_to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


def node(kind: str, *content: Json, **attributes: object) -> Json:
    return {"type": kind, "attrs": attributes, "content": list(content)}


def text(words: str, *marks: str, href: str = "") -> Json:
    link = [{"type": "link", "attrs": {"href": href}}] if href else []
    return {"type": "text", "text": words, "marks": [*({"type": mark} for mark in marks), *link]}


def paragraph(*content: Json | str) -> Json:
    return node("paragraph", *(text(one) if isinstance(one, str) else one for one in content))


def item(*content: Json) -> Json:
    return node("listItem", *content)


def markdown(*content: Json) -> str:
    return adf_to_markdown({"type": "doc", "version": 1, "content": list(content)})


def test_a_description_reads_as_markdown() -> None:
    document = (
        node("heading", text("Roll back "), text("now", "em"), level=2),
        paragraph("Do ", text("this ", "strong"), "first.", node("hardBreak"), "Then wait."),
        node(
            "bulletList",
            item(paragraph("one"), node("bulletList", item(paragraph("two")))),
            item(paragraph("three "), paragraph("more of it")),
        ),
        node("orderedList", item(paragraph("nine")), item(paragraph("ten")), order=9),
        node("blockquote", paragraph("said"), paragraph("twice")),
        node("rule"),
        node("codeBlock", text("a\n```\nb"), language="python"),
    )
    assert markdown(*document) == snapshot("""\
## Roll back *now*

Do **this** first.
Then wait.

- one
  - two
- three

  more of it

9. nine
10. ten

> said
>
> twice

---

````python
a
```
b
````\
""")


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (text("old", "strike"), "~~old~~"),
        (text("both", "em", "strong"), "***both***"),
        (text(" wide ", "strong"), " **wide** "),
        (text("  ", "strong"), "  "),
        (text("x_y", "code", "strong"), "`x_y`"),
        (text("a`b", "code"), "`` a`b ``"),
        (text("under", "underline", "textColor"), "under"),
        (text("here", href="https://x.example/a(b)"), "[here](https://x.example/a%28b%29)"),
        (text("f", "code", href="https://x.example"), "[`f`](https://x.example)"),
        (text("https://x.example", href="https://x.example"), "<https://x.example>"),
        (text("click", href="javascript:alert(1)"), "click"),
        (text("click", href="https://x.example/ y"), "click"),
        (node("inlineCard", url="https://x.example/PAY-1"), "<https://x.example/PAY-1>"),
        (node("inlineCard", data={"url": "https://x.example"}), "<https://x.example>"),
        (node("inlineCard", data={"name": "A\nB", "url": 3}), "A B"),
        (node("inlineCard", data="x"), ""),
        (node("mention", id="1", text="@Ana Ruiz"), "@Ana Ruiz"),
        (node("mention", id="1"), "@someone"),
        (node("emoji", shortName=":tada:", text="🎉"), "🎉"),
        (node("emoji", shortName=":custom:"), ":custom:"),
        (node("date", timestamp="1792454400000"), "2026-10-20"),
        (node("date", timestamp="soon"), ""),
        (node("date", timestamp="9" * 30), ""),
        (node("status", text="IN  PROGRESS", color="blue"), "IN PROGRESS"),
        (node("placeholder", text="type here"), ""),
        (node("media", id="1", alt="trace.png"), "[attachment: trace.png]"),
        (node("media", id="1"), "[attachment]"),
        (
            node("media", type="external", url="https://x.example/a.png"),
            "<https://x.example/a.png>",
        ),
        (node("inlineExtension", text="due"), "due"),
        ({"type": "hologram", "text": "seen"}, "seen"),
        (text("6", "em") | {"marks": [{"type": "subsup", "attrs": {"type": "sup"}}]}, "^6"),
        (node("annotation", text("noted")), "noted"),
    ],
)
def test_a_phrase_stands_in_its_line(phrase: Json, expected: str) -> None:
    assert markdown(paragraph("<", phrase, ">")) == f"<{expected}>"


def test_tasks_show_whether_they_are_done() -> None:
    nested = node("taskList", node("taskItem", text("inner"), state="DONE"))
    tasks = node(
        "taskList",
        node("taskItem", text("outer"), state="TODO"),
        nested,
        node("taskList"),
        node("blockTaskItem", paragraph("last"), state="TODO"),
    )
    assert markdown(tasks) == "- [ ] outer\n  - [x] inner\n- [ ] last"


def test_decisions_read_as_a_list() -> None:
    assert markdown(node("decisionList", node("decisionItem", text("we do")))) == "- we do"


def test_panels_and_expands_keep_their_titles() -> None:
    panel = node("panel", paragraph("Careful."), panelType="warning")
    custom = node("panel", paragraph("So."), panelType="custom")
    expand = node("expand", paragraph("long"), title="Trace")
    assert markdown(panel, custom, expand) == (
        "> **Warning**\n>\n> Careful.\n\n> So.\n\n**Trace**\n\nlong"
    )


def test_a_table_keeps_its_columns() -> None:
    def row(*cells: Json) -> Json:
        return node("tableRow", *cells)

    table = node(
        "table",
        row(node("tableHeader", paragraph("A")), node("tableHeader", paragraph("B|C"))),
        row(node("tableCell", paragraph("1"), paragraph("2"))),
        row(node("tableCell", paragraph("wide"), colspan=2)),
        row(),
    )
    assert markdown(table).split("\n") == [
        r"| A | B\|C |",
        "| --- | --- |",
        "| 1 2 |  |",
        "| wide |  |",
    ]
    assert markdown(node("table", row())) == ""


def test_a_cell_over_several_rows_keeps_the_others_in_their_columns() -> None:
    def row(*cells: Json) -> Json:
        return node("tableRow", *cells)

    def cell(words: str, **spans: object) -> Json:
        return node("tableCell", paragraph(words), **spans)

    table = node(
        "table",
        row(cell("a", rowspan=2, colspan=2), cell("b"), cell("c", rowspan=3)),
        row(cell("d")),
        row(cell("e"), cell("f"), cell("g")),
        row(cell("h", rowspan=10**9)),
    )
    assert markdown(table).split("\n") == [
        "| a |  | b | c |",
        "| --- | --- | --- | --- |",
        "|  |  | d |  |",
        "| e | f | g |  |",
        "| h |  |  |  |",
    ]


def test_what_is_unknown_leaves_its_contents() -> None:
    document = (
        node("layoutSection", node("layoutColumn", paragraph("left")), paragraph("right")),
        node("hologram", text("loose "), paragraph("block"), text("end")),
        node("extension", text="what the macro says"),
        {"type": "hologram", "text": "what it says itself"},
        node("heading"),
        node("mediaSingle", node("media", alt="map.png")),
    )
    assert markdown(*document) == (
        "left\n\nright\n\nloose\n\nblock\n\nend\n\nwhat the macro says"
        "\n\nwhat it says itself\n\n[attachment: map.png]"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (7, ""),
        ([], ""),
        ({}, ""),
        ("h1. Wiki markup", ""),
        ({"type": ["doc"], "content": "no list", "attrs": 1, "text": 2}, ""),
        ({"type": "doc", "content": [1, None, "x", {"content": [text("y")]}]}, "y"),
        (node("heading", text("x"), level=99), "###### x"),
        (node("heading", text("x"), level="2"), "# x"),
        (node("orderedList", item(paragraph("x")), order=10**5000), "10000. x"),
        ({"type": "text", "text": "x", "marks": "bold"}, "x"),
        ({"type": "text", "text": "x", "marks": [3, {"type": "strong"}]}, "**x**"),
        (paragraph("a\u200b\u202eb"), "ab"),
    ],
)
def test_what_is_not_as_it_should_be_does_no_harm(value: object, expected: str) -> None:
    assert adf_to_markdown(value) == expected


def test_a_text_over_the_bound_is_cut_and_says_so() -> None:
    cut = adf_to_markdown(paragraph("word " * 100), limit=50)
    assert cut == f"{'word ' * 9}wor\n\n{CUT_NOTE}"
    assert adf_to_markdown(text("x" * 51), limit=50).endswith(CUT_NOTE)
    many = adf_to_markdown(node("doc", *[paragraph("x")] * 100), limit=50)
    assert (many.count("x"), many.endswith(CUT_NOTE)) == (16 + CUT_NOTE.count("x"), True)


def test_a_deep_tree_ends() -> None:
    deep = paragraph("bottom")
    for _ in range(100_000):
        deep = node("blockquote", deep)
    assert adf_to_markdown(deep) == CUT_NOTE
    nested = paragraph("bottom")
    for _ in range((MAX_DEPTH - 2) // 2):
        nested = node("bulletList", item(nested))
    assert adf_to_markdown(nested) == f"{'- ' * 11}bottom"


@pytest.mark.parametrize("hostile", ISSUES.values(), ids=ISSUES)
def test_a_hostile_document_costs_little(hostile: Callable[[int], Json]) -> None:
    assert_linear(adf_to_markdown, hostile, 48_000)
    assert len(adf_to_markdown(hostile(30_000), limit=10_000)) < 50 * 10_000


KINDS = st.sampled_from(
    ["doc", "paragraph", "heading", "text", "bulletList", "orderedList", "listItem", "taskList",
     "taskItem", "codeBlock", "panel", "expand", "table", "tableRow", "tableCell", "mention",
     "inlineCard", "date", "status", "emoji", "hardBreak", "media", "link", "strong", "code", "x"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["level", "order", "language", "panelType", "title", "text", "url", "href", "timestamp",
         "state", "shortName", "alt", "colspan", "rowspan", "type", "data"]
    ),
    LEAVES | st.sampled_from(["https://x.example", "1792454400000", "DONE"]),
)  # fmt: skip
NODES = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {"type": KINDS | LEAVES},
        optional={
            "content": st.lists(inner, max_size=4) | LEAVES,
            "attrs": ATTRIBUTES | LEAVES,
            "text": LEAVES,
            "marks": st.lists(inner, max_size=3) | LEAVES,
        },
    ),
    max_leaves=30,
)


@settings(deadline=None)
@given(JSON | NODES, st.integers(min_value=0, max_value=200))
def test_no_json_raises(value: object, limit: int) -> None:
    assert isinstance(adf_to_markdown(value, limit), str)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abc xyz", min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_no_word_is_lost(words: list[str]) -> None:
    document: Json = paragraph(*words)
    for kind in ("hologram", "panel", "listItem", "bulletList", "expand"):
        document = node(kind, document)
    assert "".join(words).split() == adf_to_markdown(document).lstrip("> -").split()
