"""Storage format to Markdown: what each element becomes, and what hostile pages cannot do."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from slackbot.knowledge.text.storage import CUT_NOTE, MAX_CHARACTERS, storage_to_markdown


def macro(name: str, *parts: str) -> str:
    return f'<ac:structured-macro ac:name="{name}">{"".join(parts)}</ac:structured-macro>'


def parameter(name: str, value: str) -> str:
    return f'<ac:parameter ac:name="{name}">{value}</ac:parameter>'


def rich(body: str) -> str:
    return f"<ac:rich-text-body>{body}</ac:rich-text-body>"


def plain(body: str) -> str:
    return f"<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>"


def test_a_page_reads_as_markdown() -> None:
    page = (
        "<h2>Roll&nbsp;back <em>now</em></h2>"
        "<p>Do <strong>this </strong>first.<br/>Then   wait\n a bit:"
        " A &lt;b&gt; &amp; C &rarr; D.</p>"
        "<ul><li>one<ul><li><p>two</p></li><li>three <code>x_y</code></li></ul></li>"
        "<li>four</li></ul>"
        "<ol><li><p>first</p></li><li><p>second</p><p>more of it</p></li></ol>"
        "<blockquote><p>said</p><p>twice</p></blockquote><hr/>"
        '<p><a href="https://example.com/x">link</a> <a href="javascript:x()">no link</a>'
        " <s>old</s></p>"
    )
    assert storage_to_markdown(page) == snapshot("""\
## Roll back *now*

Do **this** first.
Then wait a bit: A <b> & C → D.

- one
  - two
  - three `x_y`
- four

1. first
2. second

   more of it

> said
>
> twice

---

