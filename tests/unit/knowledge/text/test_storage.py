"""Storage format to Markdown: what each element becomes, and what hostile pages cannot do."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.bombs import SOUP, WELL_FORMED
from kit.growth import assert_linear
from kit.untraced import untraced
from slackbot.knowledge.text.storage import CUT_NOTE, MAX_CHARACTERS, storage_to_markdown
from slackbot.knowledge.text.tag_soup import MAX_SOUP

if TYPE_CHECKING:
    from kit.bombs import Bomb


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


@pytest.mark.parametrize(
    ("name", "language"),
    [("code", ""), ("noformat", ""), ("plantuml", "plantuml"), ("html", "html"), ("a b\n", "ab")],
)
def test_what_a_macro_holds_as_plain_text_is_fenced(name: str, language: str) -> None:
    held = "@startuml\n# <b>no heading</b>\n```"
    assert storage_to_markdown(macro(name, plain(held))) == f"````{language}\n{held}\n````"


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
            "See “T”.",
        ),
        (macro("excerpt-include", parameter("", "Shared")), "See Shared."),
        (macro("include"), "See another page."),
        (
            macro("view-file", parameter("name", '<ri:attachment ri:filename="plan.pdf"/>')),
            "[file: attachment “plan.pdf”]",
        ),
        (macro("viewxls", parameter("name", "costs.xlsx")), "[file: costs.xlsx]"),
        (macro("drawio", parameter("diagramName", "Map"), parameter("width", "9")), "[file: Map]"),
        (macro("gliffy"), "[file: unnamed]"),
        (
            f"see {macro('jira', parameter('jqlQuery', 'project = PAY'))}",
            "see [Jira issues: project = PAY]",
        ),
        (f"<p>a{macro('anchor', parameter('', 'top'))}b</p>", "ab"),
    ],
)
def test_macros_show_their_text_and_no_parameters(markup: str, markdown: str) -> None:
    assert storage_to_markdown(markup) == markdown


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<ri:page ri:content-title="Pr&uuml;fung"/>', "“Prüfung”"),
        ('<ri:page ri:content-title="T" ri:space-key="OPS"/>', "“T” (space OPS)"),
        (
            (
                '<ri:page ri:content-title="T"/><ac:plain-text-link-body><![CDATA[the <way>]]>'
                "</ac:plain-text-link-body>"
            ),
            "the <way> (“T”)",
        ),
        (
            '<ri:page ri:content-title="T" ri:space-key="OPS"/><ac:link-body>t</ac:link-body>',
            "“T” (space OPS)",
        ),
        (
            '<ri:page ri:content-title="Way" ri:space-key="OPS"/><ac:link-body>a</ac:link-body>',
            "a (“Way”, space OPS)",
        ),
        ('<ri:attachment ri:filename="plan.pdf"/>', "attachment “plan.pdf”"),
        ('<ri:blog-post ri:content-title="B"/>', "“B”"),
        ('<ri:space ri:space-key="OPS"/>', "space “OPS”"),
        ('<ri:user ri:account-id="5f0"/>', "a person"),
        ('<ri:content-entity ri:content-id="123"/>', "page 123"),
        ('<ri:url ri:value="https://a.example/b"/>', "https://a.example/b"),
        ('<ri:url ri:value="data:text/html;base64,AAAA"/>', ""),
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
        ('<ac:image><ri:url ri:value="data:image/png;base64,AAAA"/></ac:image>',
         "[image: unnamed]"),
        ('<ac:image ac:alt="Map"><ri:attachment ri:filename="d"/></ac:image>',
         "[image: Map (attachment “d”)]"),
        (('<ac:image><ri:attachment ri:filename="d"/><ac:caption><p>Our map</p></ac:caption>'
         "</ac:image>"), "[image: Our map (attachment “d”)]"),
        ('a <ac:emoticon ac:name="tick"/>', "a :tick:"),
        ("a<ac:emoticon/>b", "ab"),
        ('see <ac:link ac:anchor="steps"></ac:link>', "see steps"),
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


def node(kind: str, *parts: str) -> str:
    return f'<ac:adf-node type="{kind}">{"".join(parts)}</ac:adf-node>'


def attribute(key: str, value: str) -> str:
    return f'<ac:adf-attribute key="{key}">{value}</ac:adf-attribute>'


def extension(*parts: str) -> str:
    return f"<ac:adf-extension>{''.join(parts)}</ac:adf-extension>"


def written(text: str) -> str:
    return f"<ac:adf-content>{text}</ac:adf-content>"


FALLBACK = "<ac:adf-fallback><p>once</p></ac:adf-fallback>"


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        (
            node("panel", attribute("panel-type", "note"), written("<p>Hot</p>")),
            "> **Note**\n>\n> Hot",
        ),
        (node("panel", attribute("panel-type", "custom"), written("<p>Hot</p>")), "> Hot"),
        (
            node("panel", attribute("local-id", "f19d"), written("<p>once</p>")) + FALLBACK,
            "> once",
        ),
        (node("panel", attribute("panel-type", "x")) + FALLBACK, "once"),
        (
            node(
                "decision-list",
                node("decision-item", attribute("state", "DECIDED"), written("We go")),
                node("decision-item", attribute("state", "UNDECIDED"), written("When")),
            ),
            "- Decided: We go\n- When",
        ),
        (
            node(
                "bodied-extension",
                attribute("parameters", '<ac:adf-parameter key="id">hush</ac:adf-parameter>'),
                written("<p>seen</p>"),
            ),
            "seen",
        ),
        (node("extension", attribute("extension-key", "app")), ""),
    ],
)
def test_nodes_of_the_new_editor_show_their_text_once(markup: str, markdown: str) -> None:
    assert storage_to_markdown(f"<p>a</p>{extension(markup)}") == f"a\n\n{markdown}".strip()


def test_a_page_with_all_that_people_put_on_pages() -> None:
    """A page of our own making, not one of Confluence's."""
    page = (
        "<h1>Release</h1>"
        + macro("toc")
        + macro("info", parameter("title", "Freeze"), rich("<p>Not on Fridays.</p>"))
        + "<p>Read <ac:link><ri:page ri:content-title='Roll back' ri:space-key='OPS'/>"
        "</ac:link> first; the plan is <ac:link><ri:attachment ri:filename='plan.pdf'/>"
        "<ac:plain-text-link-body><![CDATA[attached]]></ac:plain-text-link-body></ac:link>.</p>"
        "<table><tbody><tr><th>Step</th><th>Who</th></tr>"
        f"<tr><td>Build</td><td>{macro('status', parameter('title', 'BOT'))}</td></tr>"
        "</tbody></table>"
        + macro(
            "expand",
            parameter("title", "By hand"),
            rich("<p>Run</p>" + macro("code", parameter("language", "sh"), plain("make"))),
        )
        + "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete"
        "</ac:task-status><ac:task-body>Ask <ac:link><ri:user ri:account-id='5f'/></ac:link> by "
        "<time datetime='2026-12-01'/></ac:task-body></ac:task></ac:task-list>"
        + extension(node("panel", attribute("panel-type", "error"), written("<p>No keys!</p>")))
        + macro("view-file", parameter("name", '<ri:attachment ri:filename="plan.pdf"/>'))
    )
    assert storage_to_markdown(page) == snapshot("""\
# Release

> **Info: Freeze**
>
> Not on Fridays.

Read “Roll back” (space OPS) first; the plan is attached (attachment “plan.pdf”).

| Step | Who |
| --- | --- |
| Build | BOT |

**By hand**

Run

```sh
make
```

- [x] Ask a person by 2026-12-01

> **Error**
>
> No keys!

[file: attachment “plan.pdf”]\
""")


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
        ("<p>one<br>two</p><p>three</p>", "one\ntwo\n\nthree"),
        ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
        ("<p>R&D and AT&T, a & b</p><p>c</p>", "R&D and AT&T, a & b\n\nc"),
        ("<p>one<p>two<p>three &amp; four", "one\n\ntwo\n\nthree & four"),
        ("<ol><li>a<br>b</li><li>c</li></ol><p>d</p>", "1. a\n   b\n2. c\n\nd"),
        ("<table><tr><td>a & b</td><td>c</td></tr></table>", "| a & b | c |\n| --- | --- |"),
        ("<p>bad <b>x</p> rest &amp; <i>y</i>", "bad **x**\n\nrest & *y*"),
        ("<p>ok</p></storage><p>beyond</p>", "ok\n\nbeyond"),
        ("<unknown>a & b</unknown> c", "a & b c"),
        ("a &unknown; b", "a &unknown b"),
        ("1 < 2 <b>x</b>", "1 < 2 **x**"),
        ("a <b c", "a <b c"),
        ("&<!-- a <p> b -->c<!-- <script>d()</script> --><script>e()</script>", "&c"),
        ("& notes.txt", "& notes.txt"),
        ("<a href=https://x.example/?a=1&b=2 id='a > b'>x</a>", "[x](https://x.example/?a=1&b=2)"),
        ("&#123456789; <b a='&#123456789;'>b</b>", "&#123456789; **b**"),
        ("<p>x</p><?php y() ?><!DOCTYPE a><p>z</p>", "x\n\nz"),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_read_on_leniently(markup: str, markdown: str) -> None:
    assert storage_to_markdown(markup) == markdown


