"""Wiki markup, in which Jira Data Center keeps rich text, to Markdown. Pure.

Macros that hold other text are taken apart first, then the lines between them, then the phrases of
a line. Each of the three goes over the text once, and no nesting is deeper than there are macros.
Source: Atlassian, "Text Formatting Notation Help", a page of every Jira Data Center.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.adf import CUT_NOTE, MAX_CHARACTERS
from slackbot.knowledge.text.markdown import fenced, one_line, quoted, table
from slackbot.knowledge.text.wiki_phrases import phrases_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LEVEL: Final = 6

_MACRO = re.compile(
    r"(?<!\\)\{(?P<name>code|noformat|quote|panel|info|note|tip|warning)(?::(?P<facts>[^{}\n]*))?\}"
)
_VERBATIM = frozenset({"code", "noformat"})
_LINE = re.compile(
    r"[ \t]*(?:h(?P<level>[1-6])\.[ \t]+(?P<heading>.*)"
    r"|bq\.[ \t]+(?P<quote>.*)"
    r"|(?P<bullets>[*#]+|-)[ \t]+(?P<item>.*)"
    r"|(?P<row>\|.*)"
    r"|(?P<rule>-{4,})[ \t]*"
    r"|(?P<words>.*))"
)


def wiki_to_markdown(markup: str, limit: int = MAX_CHARACTERS) -> str:
    """Convert a text, or as much of it as the limit in characters allows; say if it was cut."""
    text = markup[:limit].replace("\r\n", "\n")
    blocks = [*_blocks(text), *([CUT_NOTE] if len(markup) > limit else [])]
    return strip_invisible("\n\n".join(blocks))


@dataclass(slots=True)
class _Macro:
    """A macro that is open, and what was found in it so far."""

    name: str
    facts: str = ""
    blocks: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return what it shows. Facts are `title=…`, a language, and how it is to look."""
        facts = [fact.partition("=") for fact in self.facts.split("|")]
        title = next((value for name, _, value in facts if name.strip() == "title"), "")
        if self.name in _VERBATIM:
            language = next((name for name, is_named, _ in facts if not is_named), "")
            shown = fenced("".join(self.blocks).strip("\n"), language)
            return f"{_bold(title)}\n\n{shown}" if title.strip() else shown
        kind = "" if self.name in ("quote", "panel") else self.name.capitalize()
        head = ": ".join(filter(None, (kind, one_line(title))))
        return quoted("\n\n".join(filter(None, (_bold(head), *self.blocks))))


def _bold(words: str) -> str:
    return f"**{one_line(words)}**" if words else ""


def _blocks(text: str) -> list[str]:
    """Return the text block by block. A macro that nobody closed ends with the text."""
    opened = [_Macro("")]
    position = 0
    for mark in _MACRO.finditer(text):
        name, inner = mark["name"], opened[-1]
        if inner.name in _VERBATIM and name != inner.name:
            continue
        _add(text[position : mark.start()], inner)
        position = mark.end()
        if any(macro.name == name for macro in opened):
            _close(opened, name)
        else:
            opened.append(_Macro(name, mark["facts"] or ""))
    _add(text[position:], opened[-1])
    while len(opened) > 1:
        _close(opened, opened[-1].name)
    return opened[0].blocks


def _add(text: str, macro: _Macro) -> None:
    macro.blocks += [text] if macro.name in _VERBATIM else _lines_to_blocks(text)


def _close(opened: list[_Macro], name: str) -> None:
    """Close the macro of that name, and what was opened in it."""
    closed = ""
    while closed != name:
        macro = opened.pop()
        closed = macro.name
        opened[-1].blocks += filter(None, [macro.markdown()])


def _lines_to_blocks(text: str) -> list[str]:
    lines = [found for line in text.split("\n") if (found := _LINE.fullmatch(line))]
    groups = groupby(lines, key=_kind)
    return [block for kind, group in groups for block in _group(kind, list(group)) if block]


def _kind(line: re.Match[str]) -> str:
    """Return what the line is part of, by the name of the group that says so; nothing if empty."""
    if line["words"] is not None:
        return "words" if line["words"].strip() else ""
    return line.lastgroup or ""


def _group(kind: str, lines: list[re.Match[str]]) -> Iterator[str]:
    """Yield the blocks that lines of one kind make."""
    match kind:
        case "heading":
            for line in lines:
                words = one_line(phrases_to_markdown(line["heading"]))
                yield f"{'#' * int(line['level'])} {words}" if words else ""
        case "quote":
            yield quoted("\n\n".join(phrases_to_markdown(line["quote"]) for line in lines))
        case "item":
            yield _list((line["bullets"], phrases_to_markdown(line["item"])) for line in lines)
        case "row":
            yield table([_cells(line["row"]) for line in lines])
        case "rule":
            yield "---"
        case "words":
            yield "\n".join(phrases_to_markdown(line["words"]).strip() for line in lines)


@dataclass(frozen=True, slots=True)
class _Item:
    """The latest item of a list that is not at its end."""

    sign: str = "*"
    number: int = 1

    @property
    def bullet(self) -> str:
        return f"{self.number}. " if self.sign == "#" else "- "


def _list(items: Iterable[tuple[str, str]]) -> str:
    """Return the items line by line, each below the words of the one that it belongs to."""
    lines: list[str] = []
    opened: list[_Item] = []
    for bullets, words in items:
        level = min(len(bullets), MAX_LEVEL)
        sign = bullets[level - 1]
        before = opened[level - 1] if level <= len(opened) else None
        number = before.number + 1 if before is not None and before.sign == sign else 1
        opened = [*opened[: level - 1], *[_Item()] * (level - 1 - len(opened))]
        margin = " " * sum(len(item.bullet) for item in opened)
        opened.append(_Item(sign, number))
        lines.append(f"{margin}{opened[-1].bullet}{one_line(words)}")
    return "\n".join(lines)


def _cells(row: str) -> list[str]:
    """Return the cells of a row. Its phrases come first: links hold the sign between cells, too."""
    return re.split(r"\|+", phrases_to_markdown(row).strip().strip("|"))
