"""What the page shows of Slack's texts and blocks, in the DOM of a real browser."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from localslack.emoji import glyphs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from kit.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

LONGEST = 40_000
"""Characters that the text of one message may have (Slack's documentation of chat.postMessage)."""

TIMES = 16
"""How much longer the longest text is than the one that it is measured by."""

TRIES = 5
REPEATS = 4

ROLE_OF_LINK = 'target="_blank" rel="noopener noreferrer"'


def anchor(url: str, label: str) -> str:
    return f'<a href="{url}" {ROLE_OF_LINK}>{label}</a>'


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, "style": style}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "b1", "elements": list(elements)}


class TestMrkdwn:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("*bold*", "<strong>bold</strong>"),
            ("_italic_", "<em>italic</em>"),
            ("~gone~", "<s>gone</s>"),
            ("*_both_*", "<strong><em>both</em></strong>"),
            ("(*a*), _b_!", "(<strong>a</strong>), <em>b</em>!"),
            ("2 *3 and *bold*", "2 *3 and <strong>bold</strong>"),
            ("`a *b* c`", "<code>a *b* c</code>"),
            ("`<https://a.test|a.test>`", "<code>a.test</code>"),
            ("`open", "`open"),
            ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
            ("* not bold * nor *this", "* not bold * nor *this"),
            ("**twice**", "**twice**"),
            ("*a _b* c_", "<strong>a _b</strong> c_"),
            ("*one\ntwo*", "*one<br>two*"),
            ("5 &lt; 7 &amp; 8 &gt; 3 & more", "5 &lt; 7 &amp; 8 &gt; 3 &amp; more"),
            ("&amp;lt;", "&amp;lt;"),
            ("<b>not bold</b>", "&lt;b&gt;not bold&lt;/b&gt;"),
            ("<https://a.test/x|label>", anchor("https://a.test/x", "label")),
            (
                "<https://a.test/?a&amp;b>",
                anchor("https://a.test/?a&amp;b", "https://a.test/?a&amp;b"),
            ),
            ("<mailto:a@b.test>", anchor("mailto:a@b.test", "a@b.test")),
            ("*<https://a.test|x>*", f"<strong>{anchor('https://a.test', 'x')}</strong>"),
            (
                "(see https://a.test/b_(c)).",
                f"(see {anchor('https://a.test/b_(c)', 'https://a.test/b_(c)')}).",
            ),
            ("xhttps://a.test", "xhttps://a.test"),
            ("x :tada:", 'x <span class="emoji" title=":tada:">🎉</span>'),
            ("at 12:30:45 :no_such:", "at 12:30:45 :no_such:"),
            ("ok :+1::skin-tone-3:", 'ok <span class="emoji" title=":+1:">👍</span>'),
        ],
    )
    async def test_a_line(self, stage: Stage, text: str, html: str) -> None:
        assert f"<p>{html}</p>" == await stage.show("mrkdwn", text)

    async def test_mentions_are_chips_and_ones_own_stands_out(self, stage: Stage) -> None:
        await stage.show("mrkdwn", "<@U1> <@U2> <@U9|eva> <@W9> <!here> <!subteam^S1|@platform>")

        assert (await stage.texts(".mention")) == [
            "@Ana Ruiz",
            "@Ben Okafor",
            "@eva",
            "@W9",
            "@here",
            "@platform",
        ]
        assert await stage.texts(".mention-me") == ["@Ana Ruiz", "@here"]

    async def test_a_mention_opens_who_or_what_it_names(self, stage: Stage) -> None:
        await stage.show("mrkdwn", "<@U2> in <#C1|old-name>, <#C9|elsewhere>, <#C8>")
        await stage.find("button >> nth=0").click()
        await stage.find("button >> nth=1").click()

        assert await stage.call("opened") == ["U2", "C1"]
        assert (await stage.texts(".mention")) == [
            "@Ben Okafor",
            "#general",
            "#elsewhere",
            "🔒 private channel",
        ]

    async def test_a_date_is_in_the_form_asked_for(self, stage: Stage) -> None:
        html = await stage.show("mrkdwn", "<!date^1700000000^{date_num}^https://a.test|soon>")

        assert await stage.texts("a > time") == ["2023-11-14"]
        assert 'datetime="2023-11-14T22:13:20.000Z"' in html
        assert await stage.show("mrkdwn", "<!date^never^{date}|soon>") == "<p>soon</p>"

    async def test_paragraphs_quotes_lists_and_code(self, stage: Stage) -> None:
        text = (
            "a\n\nb\n&gt; q *1*\n> q 2\n• one\n    ◦ in\n- two\n3. three\n```\n*x*\n&lt;y\n```\nz"
        )
        await stage.show("mrkdwn", text)

        assert await stage.page.evaluate(
            "[...document.querySelector('main').children].map((each) => each.tagName)"
        ) == ["P", "P", "BLOCKQUOTE", "UL", "UL", "UL", "OL", "DIV", "P"]
        assert await stage.texts("blockquote") == ["q 1q 2"]
        assert await stage.texts("ul.list-1 > li") == ["in"]
        assert await stage.find("ol").get_attribute("start") == "3"
        assert await stage.texts("pre") == ["*x*\n<y"]

    async def test_three_marks_quote_all_that_follows(self, stage: Stage) -> None:
        html = await stage.show("mrkdwn", ">>>a\n\n> b")
        assert html == "<blockquote><p>a</p><p>&gt; b</p></blockquote>"

    async def test_code_without_an_end_is_text(self, stage: Stage) -> None:
        await stage.show("mrkdwn", "```a``` b ```c")
        assert (await stage.texts("pre"), await stage.texts("p")) == (["a"], [" b ```c"])

    @pytest.mark.parametrize(
        ("text", "is_large"),
        [
            (":tada: 🚀 ❤️", True),
            ("1️⃣🇪🇺🧑‍💻", True),
            (":tada: yes", False),
            (":tada:" * 24, False),
            ("7", False),
        ],
    )
    async def test_a_few_emoji_alone_are_large(
        self, stage: Stage, text: str, is_large: bool
    ) -> None:
        await stage.show("mrkdwn", text)
        assert is_large == (await stage.find(".jumbo").count() == 1)


