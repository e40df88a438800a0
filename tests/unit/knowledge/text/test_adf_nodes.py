"""Every node and mark of ADF, in wire bodies of our own making, and the Markdown of each.

Nothing here was copied from a site: the bodies were written by hand, after Atlassian's page of each
node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inline_snapshot import snapshot

from slackbot.knowledge.text.adf import adf_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

NODES = {
    "blockCard", "blockTaskItem", "blockquote", "bodiedExtension", "bodiedSyncBlock", "bulletList",
    "caption", "codeBlock", "date", "decisionItem", "decisionList", "doc", "embedCard", "emoji",
    "expand", "extension", "extensionFrame", "hardBreak", "heading", "inlineCard",
    "inlineExtension", "layoutColumn", "layoutSection", "listItem", "media", "mediaGroup",
    "mediaInline", "mediaSingle", "mention", "multiBodiedExtension", "nestedExpand", "orderedList",
    "panel", "paragraph", "placeholder", "rule", "status", "syncBlock", "table", "tableCell",
    "tableHeader", "tableRow", "taskItem", "taskList", "text",
}  # fmt: skip
MARKS = {
    "alignment", "annotation", "backgroundColor", "border", "breakout", "code", "em", "indentation",
    "link", "strike", "strong", "subsup", "textColor", "underline",
}  # fmt: skip


def text(words: str, kind: str = "", **attributes: object) -> Json:
    marks = {"marks": [{"type": kind, "attrs": attributes}]} if kind else {}
    return {"type": "text", "text": words, **marks}


def node(kind: str, *content: Json | str, **attributes: object) -> Json:
    inner = [text(one) if isinstance(one, str) else one for one in content]
    return {"type": kind, "attrs": attributes, "content": inner}


def marked(body: Json, kind: str, **attributes: object) -> Json:
    return {**body, "marks": [{"type": kind, "attrs": attributes}]}


def paragraph(*content: Json | str) -> Json:
    return node("paragraph", *content)


def item(words: str, *more: Json) -> Json:
    return node("listItem", paragraph(words), *more)


def cell(*content: Json | str, **attributes: object) -> Json:
    blocks = [paragraph(one) if isinstance(one, str) else one for one in content]
    return node("tableCell", *blocks, **attributes)


def row(*cells: Json) -> Json:
    return node("tableRow", *cells)


def document(*content: Json) -> Json:
    return {"type": "doc", "version": 1, "content": list(content)}


PROSE = document(
    node("heading", "Roll back ", text("now", "em"), level=2),
    paragraph(
        "Do ", text("this", "strong"), " in ", text("10"), text("6", "subsup", type="sup"),
        " H", text("2", "subsup", type="sub"), "O, ", text("not", "strike"), " that, ",
        text("payctl", "code"), ", ", text("the page", "link", href="https://x.example/1"), ".",
        node("hardBreak"),
        text("lined ", "underline"), text("red ", "textColor", color="#f00"),
        text("bright ", "backgroundColor", color="#ff0"), text("noted", "annotation", id="1"),
    ),
    marked(
        paragraph(
            node("mention", id="1", text="@Ana Ruiz"), " said ", node("emoji", shortName=":tada:"),
            " on ", node("date", timestamp="1792454400000"), ": ",
            node("status", text="IN REVIEW", color="blue"), node("placeholder", text="type here"),
        ),
        "alignment", align="center",
    ),
    marked(
        paragraph(
            node("inlineCard", url="https://x.example/PAY-1"), " ",
            node("mediaInline", id="1", type="file", alt="log.txt"), " ",
            node("inlineExtension", extensionKey="due", text="due on Friday"),
        ),
        "indentation", level=1,
    ),
    node("blockquote", paragraph("said")),
    node("rule"),
    marked(node("codeBlock", "a = 1", language="python"), "breakout", mode="wide"),
)  # fmt: skip

LISTS = document(
    node("bulletList", item("one", node("bulletList", item("two")))),
    node("orderedList", item("nine"), item("ten"), order=9),
    node(
        "taskList",
        node("taskItem", "to do", state="TODO"),
        node("taskList", node("taskItem", "done", state="DONE")),
        node("blockTaskItem", paragraph("a block"), state="DONE"),
    ),
    node("decisionList", node("decisionItem", "we do it", state="DECIDED")),
)

PANELS = document(
    *(
        node("panel", paragraph(kind), panelType=kind)
        for kind in ("info", "note", "warning", "error", "success", "tip", "custom")
    )
)

FRAMES = document(
    node(
        "expand",
        paragraph("long"),
        node("nestedExpand", paragraph("longer"), title="Inner"),
        title="Trace",
    ),
    node(
        "layoutSection",
        node("layoutColumn", paragraph("left")),
        node("layoutColumn", paragraph("right")),
    ),
    node("bodiedExtension", paragraph("in a macro"), extensionKey="excerpt"),
    node(
        "multiBodiedExtension",
        node("extensionFrame", paragraph("first tab")),
        node("extensionFrame", paragraph("second tab")),
    ),
    node("extension", extensionKey="chart", text="what the chart says"),
    node("bodiedSyncBlock", paragraph("in step with another page")),
    node("syncBlock", resourceId="1"),
)

TABLE = document(
    node(
        "table",
        row(node("tableHeader", paragraph("Who")), node("tableHeader", "Where", colspan=2)),
        row(cell("Ana", rowspan=2), cell("a|b"), cell("c")),
        row(cell(node("bulletList", item("d"))), cell("e", "f")),
        row(cell("Ben"), cell(), cell("g", rowspan=2)),
        row(cell("Zoe"), cell("h")),
    )
)

CARDS = document(
    node("blockCard", url="https://x.example/1"),
    node("blockCard", data={"@type": "Document", "name": "A page", "url": "https://x.example/2"}),
    node("embedCard", url="https://x.example/3", layout="center"),
    node(
        "mediaSingle",
        marked(node("media", id="1", type="file", alt="map.png"), "border", size=2),
        node("caption", "where it is"),
    ),
    node("mediaSingle", node("media", type="external", url="https://x.example/4.png", alt="a map")),
    node(
        "mediaGroup",
        node("media", id="2", type="file"),
        node("media", id="3", type="file", alt="b.txt"),
    ),
)


def kinds(value: Json) -> Iterator[str]:
    yield value["type"]
    for child in value.get("content", ()):
        yield from kinds(child)


def kinds_of_marks(value: Json) -> Iterator[str]:
    for mark in value.get("marks", ()):
        yield mark["type"]
    for child in value.get("content", ()):
        yield from kinds_of_marks(child)


def test_no_node_and_no_mark_is_left_out_here() -> None:
    bodies = document(PROSE, LISTS, PANELS, FRAMES, TABLE, CARDS)
    assert set(kinds(bodies)) == NODES
    assert set(kinds_of_marks(bodies)) == MARKS


def test_prose() -> None:
    assert adf_to_markdown(PROSE) == snapshot("""\
