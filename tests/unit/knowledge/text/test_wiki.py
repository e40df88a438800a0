"""Wiki markup to Markdown: what each notation becomes, and that no text makes it fail or grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kit.growth import assert_linear, repeated
from slackbot.knowledge.text.adf import CUT_NOTE
from slackbot.knowledge.text.wiki import MAX_LEVEL, wiki_to_markdown

OF_OUR_OWN_MAKING = """\
h2. Roll *back*
See [the runbook|https://x.example/1], as [~ana] says.
bq. Take your time.
bq. And a backup.

# stop {{payctl}}
# wait
#* ten minutes
#* at _least_
# go on
- or not
----
||Who||Where||
|Ana|[here|https://x.example/2]|
|Ben| |

{panel:title=Beware|borderStyle=dashed}
Hot.
{quote}
Really *hot*.
{quote}
{panel}
{warning}Wet{warning}
{code:java|title=A.java}
int *x* = 1; // {quote}
{code}
{noformat}
raw
{noformat}
!shot.png|thumbnail! and [^log.txt]\
"""


def test_a_description_reads_as_markdown() -> None:
    assert wiki_to_markdown(OF_OUR_OWN_MAKING) == snapshot("""\
## Roll **back**

See [the runbook](https://x.example/1), as @ana says.

> Take your time.
>
> And a backup.

1. stop `payctl`
2. wait
   - ten minutes
   - at *least*
3. go on
- or not

---

| Who | Where |
| --- | --- |
| Ana | [here](https://x.example/2) |
| Ben |  |

> **Beware**
>
> Hot.
>
> > Really **hot**.

> **Warning**
>
> Wet

**A.java**

```java
int *x* = 1; // {quote}
```

```
raw
```

[attachment: shot.png] and [attachment: log.txt]\
""")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("*bold* and *so on*", "**bold** and **so on**"),
        ("_so_ -not- {{a_b*c}}", "*so* ~~not~~ `a_b*c`"),
        ("*_both_*", "***both***"),
        ("2 * 3 * 4, a_b_c, a-b-c, x - y - z", "2 * 3 * 4, a_b_c, a-b-c, x - y - z"),
        ("use -v and -x", "use -v and -x"),
        ("{color:red}red{color} {anchor:top}top", "red top"),
        ("[https://x.example]", "<https://x.example>"),
        ("[a|https://x.example|tip]", "[a](https://x.example)"),
        ("[*a*|https://x.example]", "[**a**](https://x.example)"),
        ("[a|PAY-1] list[0] [mailto:a@x.example]", "a list[0] [mailto:a@x.example]"),
        ("[click|javascript:alert(1)]", "click"),
        ("[~accountid:5b10] [~ana]", "@someone @ana"),
        (
            "!https://x.example/a.png! !a.png! wow!",
            "<https://x.example/a.png> [attachment: a.png] wow!",
        ),
        (r"\*not bold\* \{code} C:\dir", r"*not bold* {code} C:\dir"),
        ("one\\\\ two\\\\\nthree", "one\n two\nthree"),
        ("one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree"),
        ("h1. \nh7. x\nh3.x", "h7. x\nh3.x"),
        ("# a\n# b\n\n# c", "1. a\n2. b\n\n1. c"),
        ("* a\n# b\n# c", "- a\n1. b\n2. c"),
        ("*** deep\n* not", "    - deep\n- not"),
        ("*" * 99 + " x", " " * 2 * (MAX_LEVEL - 1) + "- x"),
        ("|a|b|c\n|d|", "| a | b | c |\n| --- | --- | --- |\n| d |  |  |"),
        ("{code}a{code}", "```\na\n```"),
        ("{code:title=x.py|python}a{code}", "**x.py**\n\n```python\na\n```"),
        ("{code}\nopen {quote} to the end", "```\nopen {quote} to the end\n```"),
        ("{quote}open {panel}to {quote}the end", "> open\n>\n> > to\n\nthe end"),
        ("{panel}{panel}", ""),
        ("{info:title=a\u202eb}c{info}", "> **Info: ab**\n>\n> c"),
        ("", ""),
    ],
)
def test_each_notation_reads_as_what_it_means(markup: str, expected: str) -> None:
    assert wiki_to_markdown(markup) == expected


def test_a_text_over_the_bound_is_cut_and_says_so() -> None:
    assert wiki_to_markdown("x" * 51, limit=50) == f"{'x' * 50}\n\n{CUT_NOTE}"


@pytest.mark.parametrize(
    "piece",
    ["{code:a}", "{quote}{panel}", "{color:", "*a ", "[a|", "||a", "_a*b-c ", "!a.b|", "{{a",
     "# x\n", "h1. ", "* ", "\\", "-a ", "*", "|\n", "\t"],
)  # fmt: skip
def test_a_hostile_text_costs_little(piece: str) -> None:
    assert_linear(wiki_to_markdown, repeated(piece), 48_000)
    assert len(wiki_to_markdown(piece * 5_000, limit=10_000)) < 50 * 10_000


@given(
    st.lists(
        st.sampled_from(
            ["{code}", "{code:title=a}", "{quote}", "{panel:title=b}", "{noformat}", "h1. ", "* ",
             "## ", "|", "||", "*", "_", "-", "[", "]", "!", "a.png", "{{", "}}", "\\", "\n",
             "\n\n", "----"]
        )
        | st.text(max_size=5)
    ).map("".join)
)  # fmt: skip
def test_no_text_raises(markup: str) -> None:
    assert isinstance(wiki_to_markdown(markup), str)


@given(st.lists(st.text(alphabet="abc xyz", min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_no_word_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    for before, after in (("{quote}", "{quote}"), ("* ", ""), ("|", "|"), ("{panel}", "{panel}")):
        assert text.split() == wiki_to_markdown(f"{before}{text}{after}").strip("> -|\n").split()