class TestMarkdown:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("**b** __b__", "<strong>b</strong> <strong>b</strong>"),
            ("*i* _i_", "<em>i</em> <em>i</em>"),
            ("~~s~~ ~5 to ~10", "<s>s</s> ~5 to ~10"),
            ("***x***", "<em><strong>x</strong></em>"),
            ("***a* b**", "<strong><em>a</em> b</strong>"),
            ("**a *b***", "<strong>a <em>b</em></strong>"),
            ("*a **b***", "<em>a <strong>b</strong></em>"),
            ("snake_case_name, 2 * 3 * 4", "snake_case_name, 2 * 3 * 4"),
            ("*a [b* c](https://a.test)", f"*a {anchor('https://a.test', 'b* c')}"),
            ("`` a`b ``", "<code>a`b</code>"),
            ("`**a**` `open", "<code>**a**</code> `open"),
            (r"\*a\* &lt;b&gt; &#38; &#x26; &#0;", "*a* &lt;b&gt; &amp; &amp; &amp;#0;"),
            ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
            ("a\nb  \nc\\\nd<br>e", "a<br>b<br>c<br>d<br>e"),
            ("[**a**](https://a.test/(b))", anchor("https://a.test/(b)", "<strong>a</strong>")),
            ('[a](<https://a.test/b> "Title")', anchor("https://a.test/b", "a")),
            ("[[P-1] a](https://a.test)", anchor("https://a.test", "[P-1] a")),
            ("[https://a.test](https://b.test)", anchor("https://b.test", "https://a.test")),
            (
                "[a [b](https://b.test)](https://a.test)",
                f"[a {anchor('https://b.test', 'b')}]({anchor('https://a.test', 'https://a.test')})",
            ),
            ("![chart](https://a.test/c.png)", anchor("https://a.test/c.png", "chart")),
            ("[a](docs/b.md) [c]", "[a](docs/b.md) [c]"),
            (
                "<https://a.test> <https://a.test|x>",
                f"{anchor('https://a.test', 'https://a.test')} {anchor('https://a.test', 'x')}",
            ),
            (
                "**https://a.test**",
                f"<strong>{anchor('https://a.test', 'https://a.test')}</strong>",
            ),
            ("x :rocket:", 'x <span class="emoji" title=":rocket:">🚀</span>'),
        ],
    )
    async def test_a_paragraph(self, stage: Stage, text: str, html: str) -> None:
        assert f"<p>{html}</p>" == await stage.show("markdown", text)

    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("# A *b* #\n###### C#", "<h3>A <em>b</em></h3><h6>C#</h6>"),
            ("#tag", "<p>#tag</p>"),
            ("a\n---\nb", "<p>a</p><hr><p>b</p>"),
            ("- a\n- b\n\n- c", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
            ("a\n- b", "<p>a</p><ul><li>b</li></ul>"),
            ("2. a\n3) b", '<ol start="2"><li>a</li><li>b</li></ol>'),
            (
                "1. a\n  - b\n    - c\n2. d",
                "<ol><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ol>",
            ),
            ("- a\nmore\n\n  b", "<ul><li>a<br>more<p>b</p></li></ul>"),
            (
                "> a\nmore\n> - b\n\nc",
                "<blockquote><p>a<br>more</p><ul><li>b</li></ul></blockquote><p>c</p>",
            ),
            ("* * *", "<hr>"),
            ("-", "<ul><li></li></ul>"),
        ],
    )
    async def test_blocks_of_text(self, stage: Stage, text: str, html: str) -> None:
        assert html == await stage.show("markdown", text)

    async def test_code_has_its_language_and_stays_as_it_is(self, stage: Stage) -> None:
        await stage.show("markdown", "````py x=1\n**a**\n```\n  <b>\n````\n- a\n  ```\n  b\n  ```")

        assert await stage.texts("pre") == ["**a**\n```\n  <b>", "b"]
        assert await stage.texts(".code-language") == ["py"]

    async def test_code_can_be_copied(self, stage: Stage) -> None:
        await stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await stage.show("markdown", "```\nmake *all*\n```")
        await stage.find(".code-copy").click()

        await expect(stage.find(".code-copy")).to_have_text("Copied")
        assert await stage.page.evaluate("navigator.clipboard.readText()") == "make *all*"

    async def test_task_lists_show_what_is_done(self, stage: Stage) -> None:
        await stage.show("markdown", "- [x] a\n- [ ] **b**\n- [ ]")

        boxes = stage.find("li.task-item > input:disabled")
        assert [await box.is_checked() for box in await boxes.all()] == [True, False]
        assert [text.strip() for text in await stage.texts("li")] == ["a", "b", "[ ]"]

    async def test_tables_have_headings_and_alignment(self, stage: Stage) -> None:
        rows = "| `x|y` | 1 \\| 2 | **z** | lost |\n| short |\n"
        text = f"| a | b |c|\n|:--|:-:|--:|\n{rows}\nend"
        await stage.show("markdown", text)

        assert await stage.texts("th[scope=col]") == ["a", "b", "c"]
        assert await stage.texts("tbody tr:nth-child(1) td") == ["x|y", "1 | 2", "z"]
        assert await stage.texts("tbody tr:nth-child(2) td") == ["short", ""]
        assert await stage.texts(".align-center") == ["b", "1 | 2"]
        assert await stage.texts("p") == ["end"]

    async def test_slacks_own_sequences_stay_live(self, stage: Stage) -> None:
        await stage.show("markdown", "**<@U2>** in <#C1> <!here>, `<@U2>`")

        assert await stage.texts(".mention") == ["@Ben Okafor", "#general", "@here"]
        assert await stage.texts("code") == ["<@U2>"]

    @pytest.mark.parametrize(
        ("so_far", "html"),
        [
            ("a **bol", "<p>a **bol</p>"),
            ("a **bold*", "<p>a **bold*</p>"),
            ("see [the run", "<p>see [the run</p>"),
            ("see [it](https://docs.te", "<p>see [it](https://docs.te</p>"),
            ("a `co", "<p>a `co</p>"),
            ("<@U", "<p>&lt;@U</p>"),
        ],
    )
    async def test_what_is_still_arriving_is_text(
        self, stage: Stage, so_far: str, html: str
    ) -> None:
        assert html == await stage.show("markdown", so_far)

    async def test_code_and_tables_show_before_they_are_complete(self, stage: Stage) -> None:
        await stage.show("markdown", "```py\nprint(1)\n")
        assert await stage.texts("pre") == ["print(1)\n"]
        await stage.show("markdown", "| a | b |\n|--")
        assert await stage.texts("th") == ["a", "b"]