[link](https://example.com/x) no link ~~old~~\
""")


def test_a_table_keeps_its_columns() -> None:
    table = (
        "<table><colgroup><col/></colgroup><tbody>"
        "<tr><th>A</th><th>B|C</th><th>D</th></tr>"
        "<tr><td><p>1</p><p>2</p></td><td colspan='2'>wide</td></tr>"
        "<tr><td>short</td></tr><tr></tr></tbody></table>"
    )
    assert storage_to_markdown(table) == snapshot(r"""| A | B\|C | D |
| --- | --- | --- |
| 1 2 | wide |  |
| short |  |  |""")


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<table></table>", ""),
        ("<table><tr></tr></table>", ""),
        ("<table><caption>All</caption><tr><td>1</td></tr></table>", "All\n\n| 1 |\n| --- |"),
        ("<td>alone</td>", "alone"),
        ("<tr><td>a</td><td>b</td></tr>", "a | b"),
        ("<table><tr><td colspan='many'>a</td></tr></table>", "| a |\n| --- |"),
        ("<h1> </h1><p></p>x", "x"),
        ("a<strong> </strong>b<em></em>", "a b"),
        ("<code>a`b</code>", "`` a`b ``"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<unknown>a <b>b</b></unknown>", "a **b**"),
        ("<ul></ul><blockquote></blockquote>x", "x"),
    ],
)
def test_odd_markup_loses_no_text(markup: str, markdown: str) -> None:
    assert storage_to_markdown(markup) == markdown


def test_code_macros_become_fences_with_their_language() -> None:
    code = macro(
        "code",
        parameter("language", "bash"),
        parameter("title", "Do it"),
        plain('kubectl get <pod> && echo "a  b"\n\n# no heading\n&nbsp;```'),
    )
    assert storage_to_markdown(code) == snapshot("""\
**Do it**

````bash
kubectl get <pod> && echo "a  b"

# no heading
&nbsp;```
````\
""")


def test_code_inside_a_list_stays_in_its_item() -> None:
    code = macro("code", plain("a\n\nb"))
    page = f"<ol><li><p>Run</p>{code}</li><li>Done</li></ol>"
    assert storage_to_markdown(page) == snapshot("""\
1. Run

   ```
   a

   b
   ```
2. Done\
""")


@pytest.mark.parametrize(
    ("name", "label"), [("info", "Info"), ("note", "Note"), ("warning", "Warning"), ("tip", "Tip")]
)
def test_panels_become_labelled_quotes(name: str, label: str) -> None:
    assert storage_to_markdown(macro(name, rich("<p>Hot</p>"))) == f"> **{label}**\n>\n> Hot"
    titled = macro(name, parameter("title", "Careful"), rich("<p>Hot</p>"))
    assert storage_to_markdown(titled) == f"> **{label}: Careful**\n>\n> Hot"


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        (macro("panel", rich("<p>x</p>")), "> x"),
        (macro("panel"), ""),
        (macro("expand", parameter("title", "More"), rich("<p>x</p>")), "**More**\n\nx"),
        (macro("noformat", plain("a  b")), "```\na  b\n```"),
        (
            f"is {macro('status', parameter('colour', 'Red'), parameter('title', 'OUT'))}.",
            "is OUT.",
        ),
        (f"see {macro('jira', parameter('key', 'PAY-1'))}", "see PAY-1"),
        (f"a{macro('status')}b", "ab"),
        (macro("toc", parameter("maxLevel", "2")), ""),
        (macro("fancy", parameter("apiKey", "hush"), rich("<p>seen</p>")), "seen"),
        (
            macro("include", parameter("", '<ac:link><ri:page ri:content-title="T"/></ac:link>')),
            "See page “T”.",
        ),
        (macro("excerpt-include", parameter("", "Shared")), "See Shared."),
        (macro("include"), "See another page."),
    ],
)
def test_macros_show_their_text_and_no_parameters(markup: str, markdown: str) -> None:
    assert storage_to_markdown(markup) == markdown


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<ri:page ri:content-title="Pr&uuml;fung"/>', "page “Prüfung”"),
        ('<ri:page ri:content-title="T" ri:space-key="OPS"/>', "page “T”, space OPS"),
        (
            (
                '<ri:page ri:content-title="T"/><ac:plain-text-link-body><![CDATA[the <way>]]>'
                "</ac:plain-text-link-body>"
            ),
            "the <way> (page “T”)",
        ),
        ('<ri:page ri:content-title="T"/><ac:link-body>T</ac:link-body>', "page “T”"),
        ('<ri:attachment ri:filename="plan.pdf"/>', "attachment “plan.pdf”"),
        ('<ri:blog-post ri:content-title="B"/>', "blog-post “B”"),
        ('<ri:space ri:space-key="OPS"/>', "space “OPS”"),
        ('<ri:user ri:account-id="5f0"/>', "a person"),
        ("<ac:link-body>up</ac:link-body>", "up"),
    ],
)
def test_links_name_what_they_point_to(link: str, text: str) -> None:
    assert storage_to_markdown(f"<p>See <ac:link>{link}</ac:link>.</p>") == f"See {text}."


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ('<ac:image><ri:attachment ri:filename="d"/></ac:image>', "[image: attachment “d”]"),
        ('<ac:image ac:alt="Map"></ac:image>', "[image: Map]"),
        ('<ac:image><ri:url ri:value="https://x.example/d.png"/></ac:image>',
         "[image: https://x.example/d.png]"),
        ("<ac:image/>", "[image: unnamed]"),
        ('done <ac:emoticon ac:name="tick" ac:emoji-fallback="✅"/>', "done ✅"),
        ('by <time datetime="2026-12-01"/>', "by 2026-12-01"),
        ("<p>a <ac:placeholder>Type here</ac:placeholder></p>", "a"),
        (("<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell>"
         "<p>b</p></ac:layout-cell></ac:layout-section></ac:layout>"), "a\n\nb"),
        (("<ac:adf-extension><ac:adf-node type='panel'><ac:adf-attribute key='k'>leak"
         "</ac:adf-attribute></ac:adf-node><ac:adf-fallback><p>once</p></ac:adf-fallback>"
         "</ac:adf-extension>"), "once"),
        ("a<ac:inline-comment-marker ac:ref='1'>b</ac:inline-comment-marker>c", "abc"),
    ],
)  # fmt: skip
def test_other_elements_of_the_editor(markup: str, markdown: str) -> None:
    assert storage_to_markdown(markup) == markdown


def test_task_lists_keep_their_state() -> None:
    tasks = (
        "<ac:task-list>"
        "<ac:task><ac:task-id>1</ac:task-id><ac:task-uuid>u</ac:task-uuid>"
        "<ac:task-status>complete</ac:task-status><ac:task-body><span>Done</span></ac:task-body></ac:task>"
        "<ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>Open</ac:task-body></ac:task>"
        "</ac:task-list>"
    )
    assert storage_to_markdown(tasks) == "- [x] Done\n- [ ] Open"


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("", ""),
        ("just text", "just text"),
        ("<p>ok</p><p>bad <b>x</p> rest &amp; <i>y</i>", "ok\n\nbad **x**\n\nrest &  y"),
        ("<p>ok</p></storage><p>beyond</p>", "ok\n\nbeyond"),
        ("a &unknown; b", "a\n\n&unknown; b"),
        ("1 < 2", "1\n\n< 2"),
        ("<p>x</p><!DOCTYPE a [<!ENTITY b 'c'>]><p>&b;</p>", None),
    ],
)
def test_what_is_not_well_formed_is_kept_as_text(markup: str, markdown: str | None) -> None:
    converted = storage_to_markdown(markup)
    assert markdown is None or converted == markdown


def test_hidden_characters_are_gone_however_they_were_written() -> None:
    hidden = "a\u200bb&#8203;c&zwnj;d\U000e0041<code>e&#x202e;f</code>\x1b[31mg"
    assert storage_to_markdown(hidden) == "abcd`ef`g"


def test_a_page_beyond_the_bound_is_cut_with_a_note() -> None:
    converted = storage_to_markdown("<p>" + "word " * MAX_CHARACTERS + "</p>")
    assert converted.startswith("word word")
    assert converted.endswith(CUT_NOTE)
    assert len(converted) <= MAX_CHARACTERS + len(CUT_NOTE)


BOMBS = {
    "unclosed": "<b>" * 160_000,
    "deep": "<b>" * 70_000 + "x" + "</b>" * 70_000,
    "items": "<ol>" + "<li>x</li>" * 49_000 + "</ol>",
    "nested lists": "<ul><li>" * 24_000 + "x" + "</li></ul>" * 24_000,
    "quoted lines": "<blockquote>" * 90 + "<pre>x" + "\n" * 440_000 + "x</pre>",
    "nested lines": "<ol><li>" * 90 + "<pre>" + "x\n" * 220_000 + "</pre>",
    "wide cells": "<table>" + "<tr><td colspan='99'>x</td></tr>" * 14_000 + "</table>",
    "padded rows": "<table><tr>" + "<td>x</td>" * 20_000 + "</tr>" + "<tr><td/></tr>" * 20_000
    + "</table>",
    "cdata": "<![CDATA[" * 55_000,
    "comments": "<!--" * 125_000,
    "brackets": "<" * MAX_CHARACTERS,
    "ticks": "<code>" + "`a" * 240_000 + "</code>",
    "zero width": "\u200b" * MAX_CHARACTERS,
    "escapes": "\x1b]" * 250_000,
    "half flags": "\U0001f3f4\U000e0061" * 250_000,
    "spaces": "<p>" + " \n" * 240_000 + "</p>",
    "entities": "&amp;" * 99_000,
    "laughs": "<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'><!ENTITY c '&b;&b;&b;&b;'>]>&c;",
    "attributes": "<p " + " ".join(f"a{n}='x'" for n in range(40_000)) + "/>",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little_time(name: str) -> None:
    """Bound of the acceptance list: 1 s. Twice that here, for machines under load."""
    started = time.perf_counter()
    storage_to_markdown(BOMBS[name])
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "name", ["unclosed", "quoted lines", "nested lines", "wide cells", "padded rows", "half flags"]
)
def test_bombs_cost_little_memory(name: str) -> None:
    tracemalloc.start()
    storage_to_markdown(BOMBS[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_time_grows_with_the_input_and_no_faster() -> None:
    row = "<tr><td><p>a <strong>b</strong></p></td></tr><tr><td><ol><li>c</li></ol></td></tr>"

    def seconds(rows: int) -> float:
        page = f"<table><tbody>{row * rows}</tbody></table>"
        started = time.perf_counter()
        storage_to_markdown(page)
        return time.perf_counter() - started

    small = min(seconds(500) for _ in range(3))
    assert min(seconds(4000) for _ in range(3)) < 8 * 3 * small


@given(
    st.text(alphabet=st.sampled_from("<>/&;![]-='\"`|#*\n \tapb:ac\x00\u200b\ud800"), max_size=300)
)
def test_any_text_converts(text: str) -> None:
    converted = storage_to_markdown(text)
    assert "\u200b" not in converted
    converted.encode()