## Roll back *now*

Do **this** in 10^6 H2O, ~~not~~ that, `payctl`, [the page](https://x.example/1).
lined red bright noted

@Ana Ruiz said :tada: on 2026-10-20: IN REVIEW

<https://x.example/PAY-1> [attachment: log.txt] due on Friday

> said

---

```python
a = 1
```\
""")


def test_lists() -> None:
    assert adf_to_markdown(LISTS) == snapshot("""\
- one
  - two

9. nine
10. ten

- [ ] to do
  - [x] done
- [x] a block

- we do it\
""")


def test_panels() -> None:
    assert adf_to_markdown(PANELS) == snapshot("""\
> **Info**
>
> info

> **Note**
>
> note

> **Warning**
>
> warning

> **Error**
>
> error

> **Success**
>
> success

> **Tip**
>
> tip

> custom\
""")


def test_frames() -> None:
    assert adf_to_markdown(FRAMES) == snapshot("""\
**Trace**

long

**Inner**

longer

left

right

in a macro

first tab

second tab

what the chart says

in step with another page\
""")


def test_tables() -> None:
    assert adf_to_markdown(TABLE) == snapshot("""\
| Who | Where |  |
| --- | --- | --- |
| Ana | a\\|b | c |
|  | - d | e f |
| Ben |  | g |
| Zoe | h |  |\
""")


def test_cards_and_files() -> None:
    assert adf_to_markdown(CARDS) == snapshot("""\
<https://x.example/1>

[A page](https://x.example/2)

<https://x.example/3>

[attachment: map.png]

where it is

[a map](https://x.example/4.png)

[attachment]

[attachment: b.txt]\
""")