class TestRichText:
    async def test_all_its_parts(self, stage: Stage) -> None:
        item = section(words("x", bold=True, italic=True, code=True))
        given = rich(
            section(words("a\n"), words("s", strike=True), words("u", underline=True)),
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "offset": 2,
                "elements": [item],
            },
            {"type": "rich_text_list", "style": "bullet", "elements": [item, item]},
            {"type": "rich_text_quote", "elements": [words("q")]},
            {
                "type": "rich_text_preformatted",
                "elements": [words("c"), {"type": "link", "url": "https://a.test"}],
            },
        )
        await stage.show("rich_text", given)

        assert await stage.texts("p") == ["a\nsu", "q"]
        assert ["".join(await stage.texts("p > s, p > u"))] == ["su"]
        assert await stage.find("li > strong > em > code").count() == 3
        assert await stage.find("ol.list-1").get_attribute("start") == "3"
        assert await stage.texts("blockquote") == ["q"]
        assert await stage.texts("pre") == ["chttps://a.test"]

    async def test_elements_within_a_line(self, stage: Stage) -> None:
        elements: list[Json] = [
            {"type": "user", "user_id": "U1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "broadcast", "range": "everyone"},
            {"type": "link", "url": "https://a.test"},
            {"type": "emoji", "name": "tada"},
            {"type": "emoji", "name": "flag-aq", "unicode": "1f1e6-1f1f6"},
            {"type": "emoji", "name": "party_parrot"},
            {"type": "date", "timestamp": 1700000000, "format": "{date_num}"},
            {"type": "color", "value": "#F405B3"},
            {"type": "hologram", "fallback": "?"},
        ]
        await stage.show("rich_text", rich(section(*elements)))

        assert (await stage.texts("p")) == [
            "@Ana Ruiz#general@S1@everyonehttps://a.test🎉🇦🇶:party_parrot:2023-11-14#F405B3?"
        ]
        swatch = stage.find(".swatch")
        await expect(swatch).to_have_css("background-color", "rgb(244, 5, 179)")


class TestBlocks:
    async def test_a_section_has_text_fields_and_an_accessory(self, stage: Stage) -> None:
        button = {"type": "button", "action_id": "a", "text": plain("Go")}
        fields = [mrkdwn("*A*"), plain("*B* :tada:")]
        await stage.show(
            "blocks",
            [{"type": "section", "text": mrkdwn("_t_"), "fields": fields, "accessory": button}],
        )

        assert await stage.texts(".section-body > p > em") == ["t"]
        assert await stage.texts(".fields > div") == ["A", "*B* 🎉"]
        assert await stage.texts(".accessory > button") == ["Go"]

    async def test_blocks_without_controls(self, stage: Stage) -> None:
        picture = {"type": "image", "image_url": "https://a.test/x.png", "alt_text": "Chart"}
        await stage.show(
            "blocks",
            [
                {"type": "header", "text": plain("Hello")},
                {"type": "divider"},
                {"type": "context", "elements": [picture, mrkdwn("*by* ci"), plain("*now*")]},
                {"type": "markdown", "text": "**m**"},
                rich(section(words("r"))),
                {**picture, "title": plain("Title")},
                {"type": "file", "external_id": "F1"},
                {
                    "type": "video",
                    "title": plain("V"),
                    "title_url": "https://a.test",
                    "alt_text": "Film",
                },
            ],
        )

        assert await stage.texts("h3") == ["Hello"]
        assert await stage.find("hr").count() == 1
        assert await stage.texts(".block-context > span:not(.image-place)") == ["by ci", "*now*"]
        assert await stage.texts(".block-markdown strong") == ["m"]
        assert await stage.texts(".block-rich_text p") == ["r"]
        assert await stage.texts("figcaption") == ["Title"]
        assert await stage.texts(".block-video a") == ["V"]
        assert await stage.page.get_by_role("img").count() == 3
        assert await stage.find("img").count() == 0

    async def test_a_table_has_cells_of_both_kinds(self, stage: Stage) -> None:
        raw = {"type": "raw_text", "text": "<b>"}
        table = {
            "type": "table",
            "rows": [[raw, raw], [rich(section(words("x", bold=True))), raw]],
            "column_settings": [None, {"align": "right", "is_wrapped": True}],
        }
        await stage.show("blocks", [table])

        assert await stage.texts("thead th[scope=col]") == ["<b>", "<b>"]
        assert await stage.texts("td.nowrap strong") == ["x"]
        assert await stage.texts("td.align-right:not(.nowrap)") == ["<b>"]

    @pytest.mark.parametrize(
        "broken",
        [
            {"type": "hologram"},
            {"type": "constructor"},
            {"type": "section"},
            {"type": "section", "text": {"type": "mrkdwn"}},
            {"type": "table", "rows": []},
            {"type": "table", "rows": [[{"type": "number"}]]},
            {"type": "rich_text", "elements": [{"type": "rich_text_poem"}]},
            {"type": "actions"},
            {"type": "markdown"},
            {},
        ],
    )
    async def test_a_block_that_is_not_known_says_so_and_the_rest_is_shown(
        self, stage: Stage, broken: Json
    ) -> None:
        await stage.show("blocks", [broken, {"type": "markdown", "text": "rest"}])

        assert [f"Unsupported block: {broken.get('type', 'undefined')}"] == (
            await stage.texts(".unsupported")
        )
        assert await stage.texts("p") == ["rest"]

    async def test_an_element_that_is_not_known_says_so(self, stage: Stage) -> None:
        await stage.show(
            "blocks", [actions({"type": "knob"}, {"type": "button", "text": plain("ok")})]
        )
        assert (
            await stage.texts(".unsupported"),
            await stage.texts("button"),
        ) == (["Unsupported element: knob"], ["ok"])


class TestControls:
    """What the app is told is the payload that Slack would send for that element."""

    async def told(self, stage: Stage) -> Json:
        [pressed] = await stage.pressed()
        assert (pressed["blockId"], pressed["actionId"]) == ("b1", "a1")
        action: Json = pressed["action"]
        return action

    async def test_a_button(self, stage: Stage) -> None:
        button = {
            "type": "button",
            "action_id": "a1",
            "text": plain("Go"),
            "value": "7",
            "style": "primary",
        }
        await stage.show("blocks", [actions(button)])
        await stage.find(".kit-button.primary").click()

        assert {"type": "button", "text": plain("Go"), "value": "7", "style": "primary"} == (
            await self.told(stage)
        )

    async def test_a_button_with_a_link(self, stage: Stage) -> None:
        button = {
            "type": "button",
            "action_id": "a1",
            "text": plain("Go"),
            "url": "https://a.test/x",
        }
        html = await stage.show("blocks", [actions(button)])
        await stage.find("a").click()

        assert f'href="https://a.test/x" {ROLE_OF_LINK}' in html
        assert {"type": "button", "text": plain("Go")} == await self.told(stage)

    @pytest.mark.parametrize(("answer", "times"), [("Delete", 1), ("Keep", 0), (None, 0)])
    async def test_an_action_may_ask_first(
        self, stage: Stage, answer: str | None, times: int
    ) -> None:
        confirm = {
            "title": plain("Sure?"),
            "text": mrkdwn("*Gone* for good"),
            "confirm": plain("Delete"),
            "deny": plain("Keep"),
            "style": "danger",
        }
        button = {"type": "button", "action_id": "a1", "text": plain("Go"), "confirm": confirm}
        await stage.show("blocks", [actions(button)])
        await stage.find("button").click()
        dialog = stage.page.get_by_role("dialog", name="Sure?")
        await expect(dialog.locator("p")).to_have_text("Gone for good")
        assert await stage.pressed() == []
        if answer:
            await dialog.get_by_role("button", name=answer).click()
        else:
            await stage.page.keyboard.press("Escape")

        await expect(stage.page.locator("dialog")).to_have_count(0)
        assert times == len(await stage.pressed())

    async def test_a_select(self, stage: Stage) -> None:
        select = {
            "type": "static_select",
            "action_id": "a1",
            "placeholder": plain("Where"),
            "options": [option("A", "a"), option("B", "b")],
        }
        await stage.show("blocks", [actions(select)])
        shown = stage.page.get_by_label("Where")
        assert await shown.input_value() == "-1"
        await shown.select_option(label="B")

        assert {"type": "static_select", "selected_option": option("B", "b")} == (
            await self.told(stage)
        )

    async def test_a_select_with_groups_goes_back_when_the_person_declines(
        self, stage: Stage
    ) -> None:
        select = {
            "type": "static_select",
            "action_id": "a1",
            "option_groups": [
                {"label": plain("G1"), "options": [option("A", "a")]},
                {"label": plain("G2"), "options": [option("B", "b")]},
            ],
            "initial_option": option("B", "b"),
            "confirm": {"text": plain("Really?")},
        }
        await stage.show("blocks", [actions(select)])
        shown = stage.find("select")
        assert await shown.input_value() == "1"
        await shown.select_option(label="A")
        await stage.page.get_by_role("button", name="Cancel").click()

        await expect(shown).to_have_value("1")
        assert await stage.pressed() == []

    async def test_an_overflow_menu(self, stage: Stage) -> None:
        menu = {
            "type": "overflow",
            "action_id": "a1",
            "options": [option("Mute", "m"), {**option("Docs", "d"), "url": "https://a.test"}],
        }
        await stage.show("blocks", [actions(menu)])
        await stage.find("summary").click()
        assert await stage.find("a[href='https://a.test']:visible").count() == 1
        await stage.find(".kit-menu-item >> nth=0").click()

        assert {"type": "overflow", "selected_option": option("Mute", "m")} == (
            await self.told(stage)
        )
        await expect(stage.find("details")).not_to_have_attribute("open", "")

    async def test_the_overflow_menu_closes_with_escape_and_when_left(self, stage: Stage) -> None:
        menu = {"type": "overflow", "action_id": "a1", "options": [option("Mute", "m")]}
        await stage.show("blocks", [actions(menu, {"type": "button", "text": plain("Next")})])
        summary, details = stage.find("summary"), stage.find("details")
        await summary.click()
        await stage.page.keyboard.press("Escape")
        await expect(details).not_to_have_attribute("open", "")
        await expect(summary).to_be_focused()
        await summary.click()
        await stage.find(".block-actions > button").focus()
        await expect(details).not_to_have_attribute("open", "")

    async def test_checkboxes(self, stage: Stage) -> None:
        boxes = {
            "type": "checkboxes",
            "action_id": "a1",
            "options": [option("A", "a"), {**option("B", "b"), "description": plain("note")}],
            "initial_options": [option("A", "a")],
        }
        await stage.show("blocks", [actions(boxes)])
        await stage.page.get_by_label("B").check()

        told = await self.told(stage)
        assert (told["type"], [each["value"] for each in told["selected_options"]]) == (
            "checkboxes",
            ["a", "b"],
        )

    async def test_radio_buttons(self, stage: Stage) -> None:
        radios = {
            "type": "radio_buttons",
            "action_id": "a1",
            "options": [option("A", "a"), option("B", "b")],
            "initial_option": option("A", "a"),
        }
        await stage.show("blocks", [actions(radios), {**actions(radios), "block_id": "b2"}])
        await stage.page.get_by_label("B").first.check()

        assert {"type": "radio_buttons", "selected_option": option("B", "b")} == (
            await self.told(stage)
        )
        assert await stage.page.get_by_label("A").last.is_checked()

    async def test_a_date_picker(self, stage: Stage) -> None:
        await stage.show(
            "blocks",
            [actions({"type": "datepicker", "action_id": "a1", "initial_date": "2026-11-21"})],
        )
        await stage.page.get_by_label("Select a date").fill("2026-12-24")

        assert (await self.told(stage)) == {
            "type": "datepicker",
            "selected_date": "2026-12-24",
            "initial_date": "2026-11-21",
        }

    async def test_feedback_is_given_once_and_shows_what_was_given(self, stage: Stage) -> None:
        feedback = {
            "type": "feedback_buttons",
            "action_id": "a1",
            "positive_button": {
                "text": plain("👍"),
                "value": "good",
                "accessibility_label": "Good answer",
            },
            "negative_button": {"text": plain("👎"), "value": "bad"},
        }
        block = {"type": "context_actions", "block_id": "b1", "elements": [feedback]}
        await stage.show("blocks", [block])
        good = stage.page.get_by_role("button", name="Good answer")
        await expect(good).to_have_attribute("aria-pressed", "false")
        await good.click()
        await good.click()

        assert {"type": "feedback_buttons", "text": plain("👍"), "value": "good"} == (
            await self.told(stage)
        )
        await stage.show("blocks", [block], again=True)
        await expect(good).to_have_attribute("aria-pressed", "true")
        await stage.page.get_by_role("button", name="👎").click()
        await expect(good).to_have_attribute("aria-pressed", "false")

    async def test_an_icon_button_is_for_those_it_names(self, stage: Stage) -> None:
        trash = {
            "type": "icon_button",
            "action_id": "a1",
            "icon": "trash",
            "text": plain("Delete"),
            "value": "v",
        }
        mine = {**trash, "visible_to_user_ids": ["U1"]}
        theirs = {**trash, "visible_to_user_ids": ["U2"]}
        await stage.show(
            "blocks", [{"type": "context_actions", "block_id": "b1", "elements": [mine, theirs]}]
        )
        await stage.page.get_by_role("button", name="Delete").click()

        assert {"type": "icon_button", "text": plain("Delete"), "value": "v", "icon": "trash"} == (
            await self.told(stage)
        )

    async def test_an_input_tells_the_app_only_where_it_asks_for_it(self, stage: Stage) -> None:
        block = {
            "type": "input",
            "block_id": "b1",
            "label": plain("Name"),
            "hint": plain("Short"),
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": "a1", "multiline": True},
        }
        await stage.show("blocks", [block])
        field = stage.page.get_by_label("Name (optional)")
        await field.fill("Ana")
        await field.blur()
        assert await stage.pressed() == []

        await stage.show("blocks", [{**block, "dispatch_action": True}], again=True)
        await expect(field).to_have_value("Ana")
        await field.fill("Ben")
        await field.blur()
        assert await self.told(stage) == {"type": "plain_text_input", "value": "Ben"}

    async def test_a_group_in_an_input_has_its_label(self, stage: Stage) -> None:
        radios = {"type": "radio_buttons", "action_id": "a1", "options": [option("A", "a")]}
        await stage.show("blocks", [{"type": "input", "label": plain("Pick"), "element": radios}])
        assert await stage.page.get_by_role("radiogroup", name="Pick").count() == 1

    async def test_a_choice_outlives_the_next_rendering(self, stage: Stage) -> None:
        select = {
            "type": "static_select",
            "action_id": "a1",
            "options": [option("A", "a"), option("B", "b")],
        }
        await stage.show("blocks", [actions(select)])
        await stage.find("select").select_option(label="B")
        await expect(stage.find("select:not([aria-busy])")).to_have_count(1)
        await stage.show("blocks", [actions(select)], again=True)

        assert await stage.find("select").input_value() == "1"


class TestTasks:
    tasks = (
        {
            "id": "1",
            "title": "Search",
            "status": "complete",
            "details": "*3* pages",
            "sources": [
                {"type": "url", "url": "https://a.test", "text": "Runbook"},
                {"type": "url", "url": "javascript:x", "text": "Bad"},
            ],
        },
        {"id": "2", "title": "Read", "status": "error", "output": "no access"},
        {"id": "3", "title": "Think", "status": "in_progress"},
        {"id": "4", "title": "Write", "status": "mystery"},
    )

    async def test_a_timeline_shows_each_task_and_its_state(self, stage: Stage) -> None:
        await stage.show(
            "tasks", {"tasks": self.tasks, "plan_title": None, "task_display": "timeline"}
        )

        assert (await stage.texts(".task-title")) == [
            "Done: Search",
            "Failed: Read",
            "In progress: Think",
            "To do: Write",
        ]
        assert await stage.texts(".task-details em") == ["3"]
        assert await stage.texts(".task-output p") == ["no access"]
        assert await stage.texts(".sources li") == ["Runbook", "Bad"]
        assert await stage.texts(".sources a") == ["Runbook"]

    async def test_a_plan_has_a_title_and_progress_and_stays_folded(self, stage: Stage) -> None:
        message = {"tasks": self.tasks, "plan_title": "Finding :mag:", "task_display": "plan"}
        await stage.show("tasks", message)
        assert await stage.texts("summary") == ["Finding 🔍1 of 4 done"]
        assert await stage.find("progress").evaluate("(bar) => bar.position") == 0.25
        await stage.find("summary").click()
        await expect(stage.find(".task").first).to_be_hidden()

        await stage.show("tasks", message, again=True)
        await expect(stage.find(".task").first).to_be_hidden()

    async def test_a_message_without_tasks_shows_none(self, stage: Stage) -> None:
        assert (
            await stage.show("tasks", {"tasks": [], "plan_title": None, "task_display": "plan"})
            == ""
        )

    async def test_tasks_may_come_as_blocks(self, stage: Stage) -> None:
        card = {
            "type": "task_card",
            "task_id": "1",
            "title": "Search",
            "status": "complete",
            "output": rich(section(words("found"))),
        }
        await stage.show("blocks", [card, {"type": "plan", "title": "Plan A", "tasks": [card]}])

        assert await stage.texts(".task-output") == ["found", "found"]
        assert await stage.texts("summary") == ["Plan A1 of 1 done"]


class TestAttachments:
    async def test_a_legacy_attachment(self, stage: Stage) -> None:
        given = {
            "color": "#36a64f",
            "pretext": "*pre*",
            "author_name": "ci",
            "title": "Build",
            "title_link": "https://a.test",
            "text": "_ok_",
            "fields": [{"title": "Branch", "value": "`main`", "short": True}],
            "footer": "CI",
            "ts": 1700000000,
        }
        await stage.show("attachments", [given])

        assert await stage.texts(".attachment-box > p strong") == ["pre"]
        assert await stage.texts(".attachment-title > a") == ["Build"]
        assert await stage.texts(".fields > div") == ["Branchmain"]
        [footer] = await stage.texts(".attachment-footer")
        assert footer.startswith("CI | Nov ")
        bar = await stage.find(".attachment").evaluate(
            "(each) => getComputedStyle(each, '::before').backgroundColor"
        )
        assert bar == "rgb(54, 166, 79)"

    @pytest.mark.parametrize("color", ["good", "red; background: url(https://a.test)", 7, None])
    async def test_a_color_is_a_color_or_nothing(self, stage: Stage, color: object) -> None:
        html = await stage.show("attachments", [{"color": color, "fallback": "plain *text*"}])
        assert "url(" not in html
        assert await stage.texts(".attachment p") == ["plain *text*"]

    async def test_an_attachment_may_hold_blocks(self, stage: Stage) -> None:
        await stage.show(
            "attachments", [{"blocks": [{"type": "markdown", "text": "**b**"}], "fallback": "x"}]
        )
        assert await stage.texts(".attachment") == ["b"]


class TestDates:
    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ("{date_num} {date_slash}", "2026-11-20 20/11/2026"),
            ("on {date}", "on November 20th, 2026"),
            ("{date_short}", "Nov 20, 2026"),
            ("{date_long}", "Friday, November 20th, 2026"),
            ("{date_long_full}", "November 20, 2026"),
            (
                "{date_pretty}, {date_short_pretty}, {date_long_pretty}",
                "Yesterday, yesterday, yesterday",
            ),
            ("{day_divider_pretty} {ago}", "Yesterday 1 day ago"),
            ("{time} {time_secs}", "9:05 AM 9:05:07 AM"),
            ("{weather}", "{weather}"),
        ],
    )
    async def test_tokens(self, stage: Stage, form: str, text: str) -> None:
        at = "new Date(2026, 10, 20, 9, 5, 7).getTime() / 1000"
        shown = await stage.call(f"formatDate({at}, given[0], new Date(2026, 10, 21, 12))", form)
        assert text == shown.replace("\u202f", " ")

    async def test_days_far_from_today_have_their_full_names(self, stage: Stage) -> None:
        now = "new Date(2026, 10, 21)"
        this_year = f"formatDate(new Date(2026, 0, 2) / 1000, '{{day_divider_pretty}}', {now})"
        last_year = f"formatDate(new Date(2025, 0, 11) / 1000, '{{day_divider_pretty}}', {now})"

        assert await stage.call(this_year) == "Friday, January 2nd"
        assert await stage.call(last_year) == "Saturday, January 11th, 2025"