def test_macros_and_links_after_a_fault_are_still_understood() -> None:
    page = f"""<p>a<br>b</p>{macro("code", parameter("language", "sh"), plain("x > y <p> && z"))}
        <p>See <ac:link><ri:page ri:content-title="T" /></ac:link>.</p>"""
    assert storage_to_markdown(page) == "a\nb\n\n```sh\nx > y <p> && z\n```\n\nSee “T”."


def test_an_error_page_in_place_of_storage_format_reads_as_its_text() -> None:
    page = """<!DOCTYPE html><html lang=en><head><title>502 Bad Gateway</title>
        <meta charset=utf-8><style>b { color: red }</style><script>if (a < b) x()</script></head>
        <body><header>Status</header><h1>502 Bad Gateway</h1><hr><section>nginx<br>proxy</section>
        </body></html>"""
    assert storage_to_markdown(page) == snapshot("""\
502 Bad Gateway

Status

# 502 Bad Gateway

---

nginx
proxy\
""")


def test_a_long_page_is_read_whole_up_to_its_fault_and_on_up_to_a_bound() -> None:
    before = "<p>before</p>" * (MAX_SOUP // 10)
    converted = storage_to_markdown(f"{before}<p>a & b</p>{'<p>after</p>' * (MAX_SOUP // 10)}")
    assert converted.count("before") == MAX_SOUP // 10
    assert converted.endswith(f"after\n\n{CUT_NOTE}")
    assert MAX_SOUP // 14 < converted.count("after") < MAX_SOUP // 10


def test_hidden_characters_are_gone_however_they_were_written() -> None:
    hidden = "a\u200bb&#8203;c&zwnj;d\U000e0041<code>e&#x202e;f</code>\x1b[31mg"
    assert storage_to_markdown(hidden) == "abcd`ef`g"


def test_a_page_beyond_the_bound_is_cut_with_a_note() -> None:
    converted = storage_to_markdown("<p>" + "word " * MAX_CHARACTERS + "</p>")
    assert converted.startswith("word word")
    assert converted.endswith(CUT_NOTE)
    assert len(converted) <= MAX_CHARACTERS + len(CUT_NOTE)


# The lenient parser gets less to read: so that a test sees growth, it gets less than that, too.
PART = 5
BOMBS = [
    *(pytest.param(bomb, MAX_CHARACTERS, id=name) for name, bomb in WELL_FORMED.items()),
    *(pytest.param(bomb, MAX_SOUP, id=f"{name} (soup)") for name, bomb in SOUP.items()),
]


@pytest.mark.parametrize(("bomb", "read_at_most"), BOMBS)
def test_time_grows_with_a_bomb_and_no_faster(bomb: Bomb, read_at_most: int) -> None:
    assert_linear(storage_to_markdown, bomb, read_at_most // PART)


@pytest.mark.parametrize(
    ("bomb", "read_at_most"),
    [
        (WELL_FORMED["unclosed"], MAX_CHARACTERS),
        (WELL_FORMED["quoted lines"], MAX_CHARACTERS),
        (WELL_FORMED["nested lines"], MAX_CHARACTERS),
        (WELL_FORMED["wide cells"], MAX_CHARACTERS),
        (WELL_FORMED["padded rows"], MAX_CHARACTERS),
        (WELL_FORMED["half flags"], MAX_CHARACTERS),
        (SOUP["tags"], MAX_SOUP),
    ],
)
@untraced()
def test_bombs_cost_little_memory(bomb: Bomb, read_at_most: int) -> None:
    """At most 64 MiB for as much as is read of a page; a part of it costs its part of that."""
    page = bomb(read_at_most // PART)
    storage_to_markdown("&")  # imports the lenient parser
    tracemalloc.start()
    storage_to_markdown(page)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak * PART < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "row",
    ["<tr><td><p>a <strong>b</strong></p></td></tr>", "<tr><td><ol><li>c</li></ol></td></tr>"],
)
def test_time_grows_with_a_table_and_no_faster(row: str) -> None:
    def table(rows: int) -> str:
        return f"<table><tbody>{row * rows}</tbody></table>"

    assert_linear(storage_to_markdown, table, 2000)


def test_the_lenient_parser_is_imported_only_for_a_fault() -> None:
    program = (
        "import sys; from slackbot.knowledge.text.storage import storage_to_markdown as convert;"
        "convert('<p>a</p>'); before = 'bs4' in sys.modules;"
        "convert('<p>a'); convert('a & b'); print(before, 'bs4' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603 - a fixed program
    assert ran.stdout.split() == [b"False", b"True"]


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<br>", "<li>", "<ol>", "</ol>", "<pre>", "<script>", "</storage>",
             "<ac:link>", "<ri:page ri:content-title='T'/>", "<![CDATA[", "]]>", "<!--", "-->",
             "&", "&amp;", "&#", "x", "123456789", ";", "<", ">", "'", '"', "<a href='", "<?x"]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_any_markup_converts(parts: list[str]) -> None:
    storage_to_markdown("".join(parts)).encode()


@given(
    st.text(alphabet=st.sampled_from("<>/&;![]-='\"`|#*\n \tapb:ac\x00\u200b\ud800"), max_size=300)
)
def test_any_text_converts(text: str) -> None:
    converted = storage_to_markdown(text)
    assert "\u200b" not in converted
    converted.encode()