class TestEmoji:
    async def test_the_page_and_the_server_know_the_same_names(self, stage: Stage) -> None:
        known = await stage.call(
            "emoji.EMOJI.flatMap(({names, character}) => names.map((name) => [name, character]))"
        )
        assert dict(known) == glyphs()

    async def test_a_name_leads_to_its_character(self, stage: Stage) -> None:
        assert await stage.call(
            "emoji && ['thumbsup', '+1::skin-tone-4', 'no_such'].map(stage.emoji.emojiFor)"
        ) == ["👍", "👍", None]

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            ("", "+1"),
            ("rock", "rocket"),
            (":white ch", "white_check_mark"),
            ("deploy", "rocket"),
            ("zzzz", None),
        ],
    )
    async def test_the_picker_finds_by_name_and_by_what_is_meant(
        self, stage: Stage, query: str, first: str | None
    ) -> None:
        found = await stage.call("emoji.searchEmoji(given[0], 5).map(({name}) => name)", query)
        assert first == next(iter(found), None)
        assert len(found) <= 5


HOSTILE = (
    "<script>x()</script>",
    "<img src=x onerror=x()>",
    "<javascript:x()|click>",
    '<https://a.test" onclick="x()|click>',
    "[click](javascript:x())",
    "[click](  JaVaScRiPt:x())",
    "[click](java&#115;cript:x())",
    "[click](<javascript:x()>)",
    "![x](data:text/html,<script>x()</script>)",
    "<data:text/html,x|click>",
    "[click](vbscript:x) <!date^1^{date}^javascript:x|y>",
    "```<script>x()</script>\n<b>",
    "| <img src=x onerror=x()> |\n|-|\n| <script> |",
    'https://a.test/"onmouseover=x()',
)


class TestSafety:
    @pytest.mark.parametrize("renderer", ["mrkdwn", "markdown"])
    async def test_text_never_becomes_markup(self, stage: Stage, renderer: str) -> None:
        for text in HOSTILE:
            await stage.show(renderer, text)
            assert await stage.call("dangers()") == [], text

    async def test_blocks_never_carry_code_or_fetch_anything(self, stage: Stage) -> None:
        bad = "javascript:x()"
        text = "".join(HOSTILE)
        await stage.show(
            "blocks",
            [
                {
                    "type": "section",
                    "text": mrkdwn(text),
                    "accessory": {"type": "image", "image_url": bad, "alt_text": text},
                },
                {"type": text, "block_id": text},
                actions({"type": "button", "text": plain(text), "url": bad, "action_id": text}),
                actions({"type": "overflow", "options": [{**option(text, text), "url": bad}]}),
                {"type": "image", "image_url": bad, "alt_text": text, "title": plain(text)},
                {"type": "video", "title": plain(text), "title_url": bad, "alt_text": text},
                rich(
                    section(
                        {"type": "link", "url": bad, "text": text}, {"type": "color", "value": text}
                    )
                ),
                {
                    "type": "plan",
                    "title": text,
                    "tasks": [{"title": text, "sources": [{"url": bad, "text": text}]}],
                },
            ],
        )
        assert await stage.call("dangers()") == []

    @pytest.mark.parametrize("renderer", ["mrkdwn", "markdown"])
    async def test_any_mixture_of_markers_is_shown_and_harmless(
        self, stage: Stage, renderer: str
    ) -> None:
        """A mixture that ends in a word still shows that word, whatever stands before it."""
        draw = random.Random(7)  # noqa: S311 # the same mixtures each time, no secret
        pieces = [
            "*",
            "_",
            "~",
            "`",
            "```",
            "[",
            "](",
            ")",
            "<",
            ">",
            "|",
            "\n",
            "- ",
            "1. ",
            "> ",
            "# ",
            " ",
            "a",
            ":tada:",
            "https://a.test",
            "&lt;",
            "\\",
            "<@U1>",
            "!",
            "---\n",
        ]
        mixtures = ["".join(draw.choices(pieces, k=40)) + "\n\nend" for _ in range(400)]
        assert await stage.call("mixtures(...given)", renderer, mixtures) == []

    @pytest.mark.parametrize("renderer", ["mrkdwn", "markdown"])
    async def test_a_text_of_nothing_but_markers_takes_no_longer_than_its_length(
        self, stage: Stage, renderer: str
    ) -> None:
        units = [
            "*",
            "_*",
            "*a _b ~c ",
            "**a ",
            "[",
            "[a](",
            "[x](https://a.b)",
            "<",
            "`",
            "``a`",
            "```\n",
            "> ",
            ">- ",
            "- ",
            "\n- ",
            "a|b\n-|-\n",
            "|",
            "# ",
            "~",
            "\\",
            "&",
            ":a",
            "https://",
            " ",
        ]
        assert [unit for unit in units if not await _grows_in_step(stage, renderer, unit)] == []


async def _grows_in_step(stage: Stage, renderer: str, unit: str) -> bool:
    """Tell whether the work that a text makes grows with its length, and not with the square of it.

    What else the browser does in between only adds to it, so the least of several counts.
    """
    short, long = ((unit * size)[:size] for size in (LONGEST // TIMES, LONGEST))
    few = many = math.inf
    for _ in range(TRIES):
        few = min(few, await stage.work("repeat(...given)", renderer, short, REPEATS))
        many = min(many, await stage.work("repeat(...given)", renderer, long, 1))
        if many * REPEATS <= few * TIMES**1.5:
            return True
    return False


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gallery(chromium: Browser, files: str) -> AsyncIterator[Page]:
    page = await chromium.new_page()
    await page.goto(f"{files}/gallery.html")
    await page.wait_for_selector("[data-ready]", state="attached")
    yield page
    await page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_everything_is_readable_and_no_control_lacks_a_name(
    gallery: Page, theme: Literal["light", "dark"]
) -> None:
    """Text has the contrast of WCAG AA (4.5 : 1) with the page's own colours."""
    await gallery.emulate_media(color_scheme=theme)
    assert await gallery.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (
        theme == "dark"
    )
    assert await gallery.evaluate("gallery.faint()") == []
    assert await gallery.evaluate("gallery.nameless()") == []
